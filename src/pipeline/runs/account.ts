/** Makes the account of a run from its row in control and its lines in the databases. */
import { LEDGER_TABLE } from '../../cluster/bookkeeping/tables.js'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import type { Reason } from '../../cluster/validation/check-object.js'
import type { Row } from '../../drivers/driver.js'
import type {
  Counts,
  EntityAccount,
  LedgerLine,
  Outcome,
  ReasonCount,
  RunAccount,
  ThreadAccount,
} from '../reports/run-account.js'
import { latencyOf } from './run-latency.js'
import type { Measures, ReadCount } from './run-store.js'

const OUTCOMES: readonly Outcome[] = ['accepted', 'rejected', 'duplicate', 'blank', 'header']
const PAGE_ROWS = 2_000

/** The account of a run as its ledger has it now. */
export async function accountOf(cluster: Cluster, run: RunRow): Promise<RunAccount> {
  const reads = JSON.parse(run.readCounts) as ReadCount[]
  const measures = JSON.parse(run.measures) as Measures
  const tallies = await tally(cluster, run, reads)
  const entities: EntityAccount[] = []
  for (const { entity, database } of reads) {
    const own = tallies.filter((line) => line.entity === entity && line.database === database)
    const reasons = own.some((line) => line.outcome === 'rejected')
      ? await reasonsOf(cluster, run, entity, database)
      : []
    entities.push({ entity, database, engine: cluster.member(database).address, counts: countsOf(own), reasons })
  }
  const counts = countsOf(tallies)
  const judged = counts.accepted + counts.duplicate + counts.rejected
  const wallMs = Number(run.wallMs)
  const total = judged + counts.blank + counts.header
  return {
    id: run.id,
    state: run.state as RunAccount['state'],
    source: run.title,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt ?? undefined,
    threads: run.threads,
    batch: run.batch,
    wallMs,
    counts,
    successRate: judged === 0 ? undefined : (counts.accepted + counts.duplicate) / judged,
    recordsPerSecond: wallMs === 0 ? 0 : total / (wallMs / 1000),
    latency: latencyOf(measures, run.batch === 1 ? 'record' : 'batch'),
    entities,
    perThread: threadsOf(run, measures, tallies),
  }
}

/** Entities whose lines do not add up to what was read, as sentences; none when the run balances. */
export function imbalances(account: RunAccount, reads: readonly ReadCount[]): string[] {
  return reads.flatMap(({ entity, database, read }) => {
    const counts = account.entities.find((one) => one.entity === entity && one.database === database)?.counts
    const lines = counts === undefined ? 0 : OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0)
    return lines === read ? [] : [`${entity}: ${read} read, ${lines} in the ledger of "${database}"`]
  })
}

/** Reads the lines of a run, by entity and outcome, in the order of the source. */
export function lineReader(cluster: Cluster, run: RunRow) {
  const reads = JSON.parse(run.readCounts) as ReadCount[]
  return async function* readLines(entity: string, outcome: Outcome, limit: number): AsyncGenerator<LedgerLine> {
    let left = limit
    for (const { database } of reads.filter((read) => read.entity === entity)) {
      for await (const row of outcomeRows(cluster, run, { entity, database, outcome })) {
        if (left-- <= 0) return
        yield lineOf(entity, outcome, row)
      }
    }
  }
}

interface Tally {
  readonly database: string
  readonly entity: string
  readonly outcome: Outcome
  readonly thread: number
  readonly count: number
}

async function tally(cluster: Cluster, run: RunRow, reads: readonly ReadCount[]): Promise<Tally[]> {
  const tallies: Tally[] = []
  for (const database of new Set(reads.map((read) => read.database))) {
    tallies.push(...(await tallyOf(cluster, run, database)))
  }
  return tallies
}

