/**
 * Works jobs off: takes them from a queue, runs their handlers, keeps their leases.
 *
 * States of a runner: working → stopping → stopped
 *   working   takes as many jobs as it has hands free                                   {@link JobRunner.run}
 *   stopping  takes no more; waits for its handlers, then aborts them; hands back what was not done
 *   stopped   holds no lease                                                            `run` returns
 * What becomes of a job that was taken is in `#execute`: it ends in exactly one word to the queue, or in none, when the
 * queue says that the job is somebody else's by now.
 */
import { hostname } from 'node:os'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import { sleep, within } from '../../util/sleep.js'
import { withSpan } from '../../util/tracing.js'
import type { JobFiles } from './job-files.js'
import { JobLease } from './job-lease.js'
import { jobErrorOf } from './job-errors.js'
import type { ChildRule, Claim, Job, JobProgress, Json } from './job.js'
import type { JobQueue, NewJob } from './job-queue.js'
import type { UploadStore } from '../uploads/upload-store.js'

/** What a handler is given. */
export interface JobContext {
  readonly job: Job
  readonly cluster: Cluster
  /** Aborts when the job is cancelled, lost to another worker, or the runner stops; the handler then ends soon. */
  readonly signal: AbortSignal
  /** Tells how far the job is; may be called often. */
  readonly progress: (done: number, total?: number, note?: string) => void
  /** The same, for those who have more to tell. */
  readonly tell: (progress: JobProgress) => void
  /** The children of the job, in the order of their making. */
  readonly children: () => Promise<readonly Job[]>
}

/** Runs the jobs of one kind; answers a small result, or {@link afterChildren}. What it does must bear a repetition. */
export type JobHandler = (context: JobContext) => Promise<Json | AfterChildren>

/** Options of {@link JobRunner}. */
export interface RunnerOptions {
  /** Jobs at the same time. @defaultValue 1 */
  readonly concurrency?: number
  /** How long between two looks for work that others have stored. @defaultValue 1000 */
  readonly pollMs?: number
  /** How long handlers may go on once the runner is to stop. @defaultValue 10000 */
  readonly graceMs?: number
  /** Stop when no job is pending or running. @defaultValue false */
  readonly isUntilIdle?: boolean
  /** Files of jobs, removed with the jobs that are not kept any more. @defaultValue none */
  readonly files?: JobFiles
  /** Uploads, removed when they have not been used for long. @defaultValue none */
  readonly uploads?: UploadStore
  /** Stops the runner. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: JobEvent) => void
}

/** What a runner tells. */
export type JobEvent =
  | { readonly kind: 'started' | 'complete' | 'cancelled' | 'released' | 'waiting-for-children'; readonly job: Job }
  | { readonly kind: 'failed' | 'retrying'; readonly job: Job; readonly error: unknown }
  /** Another worker has the job by now; what this one did is not kept. */
  | { readonly kind: 'lost'; readonly job: Job }
  | { readonly kind: 'pruned'; readonly jobs: number }
  /** The queue does not answer; the runner asks again. */
  | { readonly kind: 'waiting-for-queue'; readonly message: string }

/** What a handler answers to be run again when children have settled. */
export class AfterChildren {
  constructor(
    readonly children: readonly NewJob[],
    readonly rule: ChildRule,
  ) {}
}

/** Answered by a handler that wants to be run again when these jobs have settled. */
export function afterChildren(children: readonly NewJob[], rule: ChildRule = 'fail'): AfterChildren {
  return new AfterChildren(children, rule)
}

/** Another attempt would end alike. */
const FOR_GOOD: ReadonlySet<string> = new Set([
  'SY_OPTION_INVALID',
  'SY_INPUT_INVALID',
  'SY_DEFINITION_INVALID',
  'SY_SCHEMA_DRIFT',
  'SY_ENTITY_UNKNOWN',
  'SY_REPORT_UNKNOWN',
  'SY_RUN_UNKNOWN',
  'SY_UPLOAD_UNKNOWN',
  'SY_SOURCE_UNREADABLE',
  'SY_TOO_MANY_REJECTS',
])
const LAST_WORDS_MS = 2_000
const PRUNE_MS = 60_000
const DELAY_MAX_MS = 5_000

export class JobRunner {
  readonly #queue: JobQueue
  readonly #handlers: Readonly<Record<string, JobHandler>>
  readonly #cluster: Cluster
  readonly #options: ReturnType<typeof resolveRunnerOptions>
  readonly #hands = new Map<Promise<void>, AbortController>()
  readonly #owner = `${hostname()}:${process.pid}`
  #wake: (() => void) | undefined
  #isWoken = false

