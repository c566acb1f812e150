/** One table of a report as CSV: UTF-8, commas, a header line with the columns' names, `\n` behind each line. */
import { csvField, type CsvFormat, csvLine } from '../../formats/csv-text.js'
import type { Cell, CellKind, Row, Table } from '../report-model.js'
import { cellText, isNumeral, isNumeric } from './cell-text.js'
import { chosenTable } from './chosen-table.js'
import type { ReportWriter } from './report-writer.js'
import { RowReader } from './row-reader.js'
import { TextOutput } from './text-output.js'

export const csvWriter: ReportWriter = {
  extension: 'csv',
  mediaType: 'text/csv; charset=utf-8',
  takes: ['raw', 'table'],
  async write(model, sink, options) {
    const table = chosenTable(model, options.table)
    const output = new TextOutput(sink)
    const format = { delimiter: ',', isGuarded: !options.isRaw }
    const names = table.columns.map(({ name }) => name)
    output.write(`${csvLine(names, format)}\n`)
    const toLine = rowLine(table, format)
    await new RowReader(options).each(table, output, (row) => output.write(toLine(row)))
    await output.end()
  },
}

function rowLine({ columns }: Table, format: CsvFormat): (row: Row) => string {
  const kinds = columns.map(({ kind }) => kind)
  return (row) => {
    let line = ''
    for (const [at, kind] of kinds.entries()) line += (at === 0 ? '' : ',') + fieldOf(row[at] ?? null, kind, format)
    // A lone empty field would be a blank line, which readers pass over.
    return line === '' ? '""\n' : `${line}\n`
  }
}

/** A number is no formula, also when it is negative; every other text may be one. */
function fieldOf(cell: Cell, kind: CellKind, format: CsvFormat): string {
  if (typeof cell !== 'string' || (isNumeric(kind) && isNumeral(cell))) return cellText(cell, kind)
  return csvField(cell, format)
}
