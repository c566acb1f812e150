/** All runs and all entities in a few numbers. */
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import { rowCount } from '../../cluster/read/row-count.js'
import { within } from '../../util/sleep.js'
import type { Counts } from '../reports/run-account.js'
import { hasRuns } from './find-run.js'
import { addCounts, noCounts } from '../ingest/part-context.js'
import { keptCounts, knownCounts, successRateOf } from './run-counts.js'
import { RunStore, type RunHead } from './run-store.js'

/** Rows of an entity; undefined when they cannot be counted now. */
export interface EntityRows {
  readonly entity: string
  readonly database: string
  readonly rows: number | undefined
}

/** What {@link summaryOf} tells. */
export interface Summary {
  /** `incomplete` are those too that were interrupted. */
  readonly runs: { readonly running: number; readonly complete: number; readonly incomplete: number }
  /** Of all runs together. */
  readonly counts: Counts
  readonly successRate: number | undefined
  /** Databases that did not answer: `counts` is without theirs. */
  readonly missing: readonly string[]
  readonly entities: readonly EntityRows[]
}

/** Counts the rows of an entity, or tells what was counted when nothing has changed since. */
export type CountRows = (entity: PlacedEntity, database: string) => Promise<number>

const ANSWER_MS = 5_000
const PAGE_RUNS = 500

/** Never rejects because of one database that is down, but for the control database. @throws SY_DATABASE_DOWN */
export async function summaryOf(
  cluster: Cluster,
  countRows: CountRows = (entity) => rowCount(cluster, entity),
): Promise<Summary> {
  const [runs, entities] = await Promise.all([runsOf(cluster), entitiesOf(cluster, countRows)])
  return { ...runs, entities }
}

async function runsOf(cluster: Cluster): Promise<Omit<Summary, 'entities'>> {
  const counts = noCounts()
  const missing = new Set<string>()
  if (!(await hasRuns(cluster)))
    return { runs: { running: 0, complete: 0, incomplete: 0 }, counts, successRate: undefined, missing: [] }
  const store = new RunStore(cluster)
  for (let after: RunHead | undefined; ; ) {
    const page: RunHead[] = await store.heads(PAGE_RUNS, after)
    const open = page.filter((run) => keptCounts(cluster, run) === undefined).map(({ id }) => id)
    const asked = await knownCounts(cluster, await store.some(open))
    for (const run of page) {
      const known = asked.get(run.id) ?? keptCounts(cluster, run)
      addCounts(counts, known?.counts ?? noCounts())
      for (const database of known?.missing ?? []) missing.add(database)
    }
    if (page.length < PAGE_RUNS) break
    after = page.at(-1)
  }
  const states = await store.stateCounts()
  const of = (state: string) => states[state] ?? 0
  const incomplete = of('incomplete') + of('interrupted')
  const runs = { running: of('running'), complete: of('complete'), incomplete }
  return { runs, counts, successRate: successRateOf(counts), missing: [...missing] }
}

function entitiesOf(cluster: Cluster, countRows: CountRows): Promise<EntityRows[]> {
  return Promise.all(
    cluster.definition.placement.map(async ({ entity }) => {
      const { database } = cluster.router.routeForRead(entity)
      // What cannot be counted, because it is down or has no tables yet, is told by its health.
      const rows = await within(countRows(entity, database), ANSWER_MS).catch(() => undefined)
      return { entity: nameOf(entity), database, rows }
    }),
  )
}
