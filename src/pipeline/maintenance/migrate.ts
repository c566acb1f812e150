/**
 * Migrations over all databases of a cluster.
 *
 * 1. Nothing is changed before every database concerned has answered.
 * 2. In one database one process at a time changes the schema; who comes second finds the work done.
 * 3. A migration and its record are stored together, where the engine can (not on MySQL and MariaDB).
 * 4. Databases are changed one after the other. The first failure stops all of it; a rerun goes on from there.
 */
import type { Cluster } from '../../cluster/cluster.js'
import { planMigrations, type KnownMigration, type MaintenanceOptions, type MigrationStep } from './migration-plan.js'
import { checkInteger } from '../../util/check-option.js'
import { migrationFailed } from './migration-failed.js'
import { reachAll, type ReachedPlan } from './pre-flight.js'
import { changeSchema, withSchemaLock } from './schema-change.js'

/** Options of {@link migrate}. */
export interface MigrateOptions<Name extends string = string> extends MaintenanceOptions<Name> {
  /** Only says what is to be done. @defaultValue false */
  readonly isDryRun?: boolean
  /** Told of each step when it is done. @defaultValue nobody */
  readonly onStep?: (step: MigrationStep) => void
  /**
   * How long to wait for another process that migrates the same database, in milliseconds; an SQLite file has its own
   * limit for writers. @defaultValue 60000
   */
  readonly waitMs?: number
}

export const LOCK_WAIT_MS = 60_000

interface PendingPlan extends ReachedPlan {
  readonly pending: readonly KnownMigration[]
}

/**
 * Brings every database up to date: the library's own tables and the definition's migrations by time stamp, each only
 * in the databases where its entities live. When nothing is to be done it costs one query for each database.
 *
 * @returns the steps that this call has done, or has found to be done with `isDryRun`
 * @throws SY_DATABASE_DOWN before the first change, SY_MIGRATION_FAILED with `details` of done, failed and pending
 */
export async function migrate<Name extends string>(
  cluster: Cluster<Name>,
  options: MigrateOptions<Name> = {},
): Promise<readonly MigrationStep[]> {
  const { isDryRun = false, onStep = () => undefined } = options
  const waitMs = checkInteger('waitMs', options.waitMs ?? LOCK_WAIT_MS, { min: 1, max: 3_600_000 })
  const reached = await reachAll(planMigrations(cluster, options))
  const plans = reached
    .map((plan) => ({ ...plan, pending: pendingOf(plan) }))
    .filter(({ pending }) => pending.length > 0)
  const steps = plans.flatMap(stepsOf)
  if (isDryRun) return steps
  const progress = new Progress(steps, onStep)
  for (const plan of plans) {
    try {
      await applyPending(plan, waitMs, progress)
    } catch (cause) {
      throw migrationFailed({ verb: 'migrate', database: plan.database, cause, ...progress.report(plan.database.name) })
    }
  }
  return progress.done
}

async function applyPending({ database, pending }: PendingPlan, waitMs: number, progress: Progress): Promise<void> {
  await withSchemaLock(database, waitMs, async (runner) => {
    for (const migration of pending) {
      const step = { database: database.name, migration: migration.name }
      const isMine = await changeSchema(database, runner, migration, 'up')
      progress.settle(step, isMine)
    }
  })
}

function pendingOf({ migrations, applied }: ReachedPlan): readonly KnownMigration[] {
  return migrations.filter(({ name }) => !applied.has(name))
}

function stepsOf({ database, pending }: PendingPlan): readonly MigrationStep[] {
  return pending.map(({ name }) => ({ database: database.name, migration: name }))
}

/** What is done and what is left. */
class Progress {
  readonly done: MigrationStep[] = []
  #left: readonly MigrationStep[]
  readonly #onStep: (step: MigrationStep) => void

  constructor(steps: readonly MigrationStep[], onStep: (step: MigrationStep) => void) {
    this.#left = steps
    this.#onStep = onStep
  }

  /** A step that another process has done is settled too, but is not ours. */
  settle(step: MigrationStep, isMine: boolean): void {
    this.#left = this.#left.filter((one) => one.database !== step.database || one.migration !== step.migration)
    if (!isMine) return
    this.done.push(step)
    this.#onStep(step)
  }

  /** The report of a failure in a database: its first step that is left is the one that failed. */
  report(database: string) {
    const failed = this.#left.find((step) => step.database === database)
    return { done: this.done, failed, pending: this.#left.filter((step) => step !== failed) }
  }
}
