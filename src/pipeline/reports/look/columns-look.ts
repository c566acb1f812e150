/** How the columns of a table stand: figures at the right, so that their digits are below each other. */
import type { Column, Row } from '../report-model.js'
import { isNumeric, printCell } from './print-cell.js'
import { formatText } from './print-value.js'

const FIGURE = /^-?\d{1,15}(\.\d+)?$/

/** Which columns stand at the right; text does where every value of the first rows is a figure. */
export function areFigures(columns: readonly Column[], sample: readonly Row[]): boolean[] {
  return columns.map(({ kind }, index) => {
    if (kind !== 'text') return isNumeric(kind)
    const given = sample.map((row) => row[index] ?? null).filter((value) => value !== null)
    return given.length > 0 && given.every((value) => typeof value !== 'boolean' && FIGURE.test(String(value)))
  })
}

/** The head of a column: its unit stands there once, not in each row. Milliseconds are printed in several units. */
export function headOf({ title, unit }: Column): string {
  const head = formatText(title)
  return unit === undefined || unit === '' || unit === 'ms' ? head : `${head} (${unit})`
}

/** A row as text, without the units that its heads tell. */
export function printRow(columns: readonly Column[], row: Row): string[] {
  return columns.map(({ kind, digits, unit }, index) => {
    const format = { kind, ...(digits !== undefined && { digits }), ...(unit === 'ms' && { unit }) }
    return printCell(row[index] ?? null, format)
  })
}
