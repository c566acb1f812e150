import type { Cluster } from 'shardyard'
import type { Report } from 'shardyard/src/pipeline/reports/define-report'
import { tablesOf, type Cell, type ReportModel } from 'shardyard/src/pipeline/reports/report-model'

/** A model with its rows read: what a test looks at. */
export interface Collected {
  readonly model: ReportModel
  readonly figures: Readonly<Record<string, Cell>>
  /** Rows of each table, as objects by the names of the columns. */
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, Cell | undefined>>[]>>
  /** Headings and paragraphs. */
  readonly texts: readonly string[]
  /** Labels and first values of each chart. */
  readonly charts: Readonly<Record<string, readonly (readonly [string, number | null | undefined])[]>>
}

/** Runs a report with the defaults of its options, and reads all that its model holds. */
export async function collectReport(cluster: Cluster, report: Report, given: object = {}): Promise<Collected> {
  const defaults = Object.entries(report.options).map(([name, spec]) => [name, spec.default] as const)
  const options = { ...Object.fromEntries(defaults), ...given }
  return collectModel(await report.run({ cluster, options, signal: new AbortController().signal }, []))
}

export async function collectModel(model: ReportModel): Promise<Collected> {
  const tables: Record<string, Readonly<Record<string, Cell | undefined>>[]> = {}
  for (const { name, columns, rows, rowCount } of tablesOf(model)) {
    const read: Readonly<Record<string, Cell | undefined>>[] = []
    for await (const row of rows) {
      if (row.length !== columns.length) throw new Error(`A row of "${name}" has ${row.length} cells.`)
      read.push(Object.fromEntries(columns.map((column, index) => [column.name, row[index]])))
    }
    if (rowCount !== undefined && rowCount !== read.length) throw new Error(`"${name}" has ${read.length} rows.`)
    tables[name] = read
  }
  return {
    model,
    tables,
    figures: Object.fromEntries(
      model.blocks.flatMap((block) =>
        block.block === 'figures' ? block.figures.map(({ name, value }) => [name, value]) : [],
      ),
    ),
    texts: model.blocks.flatMap((block) => (block.block === 'text' || block.block === 'heading' ? [block.text] : [])),
    charts: Object.fromEntries(
      model.blocks.flatMap((block) =>
        block.block === 'chart' ? [[block.name, block.points.map(({ label, values }) => [label, values[0]])]] : [],
      ),
    ),
  }
}
