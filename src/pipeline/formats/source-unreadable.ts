import { ShardyardError } from '../../errors.js'

/** The error for a source that cannot be read as a whole; says what, where and what to do. */
export function sourceUnreadable(
  message: string,
  options: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {},
): ShardyardError {
  return new ShardyardError('SY_SOURCE_UNREADABLE', message, options)
}
