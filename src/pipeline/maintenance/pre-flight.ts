import type { Database } from '../../cluster/database.js'
import { ShardyardError } from '../../errors.js'
import type { DatabasePlan } from './migration-plan.js'
import { readApplied, type Applied } from './migration-records.js'

/** A database that answered, with its records. */
export interface ReachedPlan extends DatabasePlan {
  readonly applied: Applied
}

/**
 * Reads the records of every database before anything is changed. An SQLite file that does not exist counts as
 * reachable and is not made.
 *
 * @throws SY_DATABASE_DOWN that names all databases which cannot be reached
 */
export async function reachAll(plans: readonly DatabasePlan[]): Promise<readonly ReachedPlan[]> {
  const answers = await Promise.allSettled(plans.map(({ database }) => readApplied(database)))
  const faults: { database: Database; error: unknown }[] = []
  const reached: ReachedPlan[] = []
  for (const [index, answer] of answers.entries()) {
    const plan = plans[index] as DatabasePlan
    if (answer.status === 'fulfilled') reached.push({ ...plan, applied: answer.value })
    else faults.push({ database: plan.database, error: answer.reason })
  }
  if (faults.length === 0) return reached
  const other = faults.find(({ database, error }) => !isUnreachable(database, error))
  if (other !== undefined) throw other.error
  throw unreachable(faults)
}

/** True for errors which say that a database cannot be used now, whoever asks. */
export function isUnreachable({ driver }: Database, error: unknown): boolean {
  if (error instanceof ShardyardError) return error.code === 'SY_DATABASE_DOWN' || error.code === 'SY_DATABASE_BUSY'
  return ['unavailable', 'refused', 'conflict'].includes(driver.faultOf(error).kind)
}

/** Why a database cannot be used, without the words that {@link Database} puts around it. */
export function reasonOf(database: Database, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(`Database "${database.name}" (${database.address}) cannot be opened: `, '').replace(/\.$/, '')
}

function unreachable(faults: readonly { database: Database; error: unknown }[]): ShardyardError {
  const reasons = faults.map(
    ({ database, error }) => `"${database.name}" (${database.address}): ${reasonOf(database, error)}`,
  )
  const many = `${faults.length} databases cannot be reached; nothing was changed anywhere. Run this again when all of them answer:`
  return new ShardyardError(
    'SY_DATABASE_DOWN',
    faults.length === 1
      ? `Nothing was changed anywhere, because a database cannot be reached. Run this again when it answers: ${reasons[0] ?? ''}`
      : [many, ...reasons.map((reason) => `  - ${reason}`)].join('\n'),
    {
      cause: faults[0]?.error,
      details: {
        ...(faults.length === 1 ? { database: faults[0]?.database.name } : {}),
        databases: faults.map(({ database }) => database.name),
        // Waiting helps unless all of them say no.
        kind: faults.every(isRefused) ? 'refused' : 'unavailable',
      },
    },
  )
}

function isRefused({ database, error }: { readonly database: Database; readonly error: unknown }): boolean {
  if (error instanceof ShardyardError) return error.details['kind'] === 'refused'
  return database.driver.faultOf(error).kind === 'refused'
}
