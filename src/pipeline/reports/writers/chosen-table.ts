/** The one table that a format without room for more writes. */
import { ShardyardError } from '../../../errors.js'
import { type Figure, type ReportModel, type Table, tablesOf } from '../report-model.js'

/** Name of the table that the figures of a model make, unless it has one of that name. */
const FIGURES = 'figures'

/**
 * The table of that name, or the main one. A model without a table has its figures.
 *
 * @throws SY_OPTION_INVALID when there is none of that name
 */
export function chosenTable(model: ReportModel, name: string | undefined): Table {
  const tables = tablesOf(model)
  const wanted = name ?? model.mainTable ?? tables[0]?.name ?? FIGURES
  const found = tables.find((table) => table.name === wanted)
  if (found !== undefined) return found
  if (wanted === FIGURES) return figuresTable(model)
  const known = [...new Set([...tables.map((table) => table.name), FIGURES])]
  throw new ShardyardError(
    'SY_OPTION_INVALID',
    `The report has no table "${wanted}". There ${known.length === 1 ? 'is' : 'are'}: ${known.join(', ')}.`,
    { details: { option: 'table', known } },
  )
}

/** All figures of a model, in order. */
export function figuresOf({ blocks }: ReportModel): Figure[] {
  return blocks.flatMap((block) => (block.block === 'figures' ? block.figures : []))
}

/** Its values are of many kinds; as decimals the numbers among them stay numbers. */
function figuresTable(model: ReportModel): Table {
  return {
    block: 'table',
    name: FIGURES,
    title: 'Figures',
    columns: [
      { name: 'name', title: 'Name', kind: 'text' },
      { name: 'value', title: 'Value', kind: 'decimal' },
    ],
    rows: figuresOf(model).map(({ name, value }) => [name, value]),
  }
}
