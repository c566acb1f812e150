/** Random histories of one queue against the table of states in `job.ts`. A worker that dies is one of the commands. */
import { assert, asyncModelRun, asyncProperty, commands, nat, type AsyncCommand } from 'fast-check'
import type { Claim, JobState } from 'shardyard/src/pipeline/jobs/job'
import type { JobQueue } from 'shardyard/src/pipeline/jobs/job-queue'
import { jobOf, type QueueHome } from './queues'

const ATTEMPTS = 2
const CRASHES_MAX = 2
/** Runs out only when the model says so. */
const LEASE_MS = 60_000

interface ModelJob {
  state: JobState
  failures: number
  crashes: number
  fence: number
  isCancelRequested: boolean
}

interface Model {
  readonly jobs: Map<string, ModelJob>
}

interface Real {
  readonly queue: JobQueue
  readonly claims: Claim[]
  /** Moves the time on until every lease has run out. */
  expire(): Promise<void>
}

const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)]
const lost = { code: 'SY_JOB_LOST' }

class Step implements AsyncCommand<Model, Real> {
  constructor(
    private readonly name: string,
    private readonly at: number,
    private readonly work: (model: Model, real: Real, at: number) => Promise<void>,
  ) {}
  check = () => true
  async run(model: Model, real: Real) {
    await this.work(model, real, this.at)
    for (const [id, { state, failures, crashes, fence }] of model.jobs) {
      expect(await jobOf(real.queue, id)).toMatchObject({ state, failures, crashes, fence })
    }
  }
  toString = () => `${this.name}(${this.at})`
}

/** A word of a worker: it counts under the number of the latest claim, and while the job runs. */
function word(say: (queue: JobQueue, claim: Claim) => Promise<unknown>, apply: (job: ModelJob) => void) {
  return async (model: Model, { queue, claims }: Real, at: number) => {
    const claim = pick(claims, at)
    const job = model.jobs.get(claim?.job.id ?? '')
    if (claim === undefined || job === undefined) return
    if (job.state !== 'running' || job.fence !== claim.job.fence) {
      await expect(say(queue, claim)).rejects.toMatchObject(lost)
      return
    }
    await say(queue, claim)
    apply(job)
  }
}

const STEPS: Readonly<Record<string, (model: Model, real: Real, at: number) => Promise<void>>> = {
  async enqueue(model, { queue }) {
    const id = await queue.enqueue({ kind: 'work', data: 1, attempts: ATTEMPTS, backoffMs: 0 })
    model.jobs.set(id, { state: 'pending', failures: 0, crashes: 0, fence: 0, isCancelRequested: false })
  },
  async claim(model, { queue, claims }) {
    const [claim] = await queue.claim('model', 1)
    const pending = [...model.jobs.values()].filter(({ state }) => state === 'pending')
    expect(claim === undefined).toBe(pending.length === 0)
    const job = model.jobs.get(claim?.job.id ?? '')
    if (claim === undefined || job === undefined) return
    expect(job.state).toBe('pending')
    job.state = 'running'
    job.fence += 1
    claims.push(claim)
  },
  complete: word(
    (queue, claim) => queue.complete(claim, 'done'),
    (job) => (job.state = 'complete'),
  ),
  fail: word(
    (queue, claim) => queue.fail(claim, { code: 'ERROR', message: 'It broke.' }),
    (job) => (job.state = ++job.failures >= ATTEMPTS ? 'failed' : 'pending'),
  ),
  release: word(
    (queue, claim) => queue.release(claim),
    (job) => (job.state = 'pending'),
  ),
  stopped: word(
    (queue, claim) => queue.stopped(claim),
    (job) => (job.state = 'cancelled'),
  ),
  renew: word(
    (queue, claim) => queue.renew(claim, { done: 1 }),
    () => undefined,
  ),
  async cancel(model, { queue }, at) {
    const [id, job] = pick([...model.jobs], at) ?? []
    if (id === undefined || job === undefined) return
    if (job.state === 'running') job.isCancelRequested = true
    else if (job.state === 'pending') job.state = 'cancelled'
    else return expect(queue.cancel(id)).rejects.toMatchObject({ code: 'SY_JOB_STATE' })
    expect(await queue.cancel(id)).toBe(job.state)
  },
  async retry(model, { queue }, at) {
    const [id, job] = pick([...model.jobs], at) ?? []
    if (id === undefined || job === undefined) return
    if (job.state !== 'failed' && job.state !== 'cancelled') {
      await expect(queue.retry(id)).rejects.toMatchObject({ code: 'SY_JOB_STATE' })
      return
    }
    await queue.retry(id)
    Object.assign(job, { state: 'pending', failures: 0, crashes: 0, isCancelRequested: false })
  },
  async die(model, real) {
    await real.expire()
    // Whoever looks next notices; a job that it is given at once is handed back.
    const [claim] = await real.queue.claim('next', 1)
    for (const job of model.jobs.values()) {
      if (job.state !== 'running') continue
      job.crashes += 1
      job.state = job.isCancelRequested ? 'cancelled' : job.crashes >= CRASHES_MAX ? 'failed' : 'pending'
    }
    const next = model.jobs.get(claim?.job.id ?? '')
    if (claim === undefined || next === undefined) return
    next.fence += 1
    await real.queue.release(claim)
  },
}

const steps = Object.entries(STEPS).map(([name, work]) => nat(7).map((at) => new Step(name, at, work)))

/** Plays random histories on a queue of this home, and throws the shortest one that ends unlike the model. */
export async function playHistories(home: QueueHome, times: number): Promise<void> {
  const property = asyncProperty(commands(steps, { maxCommands: 60, size: '+1' }), async (history) => {
    await home.clear()
    const queue = await home.open({ leaseMs: LEASE_MS, crashesMax: CRASHES_MAX })
    const expire = () => home.age(2 * LEASE_MS)
    await asyncModelRun(() => ({ model: { jobs: new Map() }, real: { queue, claims: [], expire } }), history)
    await queue.close()
  })
  await assert(property, { numRuns: times })
}
