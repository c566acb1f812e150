/** BullMQ's jobs in the words of the contract. */
import type { Job as BullJob } from 'bullmq'
import type { ChildRule, Job, JobError, JobProgress, JobState, Json } from './job.js'

/** What BullMQ keeps as the data of a job. */
export interface Envelope {
  readonly data: Json
  readonly key: string | undefined
  /** Its place among the children of its parent. */
  readonly index: number
  readonly hasChildren: boolean
  /** The rule of its parent. */
  readonly rule: ChildRule | undefined
  readonly backoffMs: number
}

/** What BullMQ's job does not say itself. */
export interface Circumstances {
  readonly state: JobState
  readonly isCancelRequested: boolean
  readonly waitsFor: number
  /** Lost workers that do not count any more. */
  readonly forgiven: number
}

const PENDING = ['waiting', 'wait', 'paused', 'prioritized', 'delayed', 'waiting-children']
/** Ends that are no attempt's error, though BullMQ counts them as one. */
const NO_FAILURE: ReadonlySet<string> = new Set(['JOB_KILLS_WORKER', 'JOB_CHILD_FAILED', 'JOB_CANCELLED'])

/** BullMQ's states of a pending job, as it counts them. */
export const PENDING_STATES: readonly string[] = PENDING.filter((name) => name !== 'wait')

/** A cancelled job stays where it was until a worker sweeps it out; it is told as cancelled from the first. */
export function stateOf(bullState: string, isCancelled: boolean): JobState {
  if (bullState === 'active') return 'running'
  if (bullState === 'completed') return 'complete'
  if (isCancelled) return 'cancelled'
  return PENDING.includes(bullState) ? 'pending' : 'failed'
}

/** Whether Redis has thrown away what was to be done, to make room; BullMQ's lists still name it. */
export function isHollow(job: BullJob<Envelope>): boolean {
  return (job.name as string | undefined) === undefined
}

export function told(job: BullJob<Envelope>, { state, isCancelRequested, waitsFor, forgiven }: Circumstances): Job {
  const error = errorOf(job.failedReason)
  const extra = state === 'complete' || (isEnd(state) && NO_FAILURE.has(error?.code ?? '')) ? 1 : 0
  return {
    id: String(job.id),
    kind: job.name,
    key: job.data.key,
    data: job.data.data,
    state,
    parent: job.parent?.id,
    waitsFor,
    attempts: job.opts.attempts ?? 1,
    failures: Math.max(0, job.attemptsMade - extra),
    crashes: job.stalledCounter - forgiven,
    fence: job.attemptsStarted,
    isCancelRequested,
    progress: typeof job.progress === 'object' ? (job.progress as unknown as JobProgress) : undefined,
    result: state === 'complete' ? (job.returnvalue as Json) : undefined,
    error: state === 'complete' || state === 'cancelled' ? undefined : error,
    createdAt: new Date(job.timestamp),
    startedAt: instant(job.processedOn),
    finishedAt: instant(job.finishedOn),
  }
}

/** The error that BullMQ is told; its message is all that it keeps. */
export function endingError(error: JobError, isLast: boolean): Error {
  const ending = new Error(JSON.stringify(error))
  // By this name BullMQ knows an error after which a job is not tried again.
  if (isLast) ending.name = 'UnrecoverableError'
  ending.stack = ''
  return ending
}

function isEnd(state: JobState): boolean {
  return state === 'failed' || state === 'cancelled'
}

function errorOf(reason: string | undefined | null): JobError | undefined {
  if (reason === undefined || reason === null || reason === '') return undefined
  try {
    const { code, message } = JSON.parse(reason) as Readonly<Record<string, unknown>>
    if (typeof code === 'string' && typeof message === 'string') return { code, message }
  } catch {
    // No JSON: an end that BullMQ itself has put to it.
  }
  return { code: 'ERROR', message: reason }
}

function instant(ms: number | undefined | null): Date | undefined {
  return ms === undefined || ms === null ? undefined : new Date(ms)
}
