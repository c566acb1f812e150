import type { EntityAccount, ReasonCount, RunAccount, ThreadAccount } from '../run-account.js'
import { writeHeading, writeParagraph } from './pdf-blocks.js'
import type { Column } from './pdf-columns.js'
import type { PdfDocument } from './pdf-document.js'
import { NOTHING, formatCount, formatMs, formatShare, formatText } from './pdf-format.js'
import { VERDICT_ORDER, recordsOf, successOf } from './pdf-run-words.js'
import { PdfTable } from './pdf-table.js'
import { STYLE } from './pdf-theme.js'

const REASONS_MAX = 5

const DATABASE_COLUMNS: readonly Column[] = [
  { title: 'Database', align: 'left' },
  { title: 'Entity', align: 'left' },
  { title: 'Accepted', align: 'right' },
  { title: 'Rejected', align: 'right' },
  { title: 'Duplicate', align: 'right' },
  { title: 'Success', align: 'right' },
  { title: 'Most common reasons', align: 'left', minPt: 150 },
]

const THREAD_COLUMNS: readonly Column[] = [
  { title: 'Thread', align: 'right' },
  { title: 'Records', align: 'right' },
  { title: 'Accepted', align: 'right' },
  { title: 'Rejected', align: 'right' },
  { title: 'Duplicate', align: 'right' },
  { title: 'Busy time', align: 'right' },
  { title: 'Share of busy time', align: 'right' },
]

/** Counts and reasons of each database, then the work of each thread. */
export function writeAnalysis(doc: PdfDocument, account: RunAccount): void {
  writeTable(doc, 'Analysis per database', {
    columns: DATABASE_COLUMNS,
    rows: databaseRows(account),
    total: totalRow(account),
    none: 'No database took part in this run.',
  })
  writeTable(doc, 'Analysis per thread', {
    columns: THREAD_COLUMNS,
    rows: threadRows(account.perThread),
    total: undefined,
    none: 'No thread wrote a record.',
  })
}

interface Analysis {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly string[])[]
  /** Stands below two rows or more. */
  readonly total: readonly string[] | undefined
  /** What is said where there are no rows. */
  readonly none: string
}

function writeTable(doc: PdfDocument, title: string, { columns, rows, total, none }: Analysis): void {
  const table = new PdfTable(doc, columns, rows)
  const laid = rows.map((row) => table.layOut(row))
  writeHeading(doc, 'H2', title, laid[0] && table.heightWith(laid[0]))
  if (laid.length === 0) writeParagraph(doc, none, STYLE.note)
  for (const row of laid) table.add(row)
  if (total !== undefined && rows.length > 1) table.add(table.layOut(total, STYLE.total))
  table.end()
}

function databaseRows(account: RunAccount): readonly (readonly string[])[] {
  return account.entities.map((part) => [
    `${part.database}\n${part.engine}`,
    part.entity,
    ...VERDICT_ORDER.map((verdict) => formatCount(part.counts[verdict])),
    formatShare(successOf(part.counts)),
    reasonsOf(part),
  ])
}

function totalRow({ counts, successRate }: RunAccount): readonly string[] {
  return ['All', '', ...VERDICT_ORDER.map((verdict) => formatCount(counts[verdict])), formatShare(successRate), '']
}

function reasonsOf({ reasons }: EntityAccount): string {
  if (reasons.length === 0) return NOTHING
  const lines = reasons.slice(0, REASONS_MAX).map(printReason)
  if (reasons.length > REASONS_MAX) lines.push(`and ${formatCount(reasons.length - REASONS_MAX)} more kinds`)
  return lines.join('\n')
}

function printReason({ count, field, message, code }: ReasonCount): string {
  return `${formatCount(count)} × ${field === '' ? '' : `${formatText(field)}: `}${formatText(message)} (${formatText(code)})`
}

function threadRows(threads: readonly ThreadAccount[]): readonly (readonly string[])[] {
  const busyMs = threads.reduce((sum, thread) => sum + thread.busyMs, 0)
  return threads.map((thread) => [
    formatCount(thread.thread),
    formatCount(recordsOf(thread.counts)),
    ...VERDICT_ORDER.map((verdict) => formatCount(thread.counts[verdict])),
    formatMs(thread.busyMs),
    formatShare(busyMs > 0 ? thread.busyMs / busyMs : undefined),
  ])
}
