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
  #beatAt = performance.now()
  #isBeating = false
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
    if (performance.now() - this.#beatAt >= PROGRESS_MS) void this.#beat()
  }

  /** A beat under way is not waited for: it does no harm to a job that has ended. */
  stop(): void {
    this.#isStopped = true
    clearInterval(this.#timer)
  }

  async #beat(): Promise<void> {
    if (this.#isBeating || this.#isStopped) return
    this.#isBeating = true
    this.#beatAt = performance.now()
    const progress = this.#progress
    this.#progress = undefined
    try {
      const { isCancelRequested } = await this.#queue.renew(this.#claim, progress)
      if (isCancelRequested) this.#end('isCancelRequested', 'The job was cancelled.')
    } catch (error) {
      if (error instanceof ShardyardError && error.code === 'SY_JOB_LOST') this.#end('isLost', error.message)
      // An outage: the next beat tries again. Whether the job is still ours shows at its end at the latest.
      this.#progress ??= progress
    } finally {
      this.#isBeating = false
    }
  }

  #end(why: 'isCancelRequested' | 'isLost', message: string): void {
    if (this.#isStopped || this[why]) return
    this[why] = true
    this.#abort.abort(new ShardyardError('SY_INTERRUPTED', message))
  }
}
