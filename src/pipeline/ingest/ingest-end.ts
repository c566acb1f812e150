/** How an ingestion that does not come to its end says so. */
import { ShardyardError } from '../../errors.js'
import { TaskFailed } from '../bulk/task-failed.js'

export class Interrupted extends Error {}
export class TooManyRejects extends Error {}

/** The error that says how the run was left, and what to do. */
export function explained(
  error: unknown,
  end: {
    readonly run: string
    readonly settled: number
    readonly rejected: number
    readonly total: number
    readonly isInterrupted: boolean
    readonly hasTooManyRejects: boolean
  },
): unknown {
  const { run, settled, rejected, total, isInterrupted, hasTooManyRejects } = end
  const details = { run, settled, rejected }
  if (hasTooManyRejects) {
    return new ShardyardError(
      'SY_TOO_MANY_REJECTS',
      `Run ${run} was stopped: ${rejected} of its ${total} records are rejected by now, which is more than allowed. ` +
        `"shardyard rejects ${run}" shows them; with a higher limit the same call goes on.`,
      { details },
    )
  }
  if (isInterrupted) {
    return new ShardyardError('SY_INTERRUPTED', `Run ${run} was interrupted. The same command resumes it.`, { details })
  }
  if (
    error instanceof ShardyardError &&
    (error.code === 'SY_RUN_UNBALANCED' || error.code === 'SY_SOURCE_UNREADABLE')
  ) {
    return error
  }
  const why = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
  const database = error instanceof TaskFailed ? error.database : undefined
  const where = database === undefined || why.includes(`"${database}"`) ? '' : ` Database "${database}":`
  return new ShardyardError(
    'SY_RUN_INCOMPLETE',
    `Run ${run} has stopped before its end.${where} ${why}. ` +
      'What is stored stays stored; mend that, and the same command resumes the run.',
    { cause: error, details: { ...details, database } },
  )
}
