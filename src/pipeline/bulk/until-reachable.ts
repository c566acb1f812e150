import { ShardyardError } from '../../errors.js'
import { sleep } from '../../util/sleep.js'
import { TaskFailed } from './worker-pool.js'

/** How long to wait, until when, and whom to tell. */
export interface Patience {
  readonly waitMs: number
  readonly signal: AbortSignal | undefined
  readonly onEvent: (event: { kind: 'waiting-for-database'; database: string; message: string }) => void
}

/** Runs `attempt` until the database that it asks is there, for `waitMs` at most; `database` is its name, if known. */
export async function untilReachable<T>(
  { waitMs, signal, onEvent }: Patience,
  database: string | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  const endsAt = performance.now() + waitMs
  for (let delayMs = 50; ; delayMs = Math.min(2_000, delayMs * 2)) {
    try {
      return await attempt()
    } catch (error) {
      if (!isOutage(error)) throw error
      const [name, { message }] = [databaseOf(error) ?? database, error as Error]
      if (performance.now() >= endsAt) throw new TaskFailed(message, name, false, error)
      if (name !== undefined) onEvent({ kind: 'waiting-for-database', database: name, message })
      await sleep(Math.random() * delayMs, signal)
    }
  }
}

function isOutage(error: unknown): boolean {
  if (error instanceof ShardyardError) {
    return (
      error.code === 'SY_DATABASE_BUSY' ||
      (error.code === 'SY_DATABASE_DOWN' && error.details['kind'] === 'unavailable')
    )
  }
  return /ECONN|EPIPE|terminat|PROTOCOL_CONNECTION_LOST|closed/i.test(String((error as Error | undefined)?.message))
}

function databaseOf(error: unknown): string | undefined {
  return error instanceof ShardyardError ? String(error.details['database'] ?? '') || undefined : undefined
}
