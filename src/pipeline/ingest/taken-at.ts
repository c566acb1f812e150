/** When rows came in: the beginning of the ingestion that has stored each of them, as far as its ledger tells. */
import { LINE_TABLE } from '../../cluster/bookkeeping/tables.js'
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import type { Row } from '../../drivers/driver.js'
import { ingestionsInto } from './ingestions-into.js'
import { planOf, PartStore, type Part } from './part-store.js'

/** Ids that follow each other and were stored by one run: what a chunk writes at once. */
interface Stretch {
  readonly first: number
  last: number
  readonly at: Date
}

const PAGE_LINES = 5_000

/**
 * Answers for ids that come in ascending order. Rows that an ingestion has not stored, or one that kept no lines of what
 * it took, have no moment.
 */
export async function takenAt(
  cluster: Cluster,
  entity: PlacedEntity,
  signal: AbortSignal,
): Promise<(id: number) => Date | undefined> {
  const stretches: Stretch[] = []
  for await (const run of ingestionsInto(cluster, nameOf(entity))) {
    const plan = planOf(run)
    if (plan.ledger !== 'full') continue
    for (const part of await new PartStore(cluster, run.id, plan).read()) {
      for await (const ids of idPages(cluster, part)) {
        signal.throwIfAborted()
        for (const id of ids) add(stretches, id, run.startedAt)
      }
    }
  }
  stretches.sort((one, other) => one.first - other.first)
  let at = 0
  return (id) => {
    while (at < stretches.length && (stretches[at]?.last ?? 0) < id) at++
    const stretch = stretches[at]
    return stretch !== undefined && stretch.first <= id ? stretch.at : undefined
  }
}

function add(stretches: Stretch[], id: number, at: Date): void {
  const last = stretches.at(-1)
  if (last?.at === at && last.last + 1 === id) last.last = id
  else stretches.push({ first: id, last: id, at })
}

/** The ids of the rows that the records of a part became, in the order of the records. */
async function* idPages(cluster: Cluster, { database, row }: Part): AsyncGenerator<readonly number[]> {
  const { dataSource, driver } = cluster.member(database)
  const { quote: q, placeholder: p } = driver.dialect
  const sql =
    `SELECT ${q('position')}, ${q('rowId')} FROM ${q(LINE_TABLE)} WHERE ${q('part')} = ${p(1)} ` +
    `AND ${q('position')} > ${p(2)} AND ${q('outcome')} = 'accepted' ORDER BY ${q('position')} LIMIT ${PAGE_LINES}`
  for (let after = -1; ; ) {
    const lines = (await dataSource.query(sql, [row.id, after])) as Row[]
    yield lines.map(({ rowId }) => Number(rowId)).filter((id) => Number.isSafeInteger(id) && id > 0)
    if (lines.length < PAGE_LINES) return
    after = Number(lines.at(-1)?.['position'])
  }
}
