/**
 * The queue on Redis, by BullMQ, for workers on several machines.
 *
 * Of BullMQ serve: its queue and flows (what is stored), `getNextJob` (the claim), the lock (the lease, whose token
 * fences every write), the stalled check (a lost worker), attempts and delays, and dependencies (parents). Not its own
 * processing loop: that fails a job with attempts left when a worker is lost twice, and lets a parent wait for ever for
 * a child that failed. In keys of its own this queue keeps: `order`, the jobs in the order of their making; `cancelled`,
 * those that are to stop; `crashes`, how many lost workers a retry has forgiven.
 *
 * 1. The lock's token is new for each claim, so that a late worker has none; the number of the claim is BullMQ's count
 *    of starts.
 * 2. What two commands write is written so that a process that dies between them harms nobody: an entry of `order`
 *    without a job is passed over, a parent that is claimed while its children run is put back.
 */
import { randomUUID } from 'node:crypto'
import type { Job as BullJob } from 'bullmq'
import type { Redis } from 'ioredis'
import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import { isLost, openConnections, type Connections } from './bullmq-connections.js'
import { endingError, isHollow, PENDING_STATES, stateOf, told, type Envelope } from './bullmq-jobs.js'
import { ownKey, serverNowMs, storeJobs } from './bullmq-store.js'
import { childFailed, killsWorker, lostJob, unknownJob, wrongState } from './job-errors.js'
import { isFinished, jobIdOf, type ChildRule, type Claim, type Job, type JobError } from './job.js'
import type { JobProgress, JobState, Json } from './job.js'
import { checkRule, jsonText, resolveJob, resolveQueueOptions } from './job-options.js'
import type { JobPage, JobQueue, ListOptions, NewJob, QueueOptions } from './job-queue.js'

const REMOVED_AT_ONCE = 1_000
const LISTED_AT_ONCE = 100
/** BullMQ's code of a job that cannot go on: a child failed by the rule 'fail'. */
const HAS_FAILED_CHILD = -9

/** Options of a queue on Redis. */
export interface BullmqQueueOptions extends QueueOptions {
  /** What the keys in Redis begin with. @defaultValue 'shardyard' */
  readonly prefix?: string
}

/**
 * Opens the queue of a Redis server with the packages bullmq and ioredis, which are loaded now.
 *
 * @throws SY_DRIVER_MISSING, SY_QUEUE_DOWN, SY_OPTION_INVALID
 */
export async function openBullmqQueue(url: string, options: BullmqQueueOptions = {}): Promise<JobQueue> {
  const { prefix = 'shardyard', ...rest } = options
  const resolved = resolveQueueOptions(rest)
  return new BullmqQueue(await openConnections(url, prefix, resolved), resolved)
}

class BullmqQueue implements JobQueue {
  readonly address: string
  readonly #listeners = new Set<() => void>()
  readonly #held = new WeakMap<Claim, { readonly job: BullJob<Envelope>; readonly token: string }>()
  #closing: Promise<void> | undefined

  constructor(
    private readonly server: Connections,
    readonly options: Required<QueueOptions>,
  ) {
    this.address = server.address
  }

  async enqueue(job: NewJob): Promise<string> {
    const [id = ''] = await this.enqueueMany([job])
    return id
  }

