/**
 * A whole report as one JSON document. Figures, tables and charts are members by their names, so that a program finds
 * them where they were when the report says more than before; `text` has what is said to people.
 */
import { type Block, type Chart, type Column, type Figure, type ReportModel, tablesOf } from '../report-model.js'
import { cellJson } from './cell-text.js'
import { figuresOf } from './chosen-table.js'
import type { ReportWriter } from './report-writer.js'
import { rowJson } from './row-json.js'
import { RowReader } from './row-reader.js'
import { TextOutput } from './text-output.js'

export const jsonWriter: ReportWriter = {
  extension: 'json',
  mediaType: 'application/json',
  takes: [],
  async write(model, sink, options) {
    const output = new TextOutput(sink)
    const rows = new RowReader(options)
    output.write(`{\n${headOf(model)},\n"tables": {`)
    for (const [at, table] of tablesOf(model).entries()) {
      const { name, title, columns } = table
      const head = `"title": ${JSON.stringify(title)}, "columns": ${JSON.stringify(columns.map(columnOf))}`
      output.write(`${at === 0 ? '' : ','}\n${JSON.stringify(name)}: {${head}, "rows": [`)
      const toJson = rowJson(columns)
      let separator = '\n'
      await rows.each(table, output, (row) => {
        output.write(separator + toJson(row))
        separator = ',\n'
      })
      output.write(']}')
    }
    output.write(`},\n"charts": ${membersOf(model.blocks.filter(isChart), chartOf)}\n}\n`)
    await output.end()
  },
}

function headOf(model: ReportModel): string {
  const { title, subtitle, asOf, blocks } = model
  const said = blocks.filter(({ block }) => block === 'heading' || block === 'text')
  return [
    `"title": ${JSON.stringify(title)}`,
    ...(subtitle === undefined ? [] : [`"subtitle": ${JSON.stringify(subtitle)}`]),
    `"asOf": "${asOf.toISOString()}"`,
    `"text": ${JSON.stringify(said)}`,
    `"figures": ${membersOf(figuresOf(model), figureOf)}`,
  ].join(',\n')
}

/** An object with each thing under its name; a name may also be one that objects have, such as `__proto__`. */
function membersOf<Thing extends { readonly name: string }>(
  things: readonly Thing[],
  toJson: (thing: Thing) => string,
): string {
  return `{${things.map((thing) => `\n${JSON.stringify(thing.name)}: ${toJson(thing)}`).join(',')}}`
}

function figureOf({ label, value, kind, unit, tone, note }: Figure): string {
  const rest = JSON.stringify({ label, kind, unit, tone, note })
  return `{"value":${cellJson(value, kind)},${rest.slice(1)}`
}

function columnOf({ name, title, kind, unit }: Column): object {
  return { name, title, kind, unit }
}

function chartOf({ kind, title, valueTitle, format, series, points }: Chart): string {
  return JSON.stringify({ kind, title, valueTitle, unit: format.unit, series: series.map(({ name }) => name), points })
}

function isChart(block: Block): block is Chart {
  return block.block === 'chart'
}
