/** The first sheet of a workbook: what the report says beside its tables, and where those are. */
import type { Block, Cell, CellFormat, Chart, Figure, ReportModel } from '../report-model.js'
import { TextOutput } from './text-output.js'
import { sheetPath } from './xlsx-book.js'
import { STYLES } from './xlsx-styles.js'
import { columnLetters, columnWidth, SHEET_END, sheetHead, type SheetParts } from './xlsx-sheets.js'

const TEXT = { kind: 'text' } as const
const WIDTHS = [44, 24, 24, 24]

/** A sheet with rows of a table. */
export interface WrittenSheet {
  readonly table: string
  readonly name: string
  readonly rows: number
}

/** A value with how it is shown. */
interface SummaryCell {
  readonly value: Cell
  readonly format?: CellFormat
  readonly style?: number
}

/** Written last, because it says how many rows the sheets have and how many texts were cut. */
export async function writeSummary(
  parts: SheetParts,
  model: ReportModel,
  sheets: readonly WrittenSheet[],
): Promise<void> {
  const entry = parts.zip.open(sheetPath(1))
  const output = new TextOutput(entry)
  output.write(
    sheetHead(
      WIDTHS.map((width, at) => columnWidth(at, width)),
      false,
    ),
  )
  let row = 0
  for (const cells of summaryRows(model, sheets, parts.cells.cuts)) {
    row += 1
    const xml = cells.map((cell, at) => cellXml(parts, cell, columnLetters(at), row))
    output.write(`<row r="${row}">${xml.join('')}</row>`)
    if (output.isWaiting) await output.flush()
  }
  output.write(SHEET_END)
  output.send()
  entry.end()
}

function cellXml({ cells, styles }: SheetParts, cell: SummaryCell, letters: string, row: number): string {
  const { value, format = TEXT, style } = cell
  if (style !== undefined) return cells.text(String(value), letters + row, style)
  return cells.write(value, { letters, format, style: styles.styleOf(format) }, row)
}

function* summaryRows(
  model: ReportModel,
  sheets: readonly WrittenSheet[],
  cuts: number,
): Generator<readonly SummaryCell[]> {
  yield [{ value: model.title, style: STYLES.title }]
  if (model.subtitle !== undefined) yield [{ value: model.subtitle }]
  yield [{ value: 'As of (UTC)' }, { value: model.asOf, format: { kind: 'instant' } }]
  for (const block of model.blocks) yield* blockRows(block, sheets)
  if (cuts > 0)
    yield* [[], [{ value: `Texts cut to the 32,767 characters that a cell holds: ${cuts.toLocaleString('en-US')}` }]]
}

function* blockRows(block: Block, sheets: readonly WrittenSheet[]): Generator<readonly SummaryCell[]> {
  switch (block.block) {
    case 'heading':
      yield* [[], [head(block.text)], ...(block.note === undefined ? [] : [[{ value: block.note }]])]
      break
    case 'text':
      yield [{ value: block.text }]
      break
    case 'figures':
      yield* block.figures.map(figureRow)
      break
    case 'table':
      // Alone in its row: a long title runs on over the empty cells beside it.
      yield* [[], [head(block.title)]]
      yield* sheets.filter(({ table }) => table === block.name).map(sheetRow)
      break
    case 'chart':
      yield* chartRows(block)
      break
    default:
      block satisfies never
  }
}

function sheetRow({ name, rows }: WrittenSheet): SummaryCell[] {
  return [
    { value: `Sheet "${name}"` },
    { value: rows, format: { kind: 'integer' } },
    { value: rows === 1 ? 'row' : 'rows' },
  ]
}

function figureRow({ label, value, unit, note, ...format }: Figure): SummaryCell[] {
  return [{ value: label }, { value, format }, { value: unit ?? null }, { value: note ?? null }]
}

/** A chart as the numbers that it draws. */
function* chartRows({ title, valueTitle, series, points, format }: Chart): Generator<readonly SummaryCell[]> {
  yield* [[], [head(title)], [head(valueTitle), ...series.map(({ name }) => head(name))]]
  for (const { label, values } of points) yield [{ value: label }, ...values.map((value) => ({ value, format }))]
}

function head(text: string): SummaryCell {
  return { value: text, style: STYLES.head }
}
