import type { Cluster } from '../../src/cluster/cluster.js'
import type { RunRow } from '../../src/cluster/bookkeeping/run-row.js'
import { ShardyardError } from '../../src/errors.js'
import type { ReadLines } from '../../src/pipeline/reports/run-account.js'
import { lineReader } from '../../src/pipeline/runs/account.js'
import { hasRuns } from '../../src/pipeline/runs/find-run.js'
import { RunStore } from '../../src/pipeline/runs/run-store.js'

/** The run of an id, or with `latest` the latest of its kind. @throws SY_RUN_UNKNOWN when it is none of that kind */
export async function requireRun(cluster: Cluster, id: string, kind: RunKind): Promise<RunRow> {
  const run = (await hasRuns(cluster)) ? await new RunStore(cluster).find(id, kind) : undefined
  if (run === undefined) throw unknownRun(id)
  if (run.kind === kind) return run
  throw new ShardyardError('SY_RUN_UNKNOWN', `Run ${run.id} is of the kind ${run.kind}, not ${kind}.`, {
    details: { run: run.id },
  })
}

/** What kinds of runs there are. */
export type RunKind = 'simulation' | 'ingestion'

export function unknownRun(id: string): ShardyardError {
  return new ShardyardError('SY_RUN_UNKNOWN', `No run "${id}" is recorded. "shardyard runs" lists them.`, {
    details: { run: id },
  })
}

/** Reads the lines of a run. */
export async function readerOf(cluster: Cluster, id: string): Promise<ReadLines> {
  return lineReader(cluster, await requireRun(cluster, id, 'simulation'))
}
