/** Values of tables and figures as people read them; machines get them as they are. */
import type { Cell, CellFormat, CellKind } from '../report-model.js'
import {
  NOTHING,
  formatDate,
  formatDecimal,
  formatLines,
  formatMs,
  formatShare,
  formatText,
  formatValue,
} from './print-value.js'

const EXACT = /^([+-]?)(\d{1,200})(?:\.(\d{1,200}))?$/

/** A value as its format says. One that is not of its kind is printed as it is: it may come from data. */
export function printCell(value: Cell, format: CellFormat): string {
  if (value === null) return NOTHING
  const printed = printKind(value, format)
  // Milliseconds are printed in the unit that people read, which then stands there already.
  if (format.unit === undefined || format.unit === 'ms' || printed === NOTHING) return printed
  return `${printed} ${format.unit}`
}

/** Whether values of a kind stand at the right, so that their digits are below each other. */
export function isNumeric(kind: CellKind): boolean {
  return kind === 'integer' || kind === 'decimal' || kind === 'share'
}

function printKind(value: Exclude<Cell, null>, { kind, digits, unit }: CellFormat): string {
  if (value instanceof Date) return kind === 'date' ? formatDate(value).slice(0, 10) : formatDate(value)
  switch (kind) {
    case 'text':
    case 'date':
    case 'instant':
      return typeof value === 'string' ? formatLines(value) : formatValue(value)
    case 'boolean':
      return typeof value === 'boolean' ? (value ? 'yes' : 'no') : formatValue(value)
    case 'share':
      return Number.isFinite(Number(value)) && typeof value !== 'boolean'
        ? formatShare(Number(value), digits)
        : formatValue(value)
    case 'integer':
      return printNumber(value, 0, unit)
    case 'decimal':
      return printNumber(value, digits ?? 2, unit)
    default:
      return kind satisfies never
  }
}

function printNumber(value: Exclude<Cell, null | Date>, digits: number, unit: string | undefined): string {
  if (typeof value === 'number') return unit === 'ms' ? formatMs(value) : formatDecimal(value, digits)
  const exact = EXACT.exec(String(value))
  return exact === null ? formatText(String(value)) : printExact(exact, digits)
}

/** A number given by its digits, rounded half away from zero without passing through a floating-point number. */
function printExact([, sign = '', whole = '', fraction = '']: RegExpExecArray, digits: number): string {
  const kept = fraction.slice(0, digits).padEnd(digits, '0')
  const isUp = Number(fraction[digits] ?? '0') >= 5
  const scaled = String(BigInt(whole + kept) + (isUp ? 1n : 0n)).padStart(digits + 1, '0')
  const cut = scaled.length - digits
  const grouped = scaled.slice(0, cut).replaceAll(/\B(?=(\d{3})+$)/g, ',')
  const minus = sign === '-' && /[1-9]/.test(scaled) ? '-' : ''
  return `${minus}${grouped}${digits === 0 ? '' : `.${scaled.slice(cut)}`}`
}
