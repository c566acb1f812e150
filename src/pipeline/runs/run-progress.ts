/** How far a run is in one database: what is asked again and again while it runs. */
import { In } from 'typeorm'
import { PartSchema } from '../../cluster/bookkeeping/part-row.js'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import type { CodeCount } from '../ingest/ingest-account.js'
import { countsOf, planOf, reasonsOf } from '../ingest/part-store.js'
import type { Counts } from '../reports/run-account.js'
import { ledgerCounts } from './account.js'
import type { ReadCount } from './run-store.js'

/** What became of the records of a run that one database has settled so far. */
export interface RunProgress {
  readonly counts: Counts
  /** How often each reason was met; empty for a simulation, which keeps no such sums. */
  readonly codes: readonly CodeCount[]
}

/** The databases that have lines of a run. */
export function databasesOfRun(run: RunRow): readonly string[] {
  if (run.kind === 'ingestion') return planOf(run).databases ?? []
  return [...new Set((JSON.parse(run.readCounts) as ReadCount[]).map(({ database }) => database))]
}

/** What each of some ingestions has settled in a database, by run: their parts hold sums, so one question tells it. */
export async function ingestionProgress(
  cluster: Cluster,
  runs: readonly string[],
  database: string,
): Promise<ReadonlyMap<string, RunProgress>> {
  const where = { run: In([...runs]) }
  const rows = await cluster.member(database).dataSource.getRepository(PartSchema).findBy(where)
  return new Map(
    runs.map((id) => {
      const parts = rows.filter(({ run }) => run === id).map((row) => ({ database, row }))
      return [id, { counts: countsOf(parts), codes: reasonsOf(parts) }]
    }),
  )
}

/** The same of a simulation, whose lines are counted: the more there are the longer it takes. */
export async function simulationProgress(cluster: Cluster, run: RunRow, database: string): Promise<RunProgress> {
  return { counts: await ledgerCounts(cluster, run, database), codes: [] }
}