  async enqueueMany(jobs: readonly NewJob[]): Promise<readonly string[]> {
    const resolved = jobs.map((job) => resolveJob(job))
    await this.#ask((server) => storeJobs(server, resolved))
    for (const listener of this.#listeners) listener()
    return resolved.map(({ id }) => id)
  }

  async claim(_owner: string, limit: number): Promise<readonly Claim[]> {
    const worker = await this.#ask((server) => server.worker())
    const claims: Claim[] = []
    while (claims.length < limit) {
      const token = randomUUID()
      const job = await this.#ask(() => worker.getNextJob(token, { block: false }))
      if (job === undefined) break
      if (await this.#isOver(job, token)) continue
      const claim = { job: await this.#tell(job, 'active') }
      this.#held.set(claim, { job, token })
      claims.push(claim)
    }
    return claims
  }

  async renew(claim: Claim, progress?: JobProgress): Promise<{ readonly isCancelRequested: boolean }> {
    const { job, token } = this.#mine(claim)
    return this.#ask(async ({ redis }) => {
      if ((await job.extendLock(token, this.options.leaseMs)) !== 1) throw lostJob(claim)
      if (progress !== undefined) await job.updateProgress({ ...progress })
      return { isCancelRequested: (await redis.sismember(this.#key('cancelled'), claim.job.id)) === 1 }
    })
  }

  async complete(claim: Claim, result: Json): Promise<void> {
    jsonText('result', result)
    await this.#write(claim, async (job, token) => {
      await this.#freeChildren(job)
      await job.moveToCompleted(result, token, false)
    })
  }

  async fail(claim: Claim, error: JobError, { mayRetry = true } = {}): Promise<JobState> {
    const isLast = !mayRetry || claim.job.failures + 1 >= claim.job.attempts
    await this.#write(claim, (job, token) => job.moveToFailed(endingError(error, isLast), token, false))
    if (isLast) await this.#ask(({ redis }) => redis.srem(this.#key('cancelled'), claim.job.id))
    return isLast ? 'failed' : 'pending'
  }

  async release(claim: Claim): Promise<void> {
    await this.#write(claim, (job, token) => job.moveToWait(token))
  }

  async stopped(claim: Claim): Promise<void> {
    await this.#write(claim, (job, token) => this.#endCancelled(job, token))
  }

  async spawn(claim: Claim, children: readonly NewJob[], rule: ChildRule): Promise<void> {
    const { id, fence } = claim.job
    // Named after the claim: should this process die now, whoever claims the job finds them and waits for them.
    const named = children.map((child, at) => resolveJob(child, 2, jobIdOf('child', `${id}/${fence}/${at}`)))
    checkRule(rule)
    await this.renew(claim)
    await this.#write(claim, async (job, token) => {
      await this.#ask((server) => storeJobs(server, named, { rule, parent: { id, queue: job.queueQualifiedName } }))
      await this.#waitForChildren(job, token)
    })
  }

  async children(id: string): Promise<readonly Job[]> {
    const jobs = await Promise.all((await this.#childrenOf(id)).map((child) => this.show(String(child.id))))
    return jobs.filter((job) => job !== undefined)
  }

  async cancel(id: string): Promise<JobState> {
    const { state } = await this.#known(id)
    if (isFinished(state)) throw wrongState(id, state, 'cancelled')
    await this.#ask(({ redis }) => redis.sadd(this.#key('cancelled'), id))
    if (state === 'pending') {
      const children = await this.children(id)
      for (const child of children) if (!isFinished(child.state)) await this.cancel(child.id)
      // A worker sweeps it out as soon as it may be run; its parent hears of it then. Only a delayed one is promoted.
      const job = await this.#load(id)
      await this.#ask(() => job.promote()).catch(passRefusal)
    }
    return (await this.#known(id)).state
  }

  async retry(id: string): Promise<void> {
    const { state } = await this.#known(id)
    if (!mayBeRetried(state)) throw wrongState(id, state, 'retried')
    const children = await this.children(id)
    for (const child of children) if (mayBeRetried(child.state)) await this.retry(child.id)
    await this.#ask(async ({ redis }) => {
      const job = await this.#load(id)
      await redis.hset(this.#key('crashes'), id, job.stalledCounter)
      await redis.srem(this.#key('cancelled'), id)
      if ((await job.getState()) === 'failed') await job.retry('failed', { resetAttemptsMade: true })
    })
    for (const listener of this.#listeners) listener()
  }

  async show(id: string): Promise<Job | undefined> {
    for (;;) {
      // State and job are two questions: asked around it, a state that stays the same is that of the job.
      const [before, job, after] = await this.#ask(({ bullmq, queue }) =>
        Promise.all([queue.getJobState(id), bullmq.Job.fromId<Envelope>(queue, id), queue.getJobState(id)]),
      )
      if (before === after) return job === undefined || isHollow(job) ? undefined : this.#tell(job, after)
    }
  }

  async list({ state, kinds, limit = 50, after }: ListOptions = {}): Promise<JobPage> {
    checkInteger('limit', limit, { min: 1, max: 1_000 })
    if (after !== undefined && !/^\d{1,15}$/.test(after)) {
      throw new ShardyardError('SY_OPTION_INVALID', 'Expected `after` to be the `next` of the page before.')
    }
    const found: { job: Job; place: string }[] = []
    let last = after
    while (found.length <= limit) {
      const upTo = last === undefined ? '+inf' : `(${last}`
      const entries = await this.#ask(({ redis }) =>
        redis.zrevrangebyscore(this.#key('order'), upTo, '-inf', 'WITHSCORES', 'LIMIT', 0, LISTED_AT_ONCE),
      )
      if (entries.length === 0) break
      const places = entries.filter((_, index) => index % 2 === 1)
      const jobs = await Promise.all(entries.filter((_, index) => index % 2 === 0).map((id) => this.show(id)))
      for (const [index, job] of jobs.entries()) {
        const isAsked = job !== undefined && (state ?? job.state) === job.state && (kinds?.includes(job.kind) ?? true)
        if (isAsked) found.push({ job, place: places[index] ?? '' })
      }
      last = places.at(-1)
    }
    const page = found.slice(0, limit)
    return { jobs: page.map(({ job }) => job), next: found.length > limit ? page.at(-1)?.place : undefined }
  }

  async counts(): Promise<Readonly<Record<JobState, number>>> {
    return this.#ask(async ({ queue, redis }) => {
      const all = await queue.getJobCounts()
      const [running = 0, complete = 0] = [all['active'], all['completed']]
      const counts = { pending: 0, running, complete, failed: all['failed'] ?? 0, cancelled: 0 }
      for (const name of PENDING_STATES) counts.pending += all[name] ?? 0
      for (const id of await redis.smembers(this.#key('cancelled'))) {
        const state = stateOf(await queue.getJobState(id), false)
        if (state !== 'pending' && state !== 'failed') continue
        counts[state] -= 1
        counts.cancelled += 1
      }
      return counts
    })
  }

  async oldestDueMs(): Promise<number | undefined> {
    return this.#ask(async ({ queue, redis }) => {
      const [oldest] = await queue.getJobs(['waiting', 'prioritized'], 0, 0, true)
      if (oldest === undefined) return undefined
      return Math.max(0, (await serverNowMs(redis)) - oldest.timestamp - (oldest.opts.delay ?? 0))
    })
  }

