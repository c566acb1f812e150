import { areFigures, headOf, printRow } from '../look/columns-look.js'
import { withSign } from '../look/palette.js'
import type { Row, Table } from '../report-model.js'
import { writeParagraph } from './pdf-blocks.js'
import type { Column } from './pdf-columns.js'
import type { PdfDocument } from './pdf-document.js'
import type { PdfLead } from './pdf-lead.js'
import { PdfTable } from './pdf-table.js'
import { STYLE } from './pdf-theme.js'
import { type RowCount, ShownRows } from './shown-rows.js'

/** Width of a digit in a cell. */
const FIGURE_PT = 4.7
/** Figures of later rows may be longer than those of the first ones. */
const MORE_DIGITS = 3
const FIGURE_CHARACTERS_MAX = 18
/** Long text is not pressed into a narrow column. */
const TEXT_CHARACTERS = 40
const TEXT_PT = 140
const TEXT_COLUMNS_MAX = 8

export interface TablePlace {
  readonly lead: PdfLead
  readonly count: RowCount
  readonly signal: AbortSignal
}

/** Writes a table as its rows are read: no more than a sample of them is held. */
export async function writeTable(doc: PdfDocument, table: Table, { lead, count, signal }: TablePlace): Promise<void> {
  const rows = await ShownRows.open(table, signal)
  const title = withSign(table.title, table.tone)
  try {
    if (rows.isEmpty) {
      lead.write(undefined, title)
      return writeParagraph(doc, table.whenEmpty ?? 'There are none.', STYLE.note)
    }
    const printed = rows.sample.map((row) => printRow(table.columns, row))
    const drawn = new PdfTable(doc, columnsOf(table, rows.sample, printed), printed)
    let first = printed[0] && drawn.layOut(printed[0])
    lead.write(first && drawn.heightWith(first), title)
    for await (const row of rows.all()) {
      drawn.add(first ?? drawn.layOut(printRow(table.columns, row)))
      first = undefined
      count.add()
      if (doc.isWaiting) await doc.flush()
    }
    drawn.end()
    writeEnd(doc, rows.note())
  } finally {
    await rows.close()
  }
}

function writeEnd(doc: PdfDocument, note: string | undefined): void {
  if (note === undefined) return
  doc.y += 4
  writeParagraph(doc, note, STYLE.note)
}

function columnsOf({ columns }: Table, sample: readonly Row[], printed: readonly (readonly string[])[]): Column[] {
  const figures = areFigures(columns, sample)
  return columns.map((column, index) => {
    const longest = printed.reduce((most, cells) => Math.max(most, cells[index]?.length ?? 0), 0)
    const title = headOf(column)
    if (figures[index] === true) {
      const characters = Math.min(longest + MORE_DIGITS, FIGURE_CHARACTERS_MAX)
      return { title, align: 'right', minPt: characters * FIGURE_PT }
    }
    const isLong = longest >= TEXT_CHARACTERS && columns.length <= TEXT_COLUMNS_MAX
    return { title, align: 'left', ...(isLong && { minPt: TEXT_PT }) }
  })
}
