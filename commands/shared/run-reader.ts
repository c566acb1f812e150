import type { Cluster } from '../../src/cluster/cluster.js'
import type { RunRow } from '../../src/cluster/bookkeeping/run-row.js'
import { ShardyardError } from '../../src/errors.js'
import type { ReadLines } from '../../src/pipeline/reports/run-account.js'
import { lineReader } from '../../src/pipeline/runs/account.js'
import { RunStore } from '../../src/pipeline/runs/run-store.js'

/** The run of an id. @throws SY_RUN_UNKNOWN */
export async function requireRun(cluster: Cluster, id: string): Promise<RunRow> {
  const run = await new RunStore(cluster).find(id)
  if (run === undefined) throw unknownRun(id)
  return run
}

export function unknownRun(id: string): ShardyardError {
  return new ShardyardError('SY_RUN_UNKNOWN', `No run "${id}" is recorded. "shardyard runs" lists them.`, {
    details: { run: id },
  })
}

/** Reads the lines of a run. */
export async function readerOf(cluster: Cluster, id: string): Promise<ReadLines> {
  return lineReader(cluster, await requireRun(cluster, id))
}
