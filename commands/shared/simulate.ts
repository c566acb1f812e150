import type { Cluster } from '../../src/cluster/cluster.js'
import { referencesOf } from '../../src/columns/references.js'
import type { RecordSource } from '../../src/cluster/record-source.js'
import { ShardyardError } from '../../src/errors.js'
import { destinationsOf } from '../../src/pipeline/bulk/destinations.js'
import { untilReachable } from '../../src/pipeline/bulk/until-reachable.js'
import { migrate } from '../../src/pipeline/maintenance/migrate.js'
import type { MigrationStep } from '../../src/pipeline/maintenance/migration-plan.js'
import type { RunAccount } from '../../src/pipeline/reports/run-account.js'
import { loadRecords } from '../../src/pipeline/runs/load-records.js'
import { readRecordFile } from '../../src/pipeline/runs/read-record-file.js'
import { requireShared } from '../../src/pipeline/runs/require-shared.js'
import { controlOf } from '../../src/pipeline/runs/run-store.js'
import type { CommandContext } from './with-cluster.js'
import { interruptible } from './interruptible.js'
import { Progress } from './progress.js'

/** What to simulate. */
export interface SimulationRequest {
  readonly threads: number
  readonly batch: number
  /** `sample`, or a JSON file. */
  readonly data: string
  readonly count: number | undefined
  readonly seed: number
  readonly invalid: number
  readonly waitMs: number
  readonly isQuiet: boolean
}

/** Migrates what is not migrated, then loads. Ctrl-C stops after the transactions under way. */
export async function simulate(
  cluster: Cluster,
  context: CommandContext,
  request: SimulationRequest,
): Promise<RunAccount> {
  const source = await sourceOf(context, request)
  const databases = new Set(destinationsOf(cluster, source).map(({ database }) => database))
  // Where references are looked up there must be a table, if an empty one.
  for (const reference of source.entities.flatMap(referencesOf)) {
    databases.add(cluster.router.routeForRead(reference.target()).database)
  }
  databases.add(controlOf(cluster))
  // The load would refuse them too, but only after the migrations.
  requireShared(cluster, databases)
  const say = request.isQuiet ? context.err : context.out
  const onStep = ({ database, migration }: MigrationStep) => say(`Migrated "${database}": ${migration}`)
  const progress = new Progress(context, request.isQuiet)
  return interruptible(progress, async (signal) => {
    const patience = { waitMs: request.waitMs, signal, onEvent: progress.onEvent }
    await untilReachable(cluster, patience, undefined, () => migrate(cluster, { databases: [...databases], onStep }))
    return loadRecords(cluster, source, {
      threads: request.threads,
      batch: request.batch,
      waitMs: request.waitMs,
      config: context.config,
      signal,
      onEvent: progress.onEvent,
      faults: process.env['SHARDYARD_FAULTS'] ?? '',
    })
  })
}

async function sourceOf({ definition, config }: CommandContext, request: SimulationRequest): Promise<RecordSource> {
  const { data, count, seed, invalid } = request
  if (data !== 'sample')
    return readRecordFile(
      data,
      definition.placement.map(({ entity }) => entity),
    )
  if (definition.simulation === undefined) {
    throw new ShardyardError(
      'SY_CONFIG_INVALID',
      `"${config}" has no simulation data. Give a file with --data FILE.json, or "simulation" in the definition.`,
    )
  }
  return count === undefined ? definition.simulation.sample() : definition.simulation.generate({ count, seed, invalid })
}
