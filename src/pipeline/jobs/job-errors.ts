import { ShardyardError } from '../../errors.js'
import type { Claim, JobError, JobState } from './job.js'

/** The error of a write to a job that somebody else has claimed since, or that is gone. */
export function lostJob({ job }: Claim, cause?: unknown): ShardyardError {
  return new ShardyardError(
    'SY_JOB_LOST',
    `Job ${job.id} is no longer this worker's: its lease ran out, or the job is gone. Nothing of this attempt is kept.`,
    { cause, details: { job: job.id, fence: job.fence } },
  )
}

export function unknownJob(id: string): ShardyardError {
  return new ShardyardError('SY_JOB_UNKNOWN', `No job "${id}" is kept. "shardyard jobs" lists them.`, {
    details: { job: id },
  })
}

/** The error of a cancel or a retry that comes at the wrong time. */
export function wrongState(id: string, state: JobState, asked: 'cancelled' | 'retried'): ShardyardError {
  const allowed = asked === 'cancelled' ? 'pending or running' : 'failed or cancelled'
  return new ShardyardError('SY_JOB_STATE', `Job ${id} is ${state}; only a job that is ${allowed} can be ${asked}.`, {
    details: { job: id, state },
  })
}

const MESSAGE_LENGTH_MAX = 2_000

/** An error as a job keeps it: a stack may tell what is nobody's business. */
export function jobErrorOf(error: unknown): JobError {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_LENGTH_MAX)
  return { code: error instanceof ShardyardError ? error.code : 'ERROR', message }
}

/** The reason of a job whose worker was lost too often. */
export function killsWorker(crashes: number): JobError {
  const times = crashes === 1 ? 'once' : `${crashes} times`
  return {
    code: 'JOB_KILLS_WORKER',
    message: `Its worker was lost ${times}: the process died, or answered no more.`,
  }
}

/** The reason of a parent that fails with its child. */
export function childFailed(child: string): JobError {
  return { code: 'JOB_CHILD_FAILED', message: `Its child ${child} failed or was cancelled.` }
}
