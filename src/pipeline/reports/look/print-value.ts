/** Figures and foreign values as text. Nothing here asks the machine for its language or its time zone. */

/** What stands where there is nothing to print. */
export const NOTHING = '–'

/** Longest value or message printed whole; the rest is cut off with a remark. */
const TEXT_CHARS_MAX = 1_000
/** A cell may have several lines, each as long as that. */
const CELL_CHARS_MAX = 20_000
const CELL_LINES_MAX = 1_000
const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/

/** A whole number with its thousands apart: `33,271`. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return NOTHING
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** A number with a fixed count of decimals and its thousands apart: `1,204.5`. */
export function formatDecimal(value: number, decimals: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e21) return NOTHING
  const [whole = '', fraction] = Math.abs(value).toFixed(decimals).split('.')
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  const minus = value < 0 && /[1-9]/.test(`${whole}${fraction ?? ''}`) ? '-' : ''
  return `${minus}${grouped}${fraction === undefined ? '' : `.${fraction}`}`
}

/** A share of 1 in percent; `99.96%` of a run is never rounded to a false `100.0%`, nor one in a million to nothing. */
export function formatShare(share: number | undefined, decimals = 1): string {
  if (share === undefined || !Number.isFinite(share)) return NOTHING
  const step = 10 ** -decimals
  const rounded = Number((share * 100).toFixed(decimals))
  if (rounded === 100 && share < 1) return `${(100 - step).toFixed(decimals)}%`
  if (rounded === 0 && share > 0) return `${step.toFixed(decimals)}%`
  return `${formatDecimal(rounded, decimals)}%`
}

/** Milliseconds in the unit that people read: `0.42 ms`, `83 ms`, `3.05 s`, `1 h 02 min`. */
export function formatMs(ms: number): string {
  if (!Number.isFinite(ms)) return NOTHING
  if (ms < 1_000) return `${formatDecimal(ms, ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`
  if (ms < 60_000) return `${formatDecimal(ms / 1_000, 2)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min ${twoDigits((ms % 60_000) / 1_000)} s`
  return `${formatCount(Math.floor(minutes / 60))} h ${twoDigits(minutes % 60)} min`
}

/** A moment in UTC: `2025-08-20 23:53:25 UTC`. */
export function formatDate(date: Date | undefined): string {
  if (date === undefined || Number.isNaN(date.getTime())) return NOTHING
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** Cuts what is too long to print and says how long it was. A line break of the data is shown as one. */
export function formatText(text: string): string {
  const units = text.length > TEXT_CHARS_MAX ? text.slice(0, endOfCut(text)) : text
  const shown = units.replaceAll(/\r\n|[\n\r\u2028\u2029]/g, '↵\n').replaceAll('\t', ' ')
  return text.length > TEXT_CHARS_MAX ? `${shown}… (${formatCount(text.length)} characters)` : shown
}

/** A text as it stands in a cell: its line breaks stay, and neither a line nor the whole of it takes pages. */
export function formatLines(text: string): string {
  if (text.trim() === '') return `"${text.slice(0, TEXT_CHARS_MAX)}"`
  const isCut = text.length > CELL_CHARS_MAX
  const lines = text.slice(0, CELL_CHARS_MAX).split(LINE_BREAK).map(formatText)
  const shown = lines.length > CELL_LINES_MAX ? [...lines.slice(0, CELL_LINES_MAX), '…'] : lines
  return isCut ? `${shown.join('\n')}… (${formatCount(text.length)} characters)` : shown.join('\n')
}

/** A value from outside as text: whatever it is, printing it never throws and never takes a page of its own. */
export function formatValue(value: unknown): string {
  if (typeof value === 'string') return value.trim() === '' ? `"${formatText(value)}"` : formatText(value)
  if (value === undefined || value === null) return NOTHING
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return `${formatCount(value.length)} bytes`
  return formatText(tellObject(value))
}

/** Never between the two halves of a character. */
function endOfCut(text: string): number {
  const unit = text.charCodeAt(TEXT_CHARS_MAX - 1)
  return unit >= 0xd800 && unit <= 0xdbff ? TEXT_CHARS_MAX - 1 : TEXT_CHARS_MAX
}

/** An object as JSON, whatever it holds. */
export function tellObject(value: unknown): string {
  try {
    if (value instanceof Date) return value.toISOString()
    return JSON.stringify(value, withoutBigint) ?? `(${typeof value})`
  } catch {
    // A circle, a throwing getter, an invalid date: the record comes from outside and the report goes on.
    return '(cannot be printed)'
  }
}

function withoutBigint(_key: string, part: unknown): unknown {
  return typeof part === 'bigint' ? String(part) : part
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}
