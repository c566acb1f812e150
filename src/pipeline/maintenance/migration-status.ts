import type { Cluster } from '../../cluster/cluster.js'
import { planMigrations, stampOf, type DatabasePlan, type MaintenanceOptions } from './migration-plan.js'
import { readApplied, type Applied } from './migration-records.js'
import { isUnreachable, reasonOf } from './pre-flight.js'

/** One migration in one database; or a database that cannot be reached, with no migration named. */
export interface MigrationStatus {
  readonly database: string
  readonly migration: string | undefined
  /** `unknown`: recorded in the database, but not in the definition. */
  readonly state: 'applied' | 'pending' | 'unknown' | 'unreachable'
  readonly appliedAt: Date | undefined
  /** Why the database is unreachable. */
  readonly error: string | undefined
}

/** Which migration stands how in which database, oldest first; changes nothing and makes no file. */
export async function migrationStatus<Name extends string>(
  cluster: Cluster<Name>,
  options: MaintenanceOptions<Name> = {},
): Promise<readonly MigrationStatus[]> {
  const rows = await Promise.all(planMigrations(cluster, options).map(statusOf))
  return rows.flat()
}

async function statusOf(plan: DatabasePlan): Promise<readonly MigrationStatus[]> {
  const { database } = plan
  try {
    return rowsOf(plan, await readApplied(database))
  } catch (error) {
    if (!isUnreachable(database, error)) throw error
    const base = { database: database.name, migration: undefined, appliedAt: undefined }
    return [{ ...base, state: 'unreachable', error: reasonOf(database, error) }]
  }
}

function rowsOf({ database, migrations }: DatabasePlan, applied: Applied): readonly MigrationStatus[] {
  const base = { database: database.name, error: undefined }
  const known = migrations.map(({ name }) => {
    const appliedAt = applied.get(name)
    return { ...base, migration: name, state: appliedAt === undefined ? 'pending' : 'applied', appliedAt } as const
  })
  const unknown = [...applied]
    .filter(([name]) => !migrations.some((one) => one.name === name))
    .map(([name, appliedAt]) => ({ ...base, migration: name, state: 'unknown', appliedAt }) as const)
  return [...known, ...unknown].toSorted((a, b) => stampOf(a.migration) - stampOf(b.migration))
}