  constructor(
    queue: JobQueue,
    handlers: Readonly<Record<string, JobHandler>>,
    cluster: Cluster,
    options: RunnerOptions = {},
  ) {
    this.#queue = queue
    this.#handlers = handlers
    this.#cluster = cluster
    this.#options = resolveRunnerOptions(options)
  }

  /** Works until it is stopped, or idle when that is asked for. Never rejects because of a job or an outage. */
  async run(): Promise<void> {
    const { signal } = this.#options
    const wake = () => this.#wakeUp()
    const unlisten = this.#queue.onEnqueued(wake)
    signal?.addEventListener('abort', wake)
    let prunedAt = performance.now()
    try {
      for (;;) {
        if (signal?.aborted === true) break
        const taken = await this.#patiently(() => this.#takeSome())
        if (performance.now() - prunedAt >= PRUNE_MS && taken === 0) {
          prunedAt = performance.now()
          await this.#patiently(() => this.#prune())
        }
        if (taken > 0 && this.#hands.size < this.#options.concurrency) continue
        if (taken === 0 && (await this.#isDone())) break
        await this.#rest()
      }
    } catch (error) {
      // The pause between two questions to a queue that is away ends with the signal, too.
      if (signal?.aborted !== true) throw error
    } finally {
      unlisten()
      signal?.removeEventListener('abort', wake)
      await this.#stop()
    }
  }

  async #takeSome(): Promise<number> {
    const free = this.#options.concurrency - this.#hands.size
    if (free <= 0) return 0
    const claims = await this.#queue.claim(this.#owner, free)
    for (const claim of claims) this.#start(claim)
    return claims.length
  }

  #start(claim: Claim): void {
    const abort = new AbortController()
    const hand = this.#execute(claim, abort).finally(() => {
      this.#hands.delete(hand)
      this.#wakeUp()
    })
    this.#hands.set(hand, abort)
  }

  async #execute(claim: Claim, abort: AbortController): Promise<void> {
    const { job } = claim
    this.#tell({ kind: 'started', job })
    const lease = new JobLease(this.#queue, claim, abort)
    try {
      const last = await this.#lastWord(claim, lease, abort.signal)
      await lease.end()
      if (lease.isLost) this.#tell({ kind: 'lost', job })
      else this.#tell(await this.#patiently(last, LAST_WORDS_MS + this.#queue.options.leaseMs))
    } catch (error) {
      const isLost = error instanceof ShardyardError && error.code === 'SY_JOB_LOST'
      // An outage that lasted longer than the lease comes to the same: somebody will do the job again.
      this.#tell(isLost || this.#queue.mayPass(error) ? { kind: 'lost', job } : { kind: 'failed', job, error })
    } finally {
      lease.stop()
    }
  }

