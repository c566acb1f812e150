import type { Cluster } from '../../src/cluster/cluster.js'
import type { ReadLines } from '../../src/pipeline/reports/run-account.js'
import { lineReader } from '../../src/pipeline/runs/account.js'
import { findRun } from '../../src/pipeline/runs/find-run.js'

/** Reads the lines of a run. */
export async function readerOf(cluster: Cluster, id: string): Promise<ReadLines> {
  return lineReader(cluster, await findRun(cluster, id, 'simulation'))
}
