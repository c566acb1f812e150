import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { hasRuns } from '../runs/find-run.js'
import { RunStore } from '../runs/run-store.js'
import { INGESTION } from './ingest.js'
import { planOf } from './part-store.js'

const PAGE_RUNS = 100

/** Every ingestion, or those into the entity of a name, the latest first; however many there are, a page is held. */
export async function* ingestionsInto(cluster: Cluster, entity: string | undefined): AsyncGenerator<RunRow, void> {
  if (!(await hasRuns(cluster))) return
  const store = new RunStore(cluster)
  for (let after: RunRow | undefined; ; ) {
    const page: RunRow[] = await store.page({ kind: INGESTION, limit: PAGE_RUNS, after })
    for (const run of page) if (entity === undefined || planOf(run).entity === entity) yield run
    if (page.length < PAGE_RUNS) return
    after = page.at(-1)
  }
}
