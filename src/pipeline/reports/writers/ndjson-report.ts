/** One table of a report as NDJSON: an object a row, in a line each. */
import { chosenTable } from './chosen-table.js'
import type { ReportWriter } from './report-writer.js'
import { rowJson } from './row-json.js'
import { RowReader } from './row-reader.js'
import { TextOutput } from './text-output.js'

export const ndjsonWriter: ReportWriter = {
  extension: 'ndjson',
  mediaType: 'application/x-ndjson',
  takes: ['table'],
  async write(model, sink, options) {
    const table = chosenTable(model, options.table)
    const output = new TextOutput(sink)
    const toJson = rowJson(table.columns)
    await new RowReader(options).each(table, output, (row) => output.write(`${toJson(row)}\n`))
    await output.end()
  },
}
