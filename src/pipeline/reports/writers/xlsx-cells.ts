/** Cells of a sheet: numbers that are exact, dates as dates, and everything else as text that no program runs. */
import { isDay } from '../../../util/calendar-day.js'
import { guarded } from '../../formats/csv-text.js'
import type { Cell, CellFormat, CellKind } from '../report-model.js'
import { cellText, isNumeral, isNumeric } from './cell-text.js'
import { STYLES } from './xlsx-styles.js'
import { cutText, inlineString } from './xlsx-text.js'

/** A number of a spreadsheet holds this many digits exactly. */
const DIGITS_MAX = 15
const DAY_MS = 86_400_000
/** Day 0 of spreadsheets, for moments after the 29th of February 1900, which spreadsheets believe in. */
const EPOCH_MS = Date.UTC(1899, 11, 30)
const EARLIEST_MS = Date.UTC(1900, 2, 1)
const LATEST_MS = Date.UTC(10_000, 0, 1) - 1

/** How the cells of a column are written. */
export interface XlsxColumn {
  readonly letters: string
  readonly format: CellFormat
  /** The style of its values; text among them has one of its own. */
  readonly style: number
}

/** Writes cells, and counts what did not fit. */
export class XlsxCells {
  /** Texts that were cut, because no cell holds more. */
  cuts = 0

  constructor(private readonly isGuarded: boolean) {}

  /** The XML of a cell; nothing for an empty one. */
  write(cell: Cell, { letters, format, style }: XlsxColumn, row: number): string {
    const value = valueOf(cell, format.kind)
    if (value === undefined) return ''
    if (typeof value === 'boolean') return `<c r="${letters}${row}" t="b"><v>${value ? 1 : 0}</v></c>`
    if (typeof value === 'object') return `<c r="${letters}${row}" s="${style}"><v>${value.number}</v></c>`
    return value === '' ? '' : this.text(value, letters + row)
  }

  /** A text as a cell that is text, whatever it begins with. */
  text(text: string, reference: string, style: number = STYLES.plain): string {
    const cut = cutText(text)
    if (cut !== undefined) this.cuts += 1
    const shown = cut ?? text
    const isGuarded = this.isGuarded && guarded(shown) !== shown
    return `<c r="${reference}" t="inlineStr" s="${isGuarded ? style + 1 : style}">${inlineString(shown)}</c>`
  }
}

/** A truth, a number as its digits, or text; undefined when the cell is empty. */
function valueOf(cell: Cell, kind: CellKind): boolean | { readonly number: string } | string | undefined {
  switch (typeof cell) {
    case 'boolean':
      return cell
    case 'number':
      return Number.isFinite(cell) ? { number: String(cell) } : undefined
    case 'bigint':
      return numberOrText(String(cell))
    case 'string':
      if (isNumeric(kind) && isNumeral(cell)) return numberOrText(cell)
      return kind === 'date' && isDay(cell) ? (serial(Date.parse(`${cell}T00:00:00Z`)) ?? cell) : cell
    default:
      if (cell === null) return undefined
      return serial(kind === 'date' ? startOfDay(cell.getTime()) : cell.getTime()) ?? cellText(cell, kind)
  }
}

/** Digits that a number would lose stay as text. */
function numberOrText(digits: string): { readonly number: string } | string {
  const significant = digits.replace(/^-?0*\.?0*/, '').replace('.', '')
  return significant.length <= DIGITS_MAX ? { number: digits } : digits
}

function startOfDay(moment: number): number {
  return Math.floor(moment / DAY_MS) * DAY_MS
}

/** A moment as the days that spreadsheets count; undefined where they do not count rightly. */
function serial(moment: number): { readonly number: string } | undefined {
  if (!(moment >= EARLIEST_MS && moment <= LATEST_MS)) return undefined
  return { number: String((moment - EPOCH_MS) / DAY_MS) }
}
