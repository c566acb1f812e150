import type { LedgerLine, RunAccount } from '../run-account.js'
import type { Column } from './pdf-columns.js'
import { NOTHING, formatCount, formatMs, formatText, formatValue } from './pdf-format.js'
import { VERDICTS, type Verdict } from './pdf-run-words.js'

/** A record with more fields than this is printed in one cell. */
const FIELDS_MAX = 6
/** Width of a digit in a cell. */
const FIGURE_PT = 4.7
/** Figures of later rows may be longer than those of the first ones. */
const MORE_DIGITS = 3
const FIGURE = /^-?\d{1,15}(\.\d+)?$/

/** The columns of a list of rows, and how a line fills them. */
export interface RowLayout {
  readonly columns: readonly Column[]
  readonly cells: (line: LedgerLine) => string[]
}

/** Chooses the columns of a list by its first rows: where and how long, the record, what became of it. */
export function layoutOf(sample: readonly LedgerLine[], verdict: Verdict, account: RunAccount): RowLayout {
  const duration = account.latency.unit === 'batch' ? 'Duration (batch)' : 'Duration'
  return joinLayouts([
    figures('Place', ({ position }) => formatCount(position), formatCount(placesOf(account))),
    figures('Thread', ({ thread }) => formatCount(thread), formatCount(account.threads)),
    figures(duration, ({ durationUs }) => formatMs(durationUs / 1_000), '1,000 ms'),
    recordLayout(sample),
    endLayout(sample, verdict, account),
  ])
}

function joinLayouts(layouts: readonly RowLayout[]): RowLayout {
  return {
    columns: layouts.flatMap((layout) => layout.columns),
    cells: (line) => layouts.flatMap((layout) => layout.cells(line)),
  }
}

/** `widest` is what the column must hold unbroken, whatever the first rows hold. */
function figures(title: string, print: (line: LedgerLine) => string, widest: string): RowLayout {
  return { columns: [{ title, align: 'right', minPt: widest.length * FIGURE_PT }], cells: (line) => [print(line)] }
}

function placesOf({ counts }: RunAccount): number {
  return counts.accepted + counts.rejected + counts.duplicate + counts.blank + counts.header
}

function recordLayout(sample: readonly LedgerLine[]): RowLayout {
  const fields = [...new Set(sample.flatMap((line) => Object.keys(line.record)))]
  return fields.length > 0 && fields.length <= FIELDS_MAX ? fieldLayout(fields, sample) : WHOLE_RECORD
}

function fieldLayout(fields: readonly string[], sample: readonly LedgerLine[]): RowLayout {
  const known = new Set(fields)
  return {
    columns: fields.map((field) =>
      valueColumn(
        formatText(field),
        sample.map(({ record }) => (Object.hasOwn(record, field) ? record[field] : undefined)),
      ),
    ),
    cells: ({ record }) => {
      const cells = fields.map((field) => (Object.hasOwn(record, field) ? formatValue(record[field]) : NOTHING))
      // A field that no row of the sample had has no column; its value is told in the last one.
      const others = Object.keys(record).filter((field) => !known.has(field))
      return [
        ...cells.slice(0, -1),
        [cells.at(-1) ?? NOTHING, ...others.map((field) => tellField(record, field))].join('\n'),
      ]
    },
  }
}

const WHOLE_RECORD: RowLayout = {
  columns: [{ title: 'Record', align: 'left', minPt: 140 }],
  cells: ({ record }) => {
    const fields = Object.keys(record).map((field) => tellField(record, field))
    return [fields.length === 0 ? NOTHING : fields.join('\u00a0\u00a0· ')]
  },
}

function tellField(record: LedgerLine['record'], field: string): string {
  return `${formatText(field)}: ${formatValue(record[field])}`
}

/** Figures stand at the right, so that their digits are below each other, and are not broken. */
function valueColumn(title: string, values: readonly unknown[]): Column {
  const given = values.filter((value) => value !== undefined && value !== null)
  if (given.length === 0 || !given.every(isFigure)) return { title, align: 'left' }
  const digits = Math.max(...given.map((value) => formatValue(value).length)) + MORE_DIGITS
  return { title, align: 'right', minPt: Math.min(digits, 16) * FIGURE_PT }
}

function isFigure(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || (typeof value === 'string' && FIGURE.test(value))
}

function endLayout(sample: readonly LedgerLine[], verdict: Verdict, account: RunAccount): RowLayout {
  const rowId: RowLayout = {
    columns: [
      valueColumn(
        'Row id',
        sample.map((line) => line.rowId),
      ),
    ],
    cells: (line) => [line.rowId === undefined ? NOTHING : formatText(line.rowId)],
  }
  switch (verdict) {
    case 'accepted':
      return rowId
    case 'rejected':
      return { columns: [{ title: 'Reasons', align: 'left', minPt: 130 }], cells: (line) => [tellReasons(line)] }
    case 'duplicate':
      return joinLayouts([
        rowId,
        { columns: [{ title: 'Stored by run', align: 'left' }], cells: (line) => [tellStoredBy(line, account)] },
      ])
    default:
      return verdict satisfies never
  }
}

function tellReasons({ reasons }: LedgerLine): string {
  const { sign } = VERDICTS.rejected
  if (reasons.length === 0) return `${sign} no reason was recorded`
  const told = reasons.map(({ field, message, code }) => {
    const subject = field === '' ? '' : `${formatText(field)}: `
    return `${sign} ${subject}${formatText(message)} (${formatText(code)})`
  })
  return told.join('\n')
}

function tellStoredBy({ storedBy }: LedgerLine, account: RunAccount): string {
  if (storedBy === undefined) return 'not stored by a run'
  return storedBy === account.id ? 'this run' : formatText(storedBy)
}
