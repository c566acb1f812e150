import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { migrationStatus } from '../maintenance/migration-status.js'
import { controlOf, RunStore } from './run-store.js'

/**
 * A recorded run by its id, or with `latest` the latest one; with a kind only a run of that kind.
 *
 * @throws SY_RUN_UNKNOWN; SY_DATABASE_DOWN when control does not answer
 * @example
 * const run = await findRun(cluster, 'latest', 'ingestion')
 */
export async function findRun(cluster: Cluster, id: string, kind?: 'simulation' | 'ingestion'): Promise<RunRow> {
  const run = (await hasRuns(cluster)) ? await new RunStore(cluster).find(id, kind) : undefined
  if (run !== undefined && (kind === undefined || run.kind === kind)) return run
  const what = kind === undefined ? 'No run' : `No ${kind}`
  throw new ShardyardError('SY_RUN_UNKNOWN', `${what} "${id}" is recorded. "shardyard runs" lists them.`, {
    details: { run: id },
  })
}

/** False before the first migration of the control database: nothing was ever recorded. */
export async function hasRuns(cluster: Cluster): Promise<boolean> {
  const rows = await migrationStatus(cluster, { databases: [controlOf(cluster)] })
  return rows.every(({ state }) => state !== 'pending')
}
