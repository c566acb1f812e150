/** Reads the lines that an ingestion has left beside the data. */
import type { StoredIngestLine } from '../../cluster/bookkeeping/ingest-line.js'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import { LINE_TABLE } from '../../cluster/bookkeeping/tables.js'
import type { Cluster } from '../../cluster/cluster.js'
import type { Row } from '../../drivers/driver.js'
import type { Outcome } from '../reports/run-account.js'
import type { IngestReason } from './ingest-reason.js'
import { planOf, PartStore, type Part } from './part-store.js'

/** A line of the ledger, with where it is kept. */
export interface IngestLine {
  readonly database: string
  /** Index of the file in the run's plan. */
  readonly file: number
  readonly position: number
  readonly line: number
  readonly length: number
  readonly outcome: Outcome
  readonly hash: readonly [number, number] | undefined
  readonly rowId: string | undefined
  readonly reasons: readonly IngestReason[]
  /** What was changed between the source and the row. */
  readonly changes: readonly Readonly<Record<string, unknown>>[]
  readonly origin: string | undefined
  readonly raw: Buffer
}

const PAGE_ROWS = 500

/** A place in the files of a run. */
export type LinePlace = Pick<IngestLine, 'file' | 'position'>

/** The lines of a run with one outcome, file by file in the order of their positions; those behind a place alone, when one is given. */
export async function* readLines(
  cluster: Cluster,
  run: RunRow,
  outcome: Outcome,
  after: LinePlace = { file: -1, position: -1 },
): AsyncGenerator<IngestLine> {
  const plan = planOf(run)
  const parts = await new PartStore(cluster, run.id, plan).read()
  const files = [...new Set(parts.map(({ row }) => row.file))].filter((file) => file >= after.file)
  for (const file of files.toSorted((a, b) => a - b)) {
    // What a part has none of need not be looked for among all its lines.
    const own = parts.filter(({ row }) => row.file === file && Number(row[outcome]) > 0)
    const from = file === after.file ? after.position : -1
    yield* merged(own.map((part) => partLines(cluster, part, { outcome, after: from })))
  }
}

/** The line at a position of a file, wherever it is kept. */
export async function findLine(
  cluster: Cluster,
  parts: readonly Part[],
  position: number,
): Promise<IngestLine | undefined> {
  for (const part of parts) {
    const [row] = await linesWhere(cluster, part, { column: 'position', comparison: '=', value: position, limit: 1 })
    if (row !== undefined) return lineOf(part, row)
  }
  return undefined
}

/** The records that begin on a line of a file, after the last one that begins before it, in their order. */
export async function linesNear(cluster: Cluster, parts: readonly Part[], line: number): Promise<IngestLine[]> {
  const here: IngestLine[] = []
  let before: IngestLine | undefined
  for (const part of parts) {
    const at = { column: 'line', value: line } as const
    const rows = await linesWhere(cluster, part, { ...at, comparison: '=', limit: PAGE_ROWS })
    here.push(...rows.map((row) => lineOf(part, row)))
    const [last] = await linesWhere(cluster, part, { ...at, comparison: '<', limit: 1, isLast: true })
    if (last !== undefined && (before === undefined || Number(last['position']) > before.position))
      before = lineOf(part, last)
  }
  here.sort((a, b) => a.position - b.position)
  return before === undefined ? here : [before, ...here]
}

/** The lines of a part from one position to another, both of them too. */
export async function linesBetween(cluster: Cluster, part: Part, first: number, last: number): Promise<IngestLine[]> {
  const { dataSource, driver } = cluster.member(part.database)
  const { quote: q, placeholder: p } = driver.dialect
  const sql =
    `SELECT * FROM ${q(LINE_TABLE)} WHERE ${q('part')} = ${p(1)} AND ${q('position')} BETWEEN ${p(2)} AND ${p(3)} ` +
    `ORDER BY ${q('position')}`
  const rows = (await dataSource.query(sql, [part.row.id, first, last])) as Row[]
  return rows.map((row) => lineOf(part, row))
}

/** The last lines of a part before a position, the last one first. */
export async function linesBefore(cluster: Cluster, part: Part, before: number, limit: number): Promise<IngestLine[]> {
  const at = { column: 'position', comparison: '<', value: before, limit, isLast: true } as const
  return (await linesWhere(cluster, part, at)).map((row) => lineOf(part, row))
}

