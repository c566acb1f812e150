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
  const faults: Unreachable[] = []
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

interface Unreachable {
  readonly database: Database
  readonly error: unknown
}

function unreachable(faults: readonly Unreachable[]): ShardyardError {
  const reasons = faults.map(
    ({ database, error }) => `"${database.name}" (${database.address}): ${reasonOf(database, error)}`,
  )
  return new ShardyardError(
    'SY_DATABASE_DOWN',
    faults.length === 1
      ? `Nothing was changed anywhere, because a database cannot be used. ${remedyFor(faults)}: ${reasons[0] ?? ''}`
      : [
          `${faults.length} databases cannot be used; nothing was changed anywhere. ${remedyFor(faults)}:`,
          ...reasons.map((reason) => `  - ${reason}`),
        ].join('\n'),
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

/** What to do before the next attempt: waiting is for databases that are away, not for those that say no. */
function remedyFor(faults: readonly Unreachable[]): string {
  const refused = faults.filter(isRefused).length
  const isOne = faults.length === 1
  if (refused === 0) return `Run this again when ${isOne ? 'it answers' : 'all of them answer'}`
  if (refused < faults.length) {
    return 'Mend the address or the rights of those that refuse, and run this again when the others answer'
  }
  return `Mend ${isOne ? 'its address or its rights' : 'their addresses or rights'}, then run this again`
}

function isRefused({ database, error }: Unreachable): boolean {
  if (error instanceof ShardyardError) return error.details['kind'] === 'refused'
  return database.driver.faultOf(error).kind === 'refused'
}
