import type { LedgerLine, ReadLines, RunAccount } from '../run-account.js'
import { writeHeading, writeParagraph } from './pdf-blocks.js'
import type { PdfDocument } from './pdf-document.js'
import { formatCount } from './pdf-format.js'
import { layoutOf } from './pdf-run-layout.js'
import { VERDICTS, type Verdict } from './pdf-run-words.js'
import { PdfTable } from './pdf-table.js'
import { STYLE } from './pdf-theme.js'

/** Rows that are looked at before the columns are chosen. */
const SAMPLE_ROWS = 50

/** One list of rows of an entity. */
export interface RowList {
  readonly entity: string
  readonly verdict: Verdict
  /** How many the run has of them; `rowsMax` may print fewer. */
  readonly total: number
}

export interface RowSource {
  readonly account: RunAccount
  readonly readLines: ReadLines
  readonly rowsMax: number
  readonly signal: AbortSignal | undefined
}

/** Writes the rows of one list as they are read: no more than a sample of them is held. */
export async function writeRows(doc: PdfDocument, list: RowList, source: RowSource): Promise<void> {
  source.signal?.throwIfAborted()
  const { sign, name } = VERDICTS[list.verdict]
  const lines = source.rowsMax > 0 ? source.readLines(list.entity, list.verdict, source.rowsMax) : nothing()
  const reader = lines[Symbol.asyncIterator]()
  try {
    const sample = await take(reader, Math.min(SAMPLE_ROWS, source.rowsMax))
    const layout = layoutOf(sample, list.verdict, source.account)
    const table = new PdfTable(doc, layout.columns, sample.map(layout.cells))
    const laid = sample.map((line) => table.layOut(layout.cells(line)))
    const isEmpty = laid.length === 0 && list.total === 0
    if (isEmpty) return writeNone(doc, `No ${list.verdict} rows.`)
    writeHeading(doc, 'H3', `${sign} ${name} rows (${formatCount(list.total)})`, laid[0] && table.heightWith(laid[0]))
    for (const row of laid) table.add(row)
    let shown = laid.length
    for (; shown < source.rowsMax; shown += 1) {
      if (doc.isWaiting) await doc.flush()
      source.signal?.throwIfAborted()
      const next = await reader.next()
      if (next.done === true) break
      table.add(table.layOut(layout.cells(next.value)))
    }
    table.end()
    writeEnd(doc, list, { shown, rowsMax: source.rowsMax })
  } finally {
    await reader.return?.()
  }
}

function writeNone(doc: PdfDocument, text: string): void {
  doc.y += 8
  writeParagraph(doc, text, STYLE.note)
}

function writeEnd(doc: PdfDocument, { total }: RowList, { shown, rowsMax }: { shown: number; rowsMax: number }): void {
  if (shown >= total) return
  const remedy = shown >= rowsMax ? '; use --rows to show more' : ''
  doc.y += 4
  writeParagraph(doc, `${formatCount(shown)} of ${formatCount(total)} rows shown${remedy}.`, STYLE.note)
}

async function* nothing(): AsyncGenerator<LedgerLine> {}

async function take(reader: AsyncIterator<LedgerLine>, count: number): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = []
  while (lines.length < count) {
    const next = await reader.next()
    if (next.done === true) break
    lines.push(next.value)
  }
  return lines
}
