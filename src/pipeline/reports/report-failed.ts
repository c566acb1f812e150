import { ShardyardError } from '../../errors.js'

/** The error of a report whose own code did what no writer can use, or failed. */
export function reportFailed(message: string, cause?: unknown): ShardyardError {
  return new ShardyardError('SY_REPORT_FAILED', message, { cause })
}