async function tallyOf(cluster: Cluster, run: RunRow, database: string): Promise<Tally[]> {
  const { dataSource, driver } = cluster.member(database)
  const { quote: q, placeholder: p } = driver.dialect
  const rows = (await dataSource.query(
    `SELECT ${q('entity')}, ${q('outcome')}, ${q('thread')}, COUNT(*) AS ${q('count')} FROM ${q(LEDGER_TABLE)} ` +
      `WHERE ${q('source')} = ${p(1)} AND ${q('run')} = ${p(2)} GROUP BY ${q('entity')}, ${q('outcome')}, ${q('thread')}`,
    [run.source, run.id],
  )) as Row[]
  return rows.map((row) => ({
    database,
    entity: String(row['entity']),
    outcome: row['outcome'] as Outcome,
    thread: Number(row['thread']),
    count: Number(row['count']),
  }))
}

/** What became of the records of a run whose lines are in one database. */
export async function ledgerCounts(cluster: Cluster, run: RunRow, database: string): Promise<Counts> {
  return countsOf(await tallyOf(cluster, run, database))
}

function countsOf(tallies: readonly Tally[]): Counts {
  const counts: Record<Outcome, number> = { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }
  for (const { outcome, count } of tallies) counts[outcome] += count
  return counts
}

function threadsOf(run: RunRow, { busyMs }: Measures, tallies: readonly Tally[]): ThreadAccount[] {
  const most = Math.max(run.threads, ...tallies.map((line) => line.thread))
  return Array.from({ length: most }, (_, index) => index + 1).map((thread) => ({
    thread,
    counts: countsOf(tallies.filter((line) => line.thread === thread)),
    busyMs: busyMs[thread] ?? 0,
  }))
}

async function reasonsOf(cluster: Cluster, run: RunRow, entity: string, database: string): Promise<ReasonCount[]> {
  const counts = new Map<string, { code: string; field: string; message: string; count: number }>()
  for await (const row of outcomeRows(cluster, run, { entity, database, outcome: 'rejected' })) {
    for (const { code, field, message } of parseReasons(row['reasons'])) {
      const key = `${code} ${field}`
      const known = counts.get(key)
      if (known === undefined) counts.set(key, { code, field, message: withoutValue(message), count: 1 })
      else known.count += 1
    }
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count || (a.message < b.message ? -1 : 1))
}

/** `Email already used: bob@example.com` and `User 7 does not exist` without what differs from record to record. */
function withoutValue(message: string): string {
  return message.replace(/: .*$/s, '').replace(/^(ID|[A-Z]\w*) \S*\d\S* (does not exist|is taken)/, '$1 $2')
}

/** The rows of one outcome, page by page along the primary key. */
async function* outcomeRows(
  cluster: Cluster,
  run: RunRow,
  { entity, database, outcome }: { readonly entity: string; readonly database: string; readonly outcome: Outcome },
): AsyncGenerator<Row> {
  const { dataSource, driver } = cluster.member(database)
  const { quote: q, placeholder: p } = driver.dialect
  const sql =
    `SELECT * FROM ${q(LEDGER_TABLE)} WHERE ${q('source')} = ${p(1)} AND ${q('entity')} = ${p(2)} AND ` +
    `${q('position')} > ${p(3)} AND ${q('run')} = ${p(4)} AND ${q('outcome')} = ${p(5)} ORDER BY ${q('position')} LIMIT ${PAGE_ROWS}`
  for (let after = -1; ; ) {
    const rows = (await dataSource.query(sql, [run.source, entity, after, run.id, outcome])) as Row[]
    yield* rows
    if (rows.length < PAGE_ROWS) return
    after = Number(rows.at(-1)?.['position'])
  }
}

function lineOf(entity: string, outcome: Outcome, row: Row): LedgerLine {
  const text = (value: unknown) => (value === null || value === undefined ? undefined : String(value))
  return {
    entity,
    outcome,
    position: Number(row['position']),
    thread: Number(row['thread']),
    durationUs: Number(row['durationUs']),
    rowId: text(row['rowId']),
    storedBy: text(row['storedBy']),
    reasons: parseReasons(row['reasons']),
    record: JSON.parse(String(row['record'])) as Record<string, unknown>,
  }
}

function parseReasons(text: unknown): Reason[] {
  return text === null || text === undefined ? [] : (JSON.parse(String(text)) as Reason[])
}
