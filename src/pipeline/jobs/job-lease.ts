import { ShardyardError } from '../../errors.js'
import type { Claim, JobProgress } from './job.js'
import type { JobQueue } from './job-queue.js'

/** Beats in the time of one lease: two may fail before it runs out. */
const BEATS_PER_LEASE = 4
/** So long at most until a worker hears that its job was cancelled. */
const BEAT_MAX_MS = 2_000
const PROGRESS_MS = 500

/** Keeps the lease of one claim, and has its handler stop when that is asked for or another worker has the job. */
export class JobLease {
  readonly #queue: JobQueue
  readonly #claim: Claim
  readonly #abort: AbortController
  readonly #timer: NodeJS.Timeout
  #progress: JobProgress | undefined
  /** The run that the queue knows of. */
  #toldRun: string | undefined
  #beatAt = performance.now()
  #beating: Promise<void> | undefined
  #isStopped = false
  /** Somebody has asked for an end of the job. */
  isCancelRequested = false
  /** Another worker has the job by now. */
  isLost = false

  constructor(queue: JobQueue, claim: Claim, abort: AbortController) {
    this.#queue = queue
    this.#claim = claim
    this.#abort = abort
    const beatMs = Math.min(BEAT_MAX_MS, Math.round(queue.options.leaseMs / BEATS_PER_LEASE))
    this.#timer = setInterval(() => void this.#beat(), beatMs)
  }

  /** Takes progress; it goes with the next beat, and with one of its own when the last was a while ago. */
  tell(progress: JobProgress): void {
    this.#progress = progress
    const isRunNew = progress.run !== undefined && progress.run !== this.#toldRun
    if (isRunNew || performance.now() - this.#beatAt >= PROGRESS_MS) void this.#beat()
  }

  /** Tells what the queue has not heard of yet, then stops. */
  async end(): Promise<void> {
    await this.#beating
    if (this.#progress !== undefined) await this.#beat()
    this.stop()
  }

  /** A beat under way is not waited for: it does no harm to a job that has ended. */
  stop(): void {
    this.#isStopped = true
    clearInterval(this.#timer)
  }

  #beat(): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    this.#beating ??= this.#renew().finally(() => (this.#beating = undefined))
    return this.#beating
  }

  async #renew(): Promise<void> {
    this.#beatAt = performance.now()
    const progress = this.#progress
    this.#progress = undefined
    try {
      const { isCancelRequested } = await this.#queue.renew(this.#claim, progress)
      this.#toldRun = progress?.run ?? this.#toldRun
      if (isCancelRequested) this.#end('isCancelRequested', 'The job was cancelled.')
    } catch (error) {
      if (error instanceof ShardyardError && error.code === 'SY_JOB_LOST') this.#end('isLost', error.message)
      // An outage: the next beat tries again. Whether the job is still ours shows at its end at the latest.
      this.#progress ??= progress
    }
  }

  #end(why: 'isCancelRequested' | 'isLost', message: string): void {
    if (this.#isStopped || this[why]) return
    this[why] = true
    this.#abort.abort(new ShardyardError('SY_INTERRUPTED', message))
  }
}
