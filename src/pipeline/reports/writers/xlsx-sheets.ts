/** The sheets of the tables: as many for each as its rows need. */
import { reportFailed } from '../report-failed.js'
import type { Column, Table } from '../report-model.js'
import { isNumeric } from './cell-text.js'
import type { RowReader } from './row-reader.js'
import { TextOutput } from './text-output.js'
import { MAIN, sheetPath } from './xlsx-book.js'
import type { XlsxCells, XlsxColumn } from './xlsx-cells.js'
import { STYLES, type XlsxStyles } from './xlsx-styles.js'
import type { ZipEntry, ZipOutput } from './zip-output.js'

const COLUMNS_MAX = 16_384
const WIDTH_MAX = 60

/** What the sheets of a workbook share. */
export interface SheetParts {
  readonly zip: ZipOutput
  readonly cells: XlsxCells
  readonly styles: XlsxStyles
  /** Most rows of a sheet, with its header. */
  readonly rowsMax: number
}

/** Writes a table into as many sheets as it needs, the first with the number `first`; answers its rows in each. */
export async function writeTable(
  parts: SheetParts,
  table: Table,
  first: number,
  rows: RowReader,
): Promise<readonly number[]> {
  if (table.columns.length > COLUMNS_MAX)
    throw reportFailed(`The table "${table.name}" has ${table.columns.length} columns; a sheet holds ${COLUMNS_MAX}.`)
  const columns = table.columns.map((column, at) => columnOf(column, at, parts.styles))
  const counts: number[] = []
  let sheet = openSheet(parts, table, first)
  let count = 0
  // Stands for whichever sheet is open.
  const output = {
    get isWaiting() {
      return sheet.entry.isWaiting
    },
    flush: () => sheet.entry.flush(),
  }
  await rows.each(table, output, (row) => {
    if (count === parts.rowsMax - 1) {
      closeSheet(sheet)
      counts.push(count)
      sheet = openSheet(parts, table, first + counts.length)
      count = 0
    }
    count += 1
    const number = count + 1
    let xml = `<row r="${number}">`
    for (const [at, column] of columns.entries()) xml += parts.cells.write(row[at] ?? null, column, number)
    sheet.text.write(`${xml}</row>`)
  })
  closeSheet(sheet)
  return [...counts, count]
}

/** `A`, `B`, … `Z`, `AA`, … */
export function columnLetters(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26))
  return index < 26 ? letter : columnLetters(Math.floor(index / 26) - 1) + letter
}

/** A sheet while it is written. */
interface OpenSheet {
  readonly entry: ZipEntry
  readonly text: TextOutput
}

function openSheet({ zip, cells }: SheetParts, { columns }: Table, number: number): OpenSheet {
  const entry = zip.open(sheetPath(number))
  const text = new TextOutput(entry)
  const widths = columns.map((column, at) => columnWidth(at, widthOf(column)))
  const heads = columns.map(({ name }, at) => cells.text(name, `${columnLetters(at)}1`, STYLES.head))
  text.write(sheetHead(widths, true))
  text.write(`<row r="1">${heads.join('')}</row>`)
  return { entry, text }
}

function closeSheet({ entry, text }: OpenSheet): void {
  text.write(SHEET_END)
  text.send()
  entry.end()
}

export const SHEET_END = '</sheetData></worksheet>'

/** The beginning of a sheet, up to its rows; `isFrozen` keeps the first one in sight. */
export function sheetHead(columns: readonly string[], isFrozen: boolean): string {
  const pane = isFrozen ? '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' : ''
  return (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
    `<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews>` +
    `${columns.length === 0 ? '' : `<cols>${columns.join('')}</cols>`}<sheetData>`
  )
}

export function columnWidth(at: number, width: number): string {
  return `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`
}

function columnOf(column: Column, at: number, styles: XlsxStyles): XlsxColumn {
  return { letters: columnLetters(at), format: column, style: styles.styleOf(column) }
}

/** Told before the rows are known: by what the column holds, and its name. */
function widthOf({ name, kind }: Column): number {
  const usual = kind === 'instant' ? 20 : kind === 'text' ? 24 : isNumeric(kind) ? 14 : 12
  return Math.min(WIDTH_MAX, Math.max(usual, name.length + 2))
}
