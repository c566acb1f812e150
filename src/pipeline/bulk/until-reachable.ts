import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { answered, answerLimit } from '../../util/answer-limit.js'
import { sleep } from '../../util/sleep.js'
import { TaskFailed } from './task-failed.js'

/** How long to wait, until when, and whom to tell. */
export interface Patience {
  readonly waitMs: number
  readonly signal: AbortSignal | undefined
  readonly onEvent: (event: { kind: 'waiting-for-database'; database: string; message: string }) => void
}

/**
 * Runs `attempt` until the databases that it asks are there, for `waitMs` at most; `database` is the name of the one, if
 * there is one. An attempt that takes long is left when a database has stopped answering, so it has to bear being run
 * again beside itself.
 */
export async function untilReachable<T>(
  cluster: Cluster,
  { waitMs, signal, onEvent }: Patience,
  database: string | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  const endsAt = performance.now() + waitMs
  for (let delayMs = 50; ; delayMs = Math.min(2_000, delayMs * 2)) {
    try {
      return await answered(attempt(), answerLimit(0), () => requireAnswers(cluster, database))
    } catch (error) {
      if (!isOutage(error)) throw error
      const [name, { message }] = [databaseOf(error) ?? database, error as Error]
      if (performance.now() >= endsAt) throw new TaskFailed(message, name, false, error)
      if (name !== undefined) onEvent({ kind: 'waiting-for-database', database: name, message })
      await sleep(Math.random() * delayMs, signal)
    }
  }
}

/** @throws SY_DATABASE_DOWN when a database, or the one that is named, does not answer */
async function requireAnswers(cluster: Cluster, database: string | undefined): Promise<void> {
  const health = await cluster.health(answerLimit(0))
  const down = health.find(({ name, state }) => state === 'down' && (database ?? name) === name)
  if (down === undefined) return
  throw new ShardyardError('SY_DATABASE_DOWN', `Database "${down.name}" (${down.address}) is down: ${down.error}.`, {
    details: { database: down.name, kind: 'unavailable' },
  })
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
