/** Values as the formats for machines write them: exact, never rounded, the same wherever it runs. */
import type { Cell, CellKind } from '../report-model.js'

/** The number of the grammar of JSON: what it says is the value, to the last digit. */
const NUMERAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

const NUMERIC: ReadonlySet<CellKind> = new Set(['integer', 'decimal', 'share'])

/** Whether columns of the kind hold numbers. */
export function isNumeric(kind: CellKind): boolean {
  return NUMERIC.has(kind)
}

/** Whether a text of a column with numbers is one: an exact decimal, or an integer beyond 2^53. */
export function isNumeral(text: string): boolean {
  return NUMERAL.test(text)
}

/** A value as plain text; none is empty, and so is a number or a date that is none. */
export function cellText(cell: Cell, kind: CellKind): string {
  switch (typeof cell) {
    case 'string':
      return cell
    case 'number':
      return Number.isFinite(cell) ? String(cell) : ''
    case 'object':
      return cell === null ? '' : (momentText(cell, kind) ?? '')
    default:
      return String(cell)
  }
}

/**
 * A value as JSON. The digits of exact decimals and of integers beyond 2^53 are written as a JSON number: the text
 * loses nothing, and whoever needs every digit reads them with a parser that keeps them.
 */
export function cellJson(cell: Cell, kind: CellKind): string {
  switch (typeof cell) {
    case 'string':
      return isNumeric(kind) && isNumeral(cell) ? cell : JSON.stringify(cell)
    case 'number':
      return Number.isFinite(cell) ? JSON.stringify(cell) : 'null'
    case 'object': {
      const text = cell === null ? undefined : momentText(cell, kind)
      return text === undefined ? 'null' : `"${text}"`
    }
    default:
      return String(cell)
  }
}

/** A moment in UTC, or its day in a column of dates; undefined when the date is none. */
export function momentText(moment: Date, kind: CellKind): string | undefined {
  if (Number.isNaN(moment.getTime())) return undefined
  const text = moment.toISOString()
  return kind === 'date' ? text.slice(0, text.indexOf('T')) : text
}
