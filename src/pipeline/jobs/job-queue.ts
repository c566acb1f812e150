/** What a queue of jobs does: one interface, two engines. The states and what must stay true of them are in `job.ts`. */
import type { ChildRule, Claim, Job, JobError, JobProgress, JobState, Json } from './job.js'

/** A job to be stored. */
export interface NewJob {
  /** Which handler runs it: lower case, words joined by hyphens. */
  readonly kind: string
  /** Plain JSON, at most 64 KiB: names and ids; what is larger belongs into a file or a table. */
  readonly data: Json
  /** Two jobs of one kind and key are one job: the first is kept, as it is. @defaultValue none */
  readonly key?: string
  /** How many errors end it. @defaultValue 3 */
  readonly attempts?: number
  /** How long it rests after its first error; twice as long after each further one. @defaultValue 1000 */
  readonly backoffMs?: number
  /** @defaultValue 0 */
  readonly delayMs?: number
  /** Jobs that settle before this one is run. @defaultValue none */
  readonly children?: readonly NewJob[]
  /** @defaultValue 'fail' */
  readonly onChildFailure?: ChildRule
}

/** Which jobs {@link JobQueue.list} tells. */
export interface ListOptions {
  /** @defaultValue all */
  readonly state?: JobState
  /** @defaultValue all */
  readonly kinds?: readonly string[]
  /** @defaultValue 50 */
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

/** A page of jobs, newest first. */
export interface JobPage {
  readonly jobs: readonly Job[]
  /** Where the next page begins; undefined on the last one. */
  readonly next: string | undefined
}

/** Options of every queue. */
export interface QueueOptions {
  /** How long a worker is taken to be alive without a sign of it. @defaultValue 30000 */
  readonly leaseMs?: number
  /** How many workers a job may take with it; then it fails, `JOB_KILLS_WORKER`. @defaultValue 3 */
  readonly crashesMax?: number
  /** How long finished jobs are kept. @defaultValue 604800000, a week */
  readonly keepMs?: number
}

/** A queue of jobs. Each call rejects with SY_QUEUE_DOWN, or SY_DATABASE_DOWN, when its server is away. */
export interface JobQueue {
  readonly options: Required<QueueOptions>
  /** Where the jobs are, without secrets. */
  readonly address: string
  /** Stores a job; answers its id. @throws SY_OPTION_INVALID */
  enqueue(job: NewJob): Promise<string>
  /** Stores many jobs, all of them or none; answers their ids in the same order. @throws SY_OPTION_INVALID */
  enqueueMany(jobs: readonly NewJob[]): Promise<readonly string[]>
  /** Takes up to `limit` jobs that are due, the oldest first. No job is given to two. */
  claim(owner: string, limit: number): Promise<readonly Claim[]>
  /** Prolongs the lease and stores the progress; answers whether the job is to stop. @throws SY_JOB_LOST */
  renew(claim: Claim, progress?: JobProgress): Promise<{ readonly isCancelRequested: boolean }>
  /** @throws SY_JOB_LOST; SY_OPTION_INVALID when the result is no JSON, or larger than 64 KiB */
  complete(claim: Claim, result: Json): Promise<void>
  /** Ends an attempt with an error; answers what became of the job. @throws SY_JOB_LOST */
  fail(claim: Claim, error: JobError, options?: { readonly mayRetry?: boolean }): Promise<JobState>
  /** Hands a job back that was not run to its end, for no fault of its own. @throws SY_JOB_LOST */
  release(claim: Claim): Promise<void>
  /** Ends a job that was asked to stop. @throws SY_JOB_LOST */
  stopped(claim: Claim): Promise<void>
  /** Hands a job back, to be run again when these children have settled. @throws SY_JOB_LOST */
  spawn(claim: Claim, children: readonly NewJob[], rule: ChildRule): Promise<void>
  /** The children of a job, in the order of their making. */
  children(id: string): Promise<readonly Job[]>
  /**
   * Cancels a pending job at once, with its unfinished children; asks whoever runs a running one to stop. Answers the
   * state then. @throws SY_JOB_UNKNOWN, SY_JOB_STATE when it is finished
   */
  cancel(id: string): Promise<JobState>
  /**
   * Has a failed or cancelled job run anew, all counts from zero, after those of its children that failed or were
   * cancelled. @throws SY_JOB_UNKNOWN, SY_JOB_STATE
   */
  retry(id: string): Promise<void>
  show(id: string): Promise<Job | undefined>
  list(options?: ListOptions): Promise<JobPage>
  /** How many jobs are in each state. */
  counts(): Promise<Readonly<Record<JobState, number>>>
  /** How long the oldest job that is due has waited, in milliseconds; undefined when none waits. */
  oldestDueMs(): Promise<number | undefined>
  /** Removes finished jobs that have been kept long enough; answers how many. */
  prune(): Promise<number>
  /** Whether an error of one of these calls may pass when the call is made again: an outage, a deadlock. */
  mayPass(error: unknown): boolean
  /** Calls back when this process has stored a job; answers how to end that. */
  onEnqueued(listener: () => void): () => void
  close(): Promise<void>
}
