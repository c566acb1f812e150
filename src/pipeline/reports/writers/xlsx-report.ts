/**
 * A report as a workbook: a sheet with what it says, then one for each table, or more when its rows do not fit.
 *
 * 1. Texts are cells of the type text, and there is never a formula: nothing of the data runs when the file is opened.
 * 2. Texts that would become formulas when a person edits their cell have the apostrophe of spreadsheets before them,
 *    which is a property of the cell (`quotePrefix`), not a character: the value stays as it is.
 * 3. Rows go through in bounded memory, and the same model gives the same bytes.
 */
import { type ReportModel, tablesOf } from '../report-model.js'
import type { ReportSink, ReportWriter, WriterOptions } from './report-writer.js'
import { RowReader } from './row-reader.js'
import { writeBook, writeTypes } from './xlsx-book.js'
import { XlsxCells } from './xlsx-cells.js'
import { SheetNames } from './xlsx-names.js'
import { type SheetParts, writeTable } from './xlsx-sheets.js'
import { XlsxStyles } from './xlsx-styles.js'
import { type WrittenSheet, writeSummary } from './xlsx-summary.js'
import { ZipOutput } from './zip-output.js'

const SHEET_ROWS_MAX = 1_048_576

export const xlsxWriter: ReportWriter = xlsxWriterOf(SHEET_ROWS_MAX)

/** The writer with other sheets than the largest, so that a test need not fill one. */
export function xlsxWriterOf(rowsMax: number): ReportWriter {
  return {
    extension: 'xlsx',
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    takes: ['raw'],
    write: (model, sink, options) => writeWorkbook(model, sink, { ...options, rowsMax }),
  }
}

async function writeWorkbook(
  model: ReportModel,
  sink: ReportSink,
  options: WriterOptions & { readonly rowsMax: number },
): Promise<void> {
  const zip = new ZipOutput(sink)
  const cells = new XlsxCells(!options.isRaw)
  const parts = { zip, cells, styles: new XlsxStyles(), rowsMax: options.rowsMax }
  try {
    writeTypes(zip)
    const names = new SheetNames()
    const summary = names.take('Report')
    const sheets = await writeTables(parts, model, { names, rows: new RowReader(options) })
    await writeSummary(parts, model, sheets)
    writeBook(zip, model, [summary, ...sheets.map(({ name }) => name)], parts.styles)
    await zip.close()
  } catch (error) {
    zip.abort()
    throw error
  }
}

/** Names of all tables are given out before those of sheets that take what did not fit. */
async function writeTables(
  parts: SheetParts,
  model: ReportModel,
  { names, rows }: { readonly names: SheetNames; readonly rows: RowReader },
): Promise<WrittenSheet[]> {
  const named = tablesOf(model).map((table) => ({ table, name: names.take(table.name) }))
  const sheets: WrittenSheet[] = []
  for (const { table, name } of named) {
    const counts = await writeTable(parts, table, sheets.length + 2, rows)
    for (const [at, count] of counts.entries())
      sheets.push({ table: table.name, name: at === 0 ? name : names.take(name), rows: count })
  }
  return sheets
}