/** The lines of parts whose record became a row. */
export async function linesOfRow(cluster: Cluster, parts: readonly Part[], rowId: string): Promise<IngestLine[]> {
  const found: IngestLine[] = []
  for (const part of parts) {
    const rows = await linesWhere(cluster, part, { column: 'rowId', comparison: '=', value: rowId, limit: PAGE_ROWS })
    found.push(...rows.map((row) => lineOf(part, row)))
  }
  return found
}

async function linesWhere(
  cluster: Cluster,
  { database, row }: Part,
  wanted: {
    readonly column: keyof StoredIngestLine
    readonly comparison: '=' | '<'
    readonly value: unknown
    readonly limit: number
    readonly isLast?: boolean
  },
): Promise<Row[]> {
  const { dataSource, driver } = cluster.member(database)
  const { quote: q, placeholder: p } = driver.dialect
  const order = wanted.isLast === true ? ` ORDER BY ${q(wanted.column)} DESC, ${q('position')} DESC` : ''
  const sql =
    `SELECT * FROM ${q(LINE_TABLE)} WHERE ${q('part')} = ${p(1)} AND ${q(wanted.column)} ${wanted.comparison} ${p(2)}` +
    `${order} LIMIT ${wanted.limit}`
  return (await dataSource.query(sql, [row.id, wanted.value])) as Row[]
}

/** The lines of a part with one outcome, page by page along the primary key. */
async function* partLines(
  cluster: Cluster,
  part: Part,
  { outcome, after: first }: { readonly outcome: Outcome; readonly after: number },
): AsyncGenerator<IngestLine> {
  const { dataSource, driver } = cluster.member(part.database)
  const { quote: q, placeholder: p } = driver.dialect
  const sql =
    `SELECT * FROM ${q(LINE_TABLE)} WHERE ${q('part')} = ${p(1)} AND ${q('position')} > ${p(2)} AND ` +
    `${q('outcome')} = ${p(3)} ORDER BY ${q('position')}`
  // Whoever reads from the beginning knows when no more of them follow.
  let left = first < 0 ? Number(part.row[outcome]) : Number.POSITIVE_INFINITY
  for (let after = first; left > 0; left -= PAGE_ROWS) {
    const limit = Math.min(PAGE_ROWS, left)
    const rows = (await dataSource.query(`${sql} LIMIT ${limit}`, [part.row.id, after, outcome])) as Row[]
    for (const row of rows) yield lineOf(part, row)
    if (rows.length < limit) return
    after = Number(rows.at(-1)?.['position'])
  }
}

/** Several readers in the order of their positions, as one. */
async function* merged(readers: readonly AsyncGenerator<IngestLine>[]): AsyncGenerator<IngestLine> {
  const heads = await Promise.all(readers.map(async (reader) => ({ reader, head: await reader.next() })))
  for (;;) {
    let first: (typeof heads)[number] | undefined
    for (const one of heads) {
      if (one.head.done === true) continue
      if (first === undefined || first.head.done === true || one.head.value.position < first.head.value.position)
        first = one
    }
    if (first === undefined || first.head.done === true) return
    yield first.head.value
    first.head = await first.reader.next()
  }
}

function lineOf({ database, row: part }: Part, row: Row): IngestLine {
  const text = (value: unknown) => (value === null || value === undefined ? undefined : String(value))
  const list = <T>(value: unknown): T[] => (typeof value === 'string' ? (JSON.parse(value) as T[]) : [])
  const isHashed = row['hash1'] !== null && row['hash1'] !== undefined
  return {
    database,
    file: part.file,
    position: Number(row['position']),
    line: Number(row['line']),
    length: Number(row['length']),
    outcome: row['outcome'] as Outcome,
    hash: isHashed ? [Number(row['hash1']), Number(row['hash2'])] : undefined,
    rowId: text(row['rowId']),
    reasons: list<IngestReason>(row['reasons']),
    changes: list<Record<string, unknown>>(row['changes']),
    origin: text(row['origin']),
    raw: Buffer.from((row['raw'] as Uint8Array | null) ?? []),
  }
}