  async prune(): Promise<number> {
    return this.#ask(async ({ queue, redis }) => {
      // BullMQ takes the moment from this process's clock; what that is off is added back.
      const graceMs = this.options.keepMs + Date.now() - (await serverNowMs(redis))
      const removed = [...(await queue.clean(graceMs, 0, 'completed')), ...(await queue.clean(graceMs, 0, 'failed'))]
      for (let at = 0; at < removed.length; at += REMOVED_AT_ONCE) {
        const some = removed.slice(at, at + REMOVED_AT_ONCE)
        await redis.zrem(this.#key('order'), ...some)
        await redis.srem(this.#key('cancelled'), ...some)
        await redis.hdel(this.#key('crashes'), ...some)
      }
      return removed.length
    })
  }

  mayPass(error: unknown): boolean {
    return error instanceof ShardyardError && error.code === 'SY_QUEUE_DOWN' && error.details['kind'] !== 'refused'
  }

  onEnqueued(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): Promise<void> {
    this.#listeners.clear()
    this.#closing ??= this.server.close()
    return this.#closing
  }

  /** Puts an end to a job that is not to be run after all, or back what is not due: the claim goes on to the next. */
  async #isOver(job: BullJob<Envelope>, token: string): Promise<boolean> {
    const id = String(job.id)
    return this.#ask(async ({ redis }) => {
      if (isHollow(job)) {
        await job.moveToFailed(endingError({ code: 'JOB_EVICTED', message: 'Redis has lost it.' }, true), token, false)
        await job.remove()
        await redis.zrem(this.#key('order'), id)
        return true
      }
      if ((await redis.sismember(this.#key('cancelled'), id)) === 1) {
        await this.#endCancelled(job, token)
        return true
      }
      const reason = await this.#reasonToFail(job, redis)
      if (reason !== undefined) {
        await job.moveToFailed(endingError(reason, true), token, false)
        return true
      }
      const mayHaveChildren = job.data.hasChildren || job.attemptsStarted > 1
      if (!mayHaveChildren || !(await this.#mustWait(job))) return false
      return job.moveToWaitingChildren(token)
    })
  }

  async #reasonToFail(job: BullJob<Envelope>, redis: Redis): Promise<JobError | undefined> {
    if (job.deferredFailure) return childFailed(/:(j[0-9a-f]+) failed/.exec(job.deferredFailure)?.[1] ?? 'job')
    if (job.stalledCounter === 0) return undefined
    const crashes = job.stalledCounter - Number((await redis.hget(this.#key('crashes'), String(job.id))) ?? 0)
    return crashes >= this.options.crashesMax ? killsWorker(crashes) : undefined
  }

  /** Whether children of a claimed job run: the process that made them died, or it was retried with them. */
  async #mustWait(job: BullJob<Envelope>): Promise<boolean> {
    const { unprocessed = [], ignored = {} } = await job.getDependencies()
    if (unprocessed.length === 0) return false
    const [failed] = await this.#loadAll(Object.keys(ignored).slice(0, 1))
    return failed?.data.rule !== 'go-on'
  }

  /** Puts a running job back until its children have settled; they may have done so already. */
  async #waitForChildren(job: BullJob<Envelope>, token: string): Promise<void> {
    try {
      if (!(await job.moveToWaitingChildren(token))) await job.moveToWait(token)
    } catch (error) {
      if ((error as { code?: unknown }).code !== HAS_FAILED_CHILD) throw error
      await job.moveToFailed(endingError(childFailed('job'), true), token, false)
    }
  }

  /** BullMQ does not complete a job whose children run, which the rule 'go-on' asks for. */
  async #freeChildren(job: BullJob<Envelope>): Promise<void> {
    if (!job.data.hasChildren && job.attemptsStarted === 1) return
    const { unprocessed = [] } = await job.getDependencies()
    for (const child of await this.#loadAll(unprocessed)) await child.removeChildDependency()
  }

  async #endCancelled(job: BullJob<Envelope>, token: string): Promise<void> {
    await this.#ask(({ redis }) => redis.sadd(this.#key('cancelled'), String(job.id)))
    await job.moveToFailed(endingError({ code: 'JOB_CANCELLED', message: 'It was cancelled.' }, true), token, false)
  }

  async #childrenOf(id: string): Promise<BullJob<Envelope>[]> {
    const job = await this.#load(id)
    const { processed = {}, unprocessed = [], ignored = {}, failed = [] } = await this.#ask(() => job.getDependencies())
    const jobs = await this.#loadAll([...Object.keys(processed), ...unprocessed, ...Object.keys(ignored), ...failed])
    return jobs.toSorted((a, b) => a.data.index - b.data.index)
  }

  async #load(id: string): Promise<BullJob<Envelope>> {
    const job = await this.#ask(({ bullmq, queue }) => bullmq.Job.fromId<Envelope>(queue, id))
    if (job === undefined) throw unknownJob(id)
    return job
  }

