import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { NOT_FOR_RUNS } from '../../cluster/bookkeeping/migrations.js'
import { migrationStatus } from '../maintenance/migration-status.js'
import { controlOf, RunStore } from './run-store.js'

/**
 * A recorded run by its id, or with `latest` the latest one; with a kind only a run of that kind.
 *
 * @throws SY_RUN_UNKNOWN; SY_DATABASE_DOWN when control does not answer
 * @example
 * const run = await findRun(cluster, 'latest', 'ingestion')
 */
export async function findRun(cluster: Cluster, id: string, kind?: RunKind): Promise<RunRow> {
  const run = (await hasRuns(cluster)) ? await new RunStore(cluster).find(id, kind) : undefined
  if (run === undefined) throw unknownRun(id, kind)
  if (kind === undefined || run.kind === kind) return run
  throw new ShardyardError('SY_RUN_UNKNOWN', `Run ${run.id} is of the kind ${run.kind}, not ${kind}.`, {
    details: { run: run.id },
  })
}

/** The latest run of a kind; undefined when none is recorded. */
export async function findLatestRun(cluster: Cluster, kind: RunKind): Promise<RunRow | undefined> {
  return (await hasRuns(cluster)) ? new RunStore(cluster).find('latest', kind) : undefined
}

/** What kinds of runs there are. */
export type RunKind = 'simulation' | 'ingestion'

/** The error for an id that no run has. */
export function unknownRun(id: string, kind?: RunKind): ShardyardError {
  const what = id === 'latest' ? (kind ?? 'run') : 'run'
  return new ShardyardError('SY_RUN_UNKNOWN', `No ${what} "${id}" is recorded. "shardyard runs" lists them.`, {
    details: { run: id },
  })
}

/** False before the migrations of runs in the control database: nothing was ever recorded. */
export async function hasRuns(cluster: Cluster): Promise<boolean> {
  const rows = await migrationStatus(cluster, { databases: [controlOf(cluster)] })
  return rows.every(({ migration, state }) => state !== 'pending' || NOT_FOR_RUNS.includes(migration ?? ''))
}
