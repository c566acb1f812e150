import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { LOCK_WAIT_MS } from './migrate.js'
import { checkInteger } from '../../util/check-option.js'
import { migrationFailed } from './migration-failed.js'
import {
  planMigrations,
  stampOf,
  type KnownMigration,
  type MaintenanceOptions,
  type MigrationStep,
} from './migration-plan.js'
import { reachAll, type ReachedPlan } from './pre-flight.js'
import { changeSchema, withSchemaLock } from './schema-change.js'

/** Options of {@link revertMigration}. */
export interface RevertOptions<Name extends string = string> extends MaintenanceOptions<Name> {
  /** Told of each step when it is done. @defaultValue nobody */
  readonly onStep?: (step: MigrationStep) => void
  /** How long to wait for another process that migrates the same database, in milliseconds. @defaultValue 60000 */
  readonly waitMs?: number
}

/**
 * Takes back the migration that was applied last, by time stamp, in every database where it is applied. The library's
 * own tables stay.
 *
 * @returns where it was taken back; nothing when there is nothing to take back
 * @throws SY_DATABASE_DOWN before the first change, SY_MIGRATION_FAILED
 */
export async function revertMigration<Name extends string>(
  cluster: Cluster<Name>,
  options: RevertOptions<Name> = {},
): Promise<readonly MigrationStep[]> {
  const { onStep = () => undefined } = options
  const waitMs = checkInteger('waitMs', options.waitMs ?? LOCK_WAIT_MS, { min: 1, max: 3_600_000 })
  const reached = await reachAll(planMigrations(cluster, options))
  const last = lastApplied(reached)
  if (last === undefined) return []
  const todo = reached.filter(({ applied }) => applied.has(last.name))
  const done: MigrationStep[] = []
  for (const { database } of todo) {
    const step = { database: database.name, migration: last.name }
    try {
      const isMine = await withSchemaLock(database, waitMs, (runner) => changeSchema(database, runner, last, 'down'))
      if (isMine) onStep(done[done.push(step) - 1] as MigrationStep)
    } catch (cause) {
      const left = todo.slice(todo.findIndex((plan) => plan.database === database) + 1)
      const pending = left.map((plan) => ({ database: plan.database.name, migration: last.name }))
      throw migrationFailed({ verb: 'revert', database, cause, done, failed: step, pending })
    }
  }
  return done
}

function lastApplied(plans: readonly ReachedPlan[]): KnownMigration | undefined {
  const known = plans.flatMap(({ migrations }) => migrations)
  const own = new Set(known.filter(({ isOwn }) => isOwn).map(({ name }) => name))
  const applied = plans.flatMap((plan) =>
    [...plan.applied.keys()].map((name) => ({ name, database: plan.database.name })),
  )
  const [last] = applied.filter(({ name }) => !own.has(name)).toSorted((a, b) => stampOf(b.name) - stampOf(a.name))
  if (last === undefined) return undefined
  const migration = known.find(({ name }) => name === last.name)
  if (migration !== undefined) return migration
  throw new ShardyardError(
    'SY_MIGRATION_FAILED',
    `${last.name} is the last migration applied to "${last.database}", but the definition does not have it. ` +
      'Revert it with the version of your code that has it.',
    { details: { done: [], failed: { database: last.database, migration: last.name }, pending: [] } },
  )
}