  /** Jobs by their keys in Redis, without those that are gone. */
  async #loadAll(keys: readonly string[]): Promise<BullJob<Envelope>[]> {
    const ids = keys.map((key) => key.slice(key.lastIndexOf(':') + 1))
    const jobs = await this.#ask(({ bullmq, queue }) =>
      Promise.all(ids.map((id) => bullmq.Job.fromId<Envelope>(queue, id))),
    )
    return jobs.filter((job) => job !== undefined)
  }

  async #known(id: string): Promise<Job> {
    const job = await this.show(id)
    if (job === undefined) throw unknownJob(id)
    return job
  }

  /** A job of which BullMQ's state is known, as the contract tells it. */
  async #tell(job: BullJob<Envelope>, bullState: string): Promise<Job> {
    const id = String(job.id)
    return this.#ask(async ({ redis }) => {
      const [isCancelled, forgiven] = await Promise.all([
        redis.sismember(this.#key('cancelled'), id),
        job.stalledCounter === 0 ? null : redis.hget(this.#key('crashes'), id),
      ])
      const counts = bullState === 'waiting-children' ? await job.getDependenciesCount({ unprocessed: true }) : {}
      return told(job, {
        state: stateOf(bullState, isCancelled === 1),
        isCancelRequested: isCancelled === 1,
        waitsFor: counts.unprocessed ?? 0,
        forgiven: Number(forgiven),
      })
    })
  }

  #mine(claim: Claim): { readonly job: BullJob<Envelope>; readonly token: string } {
    const held = this.#held.get(claim)
    if (held === undefined) throw lostJob(claim)
    return held
  }

  async #write(claim: Claim, work: (job: BullJob<Envelope>, token: string) => Promise<unknown>): Promise<void> {
    const { job, token } = this.#mine(claim)
    await this.#ask(async () => {
      try {
        await work(job, token)
      } catch (error) {
        throw isLost(error) ? lostJob(claim, error) : error
      }
    })
  }

  #key(name: Parameters<typeof ownKey>[1]): string {
    return ownKey(this.server.queue, name)
  }

  #ask<T>(question: (server: Connections) => Promise<T>): Promise<T> {
    return this.server.ask(() => question(this.server))
  }
}

function mayBeRetried(state: JobState): boolean {
  return state === 'failed' || state === 'cancelled'
}

/** BullMQ refuses by an error with a code what the state of a job does not allow. */
function passRefusal(error: unknown): void {
  if ((error as { code?: unknown }).code === undefined || error instanceof ShardyardError) throw error
}
