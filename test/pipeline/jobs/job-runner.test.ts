import { Cluster, defineCluster, ShardyardError } from 'shardyard'
import { afterChildren, JobRunner, type JobContext, type JobHandler } from 'shardyard/src/pipeline/jobs/job-runner'
import type { JobEvent, RunnerOptions } from 'shardyard/src/pipeline/jobs/job-runner'
import type { JobQueue } from 'shardyard/src/pipeline/jobs/job-queue'
import { jobOf, LEASE_MS, QUEUES, type QueueHome } from './queues'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await pause(5)
}
/** A handler that ends when it is told to. */
const untilAborted = ({ signal }: JobContext): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

describe.each(QUEUES)('a runner on $name', (engine) => {
  let home: QueueHome
  let queue: JobQueue
  let cluster: Cluster
  beforeAll(async () => {
    home = await engine.makeHome('runner')
    cluster = await Cluster.open(defineCluster({ databases: {}, placement: [] }))
  })
  beforeEach(async () => {
    await home.clear()
    queue = await home.open()
  })
  afterEach(() => queue.close())
  afterAll(async () => {
    await home.close()
    await cluster.close()
  })

  const runUntilIdle = async (handlers: Record<string, JobHandler>, options: RunnerOptions = {}) => {
    const events: JobEvent[] = []
    const told = { pollMs: 20, isUntilIdle: true, onEvent: (event: JobEvent) => void events.push(event) }
    await new JobRunner(queue, handlers, cluster, { ...told, ...options }).run()
    return events.map(({ kind }) => kind)
  }

  test('runs as many jobs side by side as it may, and ends when there is nothing left', async () => {
    const ids = await queue.enqueueMany(Array.from({ length: 7 }, (_, data) => ({ kind: 'work', data })))
    let [now, most] = [0, 0]
    const work: JobHandler = async ({ job }) => {
      most = Math.max(most, ++now)
      await pause(20)
      now -= 1
      return Number(job.data) * 2
    }
    await runUntilIdle({ work }, { concurrency: 3 })
    expect(most).toBe(3)
    expect(await Promise.all(ids.map(async (id) => (await jobOf(queue, id)).result))).toEqual([0, 2, 4, 6, 8, 10, 12])
  })

  test('tries again what throws, but not what is wrong for good or has no handler', async () => {
    let times = 0
    const flaky: JobHandler = async () => {
      if (++times < 3) throw new Error('not yet')
      return 'at last'
    }
    const hopeless: JobHandler = () => queue.enqueue({ kind: 'NO', data: 1 })
    const unready: JobHandler = async () => {
      throw new ShardyardError('SY_SCHEMA_DRIFT', 'Run "shardyard migrate" first.')
    }
    const [first = '', second = '', third = '', fourth = ''] = await queue.enqueueMany([
      { kind: 'flaky', data: 1, backoffMs: 10 },
      { kind: 'hopeless', data: 1 },
      { kind: 'unknown', data: 1, attempts: 1 },
      { kind: 'unready', data: 1 },
    ])
    await runUntilIdle({ flaky, hopeless, unready })
    expect(await jobOf(queue, fourth)).toMatchObject({
      state: 'failed',
      failures: 1,
      error: { code: 'SY_SCHEMA_DRIFT' },
    })
    expect(await jobOf(queue, first)).toMatchObject({ state: 'complete', failures: 2, result: 'at last' })
    expect(await jobOf(queue, second)).toMatchObject({
      state: 'failed',
      failures: 1,
      error: { code: 'SY_OPTION_INVALID' },
    })
    expect((await jobOf(queue, third)).error?.message).toBe(
      'This worker has no handler for jobs of the kind "unknown".',
    )
  })

  test('keeps the lease of a long job, and stores its progress', async () => {
    const id = await queue.enqueue({ kind: 'long', data: 1 })
    const long: JobHandler = async ({ progress }) => {
      for (let done = 1; done <= 8; done++) {
        progress(done, 8)
        await pause(LEASE_MS / 4)
      }
      return (await jobOf(queue, id)).progress?.total ?? null
    }
    const other = new AbortController()
    const others: string[] = []
    const second = new JobRunner(queue, { long: async () => 'stolen' }, cluster, {
      pollMs: 20,
      signal: other.signal,
      onEvent: ({ kind }) => others.push(kind),
    })
    const first = runUntilIdle({ long })
    await pause(50)
    const running = second.run()
    expect(await first).toEqual(['started', 'complete'])
    other.abort()
    await running
    expect([others, await jobOf(queue, id)]).toEqual([[], expect.objectContaining({ result: 8, fence: 1 })])
  })

  test('lets a handler know that its job was cancelled', async () => {
    const id = await queue.enqueue({ kind: 'endless', data: 1 })
    let isStarted = false
    const endless: JobHandler = (context) => {
      isStarted = true
      return untilAborted(context)
    }
    const running = runUntilIdle({ endless })
    await until(() => isStarted)
    expect(await queue.cancel(id)).toBe('running')
    expect(await running).toEqual(['started', 'cancelled'])
    expect((await jobOf(queue, id)).state).toBe('cancelled')
  })

  test('hands its jobs back when it is stopped, and waits for those that end in time', async () => {
    const [quick = '', endless = ''] = await queue.enqueueMany([
      { kind: 'quick', data: 1 },
      { kind: 'endless', data: 1 },
    ])
    const stop = new AbortController()
    const handlers = { quick: () => pause(50).then(() => 'done'), endless: untilAborted }
    const started: unknown[] = []
    const running = runUntilIdle(handlers, {
      concurrency: 2,
      graceMs: 150,
      signal: stop.signal,
      isUntilIdle: false,
      onEvent: (event) => started.push(event),
    })
    await until(() => started.length === 2)
    stop.abort()
    await running
    expect(await jobOf(queue, quick)).toMatchObject({ state: 'complete', result: 'done' })
    expect(await jobOf(queue, endless)).toMatchObject({ state: 'pending', failures: 0, crashes: 0 })
    expect((await queue.claim('next', 2)).map(({ job }) => job.id)).toEqual([endless])
  })

  test('runs a parent again with the results of the children that it asked for', async () => {
    const whole: JobHandler = async ({ children }) => {
      const parts = await children()
      if (parts.length > 0) return parts.map(({ result }) => result ?? null)
      return afterChildren([1, 2, 3].map((data) => ({ kind: 'part', data })))
    }
    const part: JobHandler = async ({ job }) => Number(job.data) * 10
    const id = await queue.enqueue({ kind: 'whole', data: null })
    await runUntilIdle({ whole, part }, { concurrency: 2 })
    expect(await jobOf(queue, id)).toMatchObject({ state: 'complete', result: [10, 20, 30], fence: 2, failures: 0 })
  })
})
