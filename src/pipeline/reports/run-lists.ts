/** The rows of a run: for each entity its accepted, rejected and duplicate records. */
import { formatCount, formatText, formatValue, tellObject } from './look/print-value.js'
import type { Cell, Column, Row, Table } from './report-model.js'
import type { LedgerLine, ReadLines, RunAccount } from './run-account.js'
import { VERDICTS, type Verdict, tellReason } from './run-words.js'

/** Rows that are looked at before the columns are chosen. */
const SAMPLE_ROWS = 50
/** A record with more fields than this is told in one cell. */
const FIELDS_MAX = 6

/** One list of rows of an entity. */
export interface RowList {
  readonly entity: string
  readonly verdict: Verdict
  /** How many the run has of them. */
  readonly total: number
  readonly shownMax: number
}

/** Some columns of a list, and how a line fills them. */
interface ListColumns {
  readonly columns: readonly Column[]
  readonly cells: (line: LedgerLine) => Row
}

/** A list as a table whose rows are read when they are written. */
export async function listTable(list: RowList, account: RunAccount, readLines: ReadLines): Promise<Table> {
  const { entity, verdict, total, shownMax } = list
  const sample = await firstLines(readLines(entity, verdict, SAMPLE_ROWS))
  const { columns, cells } = columnsOf(sample, verdict, account)
  return {
    block: 'table',
    name: `${entity}.${verdict}`,
    title: `${VERDICTS[verdict].name} rows (${formatCount(total)})`,
    tone: VERDICTS[verdict].tone,
    columns,
    rows: { [Symbol.asyncIterator]: () => rowsOf(readLines(entity, verdict, Number.POSITIVE_INFINITY), cells) },
    rowCount: total,
    shownMax,
    whenCut: 'use --rows to show more',
    whenEmpty: `No ${verdict} rows.`,
  }
}

async function* rowsOf(lines: AsyncIterable<LedgerLine>, cells: ListColumns['cells']): AsyncGenerator<Row> {
  for await (const line of lines) yield cells(line)
}

async function firstLines(lines: AsyncIterable<LedgerLine>): Promise<LedgerLine[]> {
  const first: LedgerLine[] = []
  for await (const line of lines) if (first.push(line) === SAMPLE_ROWS) break
  return first
}

/** Where and how long, the record, what became of it. */
function columnsOf(sample: readonly LedgerLine[], verdict: Verdict, account: RunAccount): ListColumns {
  const duration = account.latency.unit === 'batch' ? 'Duration (batch)' : 'Duration'
  return joined([
    one({ name: 'place', title: 'Place', kind: 'integer' }, ({ position }) => position),
    one({ name: 'thread', title: 'Thread', kind: 'integer' }, ({ thread }) => thread),
    one({ name: 'durationMs', title: duration, kind: 'decimal', unit: 'ms' }, ({ durationUs }) => durationUs / 1_000),
    recordColumns(sample),
    endColumns(verdict, account),
  ])
}

function one(column: Column, cell: (line: LedgerLine) => Cell): ListColumns {
  return { columns: [column], cells: (line) => [cell(line)] }
}

function joined(parts: readonly ListColumns[]): ListColumns {
  return {
    columns: parts.flatMap(({ columns }) => columns),
    cells: (line) => parts.flatMap(({ cells }) => cells(line)),
  }
}

function recordColumns(sample: readonly LedgerLine[]): ListColumns {
  const fields = [...new Set(sample.flatMap(({ record }) => Object.keys(record)))]
  return fields.length > 0 && fields.length <= FIELDS_MAX ? fieldColumns(fields) : WHOLE_RECORD
}

function fieldColumns(fields: readonly string[]): ListColumns {
  const known = new Set(fields)
  return {
    columns: fields.map((field) => ({ name: `record.${field}`, title: field, kind: 'text' })),
    cells: ({ record }) => {
      const cells = fields.map((field) => (Object.hasOwn(record, field) ? cellOf(record[field]) : null))
      // A field that no row of the sample had has no column; its value is told in the last one.
      const others = Object.keys(record).filter((field) => !known.has(field))
      if (others.length === 0) return cells
      const last = formatValue(cells.at(-1))
      return [...cells.slice(0, -1), [last, ...others.map((field) => tellField(record, field))].join('\n')]
    },
  }
}

const WHOLE_RECORD = one({ name: 'record', title: 'Record', kind: 'text' }, ({ record }) => {
  const fields = Object.keys(record).map((field) => tellField(record, field))
  return fields.length === 0 ? null : fields.join('\u00a0\u00a0· ')
})

function tellField(record: LedgerLine['record'], field: string): string {
  return `${formatText(field)}: ${formatValue(record[field])}`
}

/** A value as it was read; what no cell can hold is told as text. */
function cellOf(value: unknown): Cell {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return value
  return value instanceof Uint8Array ? formatValue(value) : tellObject(value)
}

function endColumns(verdict: Verdict, account: RunAccount): ListColumns {
  const rowId = one({ name: 'rowId', title: 'Row id', kind: 'text' }, (line) => line.rowId ?? null)
  switch (verdict) {
    case 'accepted':
      return rowId
    case 'rejected':
      return one({ name: 'reasons', title: 'Reasons', kind: 'text' }, tellReasons)
    case 'duplicate': {
      const storedBy = one({ name: 'storedBy', title: 'Stored by run', kind: 'text' }, (line) => {
        if (line.storedBy === undefined) return 'not stored by a run'
        return line.storedBy === account.id ? 'this run' : line.storedBy
      })
      return joined([rowId, storedBy])
    }
    default:
      return verdict satisfies never
  }
}

function tellReasons({ reasons }: LedgerLine): string {
  if (reasons.length === 0) return '✗ no reason was recorded'
  return reasons.map((reason) => `✗ ${tellReason(reason)}`).join('\n')
}