  /** Runs the handler; answers what is to be said to the queue of it, which may have to be said again. */
  async #lastWord(claim: Claim, lease: JobLease, signal: AbortSignal): Promise<() => Promise<JobEvent>> {
    const { job } = claim
    const stopped = async (): Promise<JobEvent> => {
      await this.#queue.stopped(claim)
      return { kind: 'cancelled', job }
    }
    if (job.isCancelRequested) return stopped
    try {
      const answer = await this.#handle(claim, lease, signal)
      if (!(answer instanceof AfterChildren)) return () => this.#complete(claim, answer)
      if (lease.isCancelRequested) return stopped
      return async () => {
        await this.#queue.spawn(claim, answer.children, answer.rule)
        return { kind: 'waiting-for-children', job }
      }
    } catch (error) {
      if (lease.isCancelRequested) return stopped
      if (signal.aborted) {
        return async () => {
          await this.#queue.release(claim)
          return { kind: 'released', job }
        }
      }
      return () => this.#fail(claim, error)
    }
  }

  async #handle(claim: Claim, lease: JobLease, signal: AbortSignal): Promise<Json | AfterChildren> {
    const { job } = claim
    const handler = Object.hasOwn(this.#handlers, job.kind) ? this.#handlers[job.kind] : undefined
    if (handler === undefined) throw new Error(`This worker has no handler for jobs of the kind "${job.kind}".`)
    const context: JobContext = {
      job,
      cluster: this.#cluster,
      signal,
      progress: (done, total, note) => lease.tell(progressOf({ done, total, note })),
      tell: (progress) => lease.tell(progressOf(progress)),
      children: () => this.#queue.children(job.id),
    }
    return withSpan(`job ${job.kind}`, { 'shardyard.job': job.id }, () => handler(context))
  }

  async #complete(claim: Claim, result: Json): Promise<JobEvent> {
    try {
      await this.#queue.complete(claim, result ?? null)
      return { kind: 'complete', job: claim.job }
    } catch (error) {
      // A result that cannot be kept would be none the next time.
      if (error instanceof ShardyardError && error.code === 'SY_OPTION_INVALID') return this.#fail(claim, error)
      throw error
    }
  }

  async #fail(claim: Claim, error: unknown): Promise<JobEvent> {
    const isForGood = error instanceof ShardyardError && FOR_GOOD.has(error.code)
    const state = await this.#queue.fail(claim, jobErrorOf(error), { mayRetry: !isForGood })
    return { kind: state === 'failed' ? 'failed' : 'retrying', job: claim.job, error }
  }

  /** Lets the handlers end, or aborts them; what they then do not say in time, the end of the lease says. */
  async #stop(): Promise<void> {
    if (this.#hands.size === 0) return
    await within(Promise.allSettled(this.#hands.keys()), this.#options.graceMs)
    const reason = new ShardyardError('SY_INTERRUPTED', 'The worker stops; the job is handed back.')
    for (const abort of this.#hands.values()) abort.abort(reason)
    await within(Promise.allSettled(this.#hands.keys()), LAST_WORDS_MS)
  }

  async #isDone(): Promise<boolean> {
    if (!this.#options.isUntilIdle || this.#hands.size > 0) return false
    const { pending, running } = await this.#patiently(() => this.#queue.counts())
    return pending + running === 0
  }

  async #prune(): Promise<void> {
    const jobs = await this.#queue.prune()
    await this.#options.files?.prune(this.#queue)
    await this.#options.uploads?.prune()
    if (jobs > 0) this.#tell({ kind: 'pruned', jobs })
  }

  /** Asks the queue until it answers, or `limitMs` are over, or the runner is to stop. */
  async #patiently<T>(question: () => Promise<T>, limitMs = Infinity): Promise<T> {
    const endsAt = performance.now() + limitMs
    for (let delayMs = 100; ; delayMs = Math.min(DELAY_MAX_MS, delayMs * 2)) {
      try {
        return await question()
      } catch (error) {
        if (!this.#queue.mayPass(error) || performance.now() >= endsAt) throw error
        this.#tell({ kind: 'waiting-for-queue', message: (error as Error).message })
        await sleep(delayMs, limitMs === Infinity ? this.#options.signal : undefined)
      }
    }
  }

  async #rest(): Promise<void> {
    if (!this.#isWoken) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve))
      await within(woken, this.#options.pollMs)
    }
    this.#isWoken = false
    this.#wake = undefined
  }

  #wakeUp(): void {
    this.#isWoken = true
    this.#wake?.()
  }

  #tell(event: JobEvent): void {
    this.#options.onEvent(event)
  }
}

function resolveRunnerOptions(options: RunnerOptions) {
  const { concurrency = 1, pollMs = 1_000, graceMs = 10_000, isUntilIdle = false, files, uploads } = options
  return Object.freeze({
    concurrency: checkInteger('concurrency', concurrency, { min: 1, max: 256 }),
    pollMs: checkInteger('pollMs', pollMs, { min: 10, max: 3_600_000 }),
    graceMs: checkInteger('graceMs', graceMs, { min: 0, max: 3_600_000 }),
    isUntilIdle,
    onEvent: options.onEvent ?? (() => undefined),
    signal: options.signal,
    files,
    uploads,
  })
}

/** Without what is not known, so that it is plain JSON. */
function progressOf({ note, ...rest }: { readonly [Name in keyof JobProgress]: JobProgress[Name] | undefined }) {
  const known = Object.entries({ ...rest, note: note?.slice(0, 500) }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known) as unknown as JobProgress
}
