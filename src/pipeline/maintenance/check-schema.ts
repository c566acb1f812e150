import type { Cluster } from '../../cluster/cluster.js'
import type { Database } from '../../cluster/database.js'
import { planMigrations, type MaintenanceOptions } from './migration-plan.js'
import { isUnreachable, reasonOf } from './pre-flight.js'
import { driftOf } from './schema-drift.js'

/** How a database compares with its entities. */
export interface SchemaCheck {
  readonly database: string
  readonly state: 'matches' | 'differs' | 'not migrated' | 'unreachable'
  /** One sentence a difference. */
  readonly differences: readonly string[]
  /** Why it is unreachable. */
  readonly error: string | undefined
}

/**
 * Compares the schema of every database with its entities; changes nothing and makes no file. A database that cannot
 * be reached is a state, not an error.
 */
export async function checkSchema<Name extends string>(
  cluster: Cluster<Name>,
  options: MaintenanceOptions<Name> = {},
): Promise<readonly SchemaCheck[]> {
  return Promise.all(planMigrations(cluster, options).map(({ database }) => checkDatabase(database)))
}

async function checkDatabase(database: Database): Promise<SchemaCheck> {
  const base = { database: database.name, differences: [], error: undefined }
  if (!database.exists) return { ...base, state: 'not migrated' }
  try {
    const { lines } = await driftOf(database)
    return { ...base, state: lines.length === 0 ? 'matches' : 'differs', differences: lines }
  } catch (error) {
    if (!isUnreachable(database, error)) throw error
    return { ...base, state: 'unreachable', error: reasonOf(database, error) }
  }
}
