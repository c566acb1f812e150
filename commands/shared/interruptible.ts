import { ShardyardError } from '../../src/errors.js'
import { TaskFailed } from '../../src/pipeline/bulk/task-failed.js'

/** Runs work that Ctrl-C and SIGTERM stop as soon as it may; takes the progress away at its end. */
export async function interruptible<T>(
  progress: { end(): void },
  work: (signal: AbortSignal) => Promise<T>,
  sentence = 'Interrupted before the load began. The same command runs it.',
): Promise<T> {
  const interrupt = new AbortController()
  const onSignal = () => interrupt.abort()
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    return await work(interrupt.signal)
  } catch (error) {
    if (interrupt.signal.aborted && !(error instanceof ShardyardError)) {
      throw new ShardyardError('SY_INTERRUPTED', sentence)
    }
    throw error instanceof TaskFailed && error.cause instanceof ShardyardError ? error.cause : error
  } finally {
    progress.end()
    process.removeListener('SIGINT', onSignal)
    process.removeListener('SIGTERM', onSignal)
  }
}
