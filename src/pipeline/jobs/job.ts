/**
 * What a job is.
 *
 * States, what holds in each, and what moves it on:
 *   pending    nobody works on it; it waits for its turn, its time, or its children (`waitsFor` of them)
 *                claim → running; cancel → cancelled; a child that failed, by the rule 'fail' → failed
 *   running    one worker has its lease
 *                complete → complete; fail → pending while attempts are left, else failed; release, spawn → pending;
 *                a cancel that the worker has heard of → cancelled; the lease runs out → pending, or failed when that
 *                has happened too often, or cancelled when it was to stop anyway
 *   complete   it has a result                     for good
 *   failed     it has an error                     retry → pending
 *   cancelled  it was not wanted any more          retry → pending
 *
 * 1. Each claim counts `fence` up. A write under an older number is refused: a job has one owner whose word counts.
 * 2. A job is run at least once, and again after a worker was lost: what a handler does outside must bear a repetition.
 * 3. Errors and lost workers are counted apart: `failures` ends a job at `attempts`, `crashes` at a number of the queue.
 * 4. A parent is not run before all its children have settled, but for the rule 'go-on'. It waits again for a child
 *    that is retried while it still waits; its own retry retries the children that failed or were cancelled.
 * 5. Two enqueues of one kind and key are one job, as long as that is kept.
 */
import { createHash, randomBytes } from 'node:crypto'

/** See the table in `job.ts`; `pending` is also a parent that waits for its children. */
export type JobState = 'pending' | 'running' | 'complete' | 'failed' | 'cancelled'

export const JOB_STATES: readonly JobState[] = ['pending', 'running', 'complete', 'failed', 'cancelled']

/**
 * What becomes of a parent when a child fails for good, or is cancelled. `fail`: the parent fails at once, without
 * being run; its other children go on. `ignore`: it waits for the others, then it is run. `go-on`: it is run at once.
 */
export type ChildRule = 'fail' | 'ignore' | 'go-on'

/** What can be written as JSON and read back the same. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** How far a job is, as it tells. */
export interface JobProgress {
  readonly done: number
  readonly total?: number
  readonly note?: string
  /** The run that the job makes, of kinds that make one; told as soon as it has begun. */
  readonly run?: string
  readonly rejected?: number
  /** Over the last seconds. */
  readonly recordsPerSecond?: number
}

/** Why an attempt failed. `code` is that of a `ShardyardError`, `JOB_KILLS_WORKER`, `JOB_CHILD_FAILED`, or `ERROR`. */
export interface JobError {
  readonly code: string
  readonly message: string
}

/** One job as its queue tells it. */
export interface Job {
  readonly id: string
  readonly kind: string
  /** What makes two enqueues the same. */
  readonly key: string | undefined
  readonly data: Json
  readonly state: JobState
  /** The job that waits for this one. */
  readonly parent: string | undefined
  /** How many children it waits for. */
  readonly waitsFor: number
  /** How many errors end it. */
  readonly attempts: number
  /** How many attempts ended with an error. */
  readonly failures: number
  /** How many attempts ended with the worker gone. */
  readonly crashes: number
  /** The number of its latest claim; 0 when it was never run. */
  readonly fence: number
  /** True when whoever runs it is to stop. */
  readonly isCancelRequested: boolean
  readonly progress: JobProgress | undefined
  readonly result: Json | undefined
  readonly error: JobError | undefined
  readonly createdAt: Date
  readonly startedAt: Date | undefined
  readonly finishedAt: Date | undefined
}

/** A job that this process has claimed; `job.fence` says which claim it was. */
export interface Claim {
  readonly job: Job
}

/** Whether nothing moves it on by itself any more. */
export function isFinished(state: JobState): boolean {
  return state !== 'pending' && state !== 'running'
}

/** The same id for the same kind and key, else one by chance. Fit for a folder's name. */
export function jobIdOf(kind: string, key: string | undefined): string {
  const bytes = key === undefined ? randomBytes(12) : createHash('sha256').update(`${kind}\n${key}`).digest()
  return `j${bytes.toString('hex').slice(0, 24)}`
}

const BACKOFF_MAX_MS = 3_600_000

/** How long a job rests after its `failures`-th error: twice as long each time, by chance up to half less. */
export function backoffMs(baseMs: number, failures: number): number {
  const fullMs = Math.min(BACKOFF_MAX_MS, baseMs * 2 ** (failures - 1))
  return Math.round(fullMs * (0.5 + Math.random() / 2))
}
