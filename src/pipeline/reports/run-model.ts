/** The report of a run of any kind. */
import type { Cluster } from '../../cluster/cluster.js'
import { planOf, ingestAccountOf } from '../ingest/part-store.js'
import { readRejects } from '../ingest/rejects.js'
import { accountOf, lineReader } from '../runs/account.js'
import { findRun, type RunKind } from '../runs/find-run.js'
import { ingestionModel } from './ingestion-model.js'
import type { ReportModel } from './report-model.js'
import { type RunModelOptions, simulationModel } from './simulation-model.js'

/** What a recorded run has done. @throws SY_RUN_UNKNOWN */
export async function runModel(
  cluster: Cluster,
  { run: id, ...options }: RunModelOptions & { readonly run: string },
): Promise<ReportModel> {
  const run = await findRun(cluster, id)
  const kind = run.kind as RunKind
  switch (kind) {
    case 'simulation':
      return simulationModel(await accountOf(cluster, run), lineReader(cluster, run), options)
    case 'ingestion': {
      const isKept = planOf(run).ledger !== 'counts'
      const account = await ingestAccountOf(cluster, run)
      return ingestionModel(account, isKept ? () => readRejects(cluster, run) : undefined, options)
    }
    default:
      return kind satisfies never
  }
}
