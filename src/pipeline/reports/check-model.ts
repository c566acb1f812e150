import { type ReportModel, tablesOf } from './report-model.js'
import { reportFailed } from './report-failed.js'

/**
 * Lets a model pass that every writer can write.
 *
 * @throws SY_REPORT_FAILED with all that is wrong with it
 */
export function checkModel(report: string, model: ReportModel): void {
  const mistakes = [...mistakesOf(model)]
  if (mistakes.length > 0)
    throw reportFailed(`The report "${report}" has made a model that cannot be written: ${mistakes.join('; ')}.`)
}

function* mistakesOf(model: ReportModel): Generator<string> {
  if (!(model.asOf instanceof Date) || Number.isNaN(model.asOf.getTime())) yield '`asOf` is no date'
  const tables = tablesOf(model)
  const figures = model.blocks.flatMap((block) => (block.block === 'figures' ? block.figures : []))
  yield* repeated('tables', tables)
  yield* repeated('figures', figures)
  yield* repeated(
    'charts',
    model.blocks.filter((block) => block.block === 'chart'),
  )
  for (const { name, columns } of tables) {
    if (columns.length === 0) yield `the table "${name}" has no columns`
    yield* repeated(`columns of the table "${name}"`, columns)
  }
  if (model.mainTable !== undefined && !tables.some(({ name }) => name === model.mainTable))
    yield `there is no table "${model.mainTable}", which is to be the main one`
}

function* repeated(things: string, named: readonly { readonly name: string }[]): Generator<string> {
  const names = named.map(({ name }) => name)
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at))
  for (const name of twice) yield `two ${things} are named "${name}"`
}
