/** Simulated insertions: records that are made, loaded by many threads into databases that are migrated first. */
import type { Cluster } from '../../cluster/cluster.js'
import type { ClusterDefinition } from '../../cluster/definition.js'
import type { RecordSource } from '../../cluster/record-source.js'
import { referencesOf } from '../../columns/references.js'
import { ShardyardError } from '../../errors.js'
import { destinationsOf } from '../bulk/destinations.js'
import { untilReachable } from '../bulk/until-reachable.js'
import { migrate } from '../maintenance/migrate.js'
import type { MigrationStep } from '../maintenance/migration-plan.js'
import type { RunAccount } from '../reports/run-account.js'
import type { LoadOptions } from './load-options.js'
import { loadRecords } from './load-records.js'
import { requireShared } from './require-shared.js'
import { controlOf } from './run-store.js'

/** Options of {@link simulate}. */
export interface SimulateOptions extends LoadOptions {
  /** Told of each migration that is done first. */
  readonly onStep?: (step: MigrationStep) => void
}

/** What is made: the sample records, or so many of a seed. */
export interface SimulatedRecords {
  /** @defaultValue the sample records */
  readonly count?: number | undefined
  /** @defaultValue 1 */
  readonly seed?: number | undefined
  /** Share of records with an error. @defaultValue 0.15 */
  readonly invalid?: number | undefined
}

export const SIMULATION_SEED = 1
export const SIMULATION_INVALID = 0.15

/** The records of a simulation. @throws SY_CONFIG_INVALID when the definition makes none */
export function simulationSource(
  { simulation }: ClusterDefinition,
  { count, seed = SIMULATION_SEED, invalid = SIMULATION_INVALID }: SimulatedRecords,
): RecordSource {
  if (simulation === undefined) {
    throw new ShardyardError(
      'SY_CONFIG_INVALID',
      'The config file has no simulation data. Give a file with --data FILE.json, or "simulation" in the definition.',
    )
  }
  return count === undefined ? simulation.sample() : simulation.generate({ count, seed, invalid })
}

/** Migrates what is not migrated, then loads. @throws what `migrate` and `loadRecords` throw */
export async function simulate(
  cluster: Cluster,
  source: RecordSource,
  { onStep = () => undefined, ...options }: SimulateOptions,
): Promise<RunAccount> {
  const databases = new Set(destinationsOf(cluster, source).map(({ database }) => database))
  // Where references are looked up there must be a table, if an empty one.
  for (const reference of source.entities.flatMap(referencesOf)) {
    databases.add(cluster.router.routeForRead(reference.target()).database)
  }
  databases.add(controlOf(cluster))
  // The load would refuse them too, but only after the migrations.
  requireShared(cluster, databases)
  const { waitMs = 60_000, signal, onEvent = () => undefined } = options
  await untilReachable(cluster, { waitMs, signal, onEvent }, undefined, () =>
    migrate(cluster, { databases: [...databases], onStep }),
  )
  return loadRecords(cluster, source, options)
}
