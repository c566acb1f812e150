/**
 * Finds the first moment that is written in the bytes of a record, by its looks alone: `2024-05-01`, with or without a
 * time behind it, or ten or thirteen digits that count seconds or milliseconds since 1970. It is a hint where records
 * of the same time may be kept together, nothing more: what looks like a moment may be none.
 */

/** A moment in milliseconds since 1970, and how many milliseconds it may be off: it is written no finer. */
export interface RoughMoment {
  ms: number
  withinMs: number
}

const [ZERO, NINE, ONE] = [48, 57, 49]
const [DASH, COLON, POINT, COMMA, BLANK, LETTER_T] = [45, 58, 46, 44, 32, 84]
const [SECOND, MINUTE, DAY] = [1_000, 60_000, 86_400_000]

/** Writes what it finds between two places into `found`; false when there is nothing. */
export function findMoment(bytes: Uint8Array, from: number, to: number, found: RoughMoment): boolean {
  for (let at = from; at < to; at++) {
    if (!isDigit(bytes[at])) continue
    let end = at + 1
    while (end < to && isDigit(bytes[end])) end++
    const digits = end - at
    if (digits === 4 && bytes[end] === DASH && readDate(bytes, at, to, found)) return true
    if ((digits === 10 || digits === 13) && bytes[at] === ONE) {
      found.ms = numberAt(bytes, at, digits) * (digits === 10 ? SECOND : 1)
      found.withinMs = digits === 10 ? SECOND : 1
      return true
    }
    at = end
  }
  return false
}

/** `YYYY-MM-DD`, then as much of `Thh:mm:ss.sss` as there is. */
function readDate(bytes: Uint8Array, at: number, to: number, found: RoughMoment): boolean {
  if (at + 10 > to || bytes[at + 7] !== DASH || !isPair(bytes, at + 5) || !isPair(bytes, at + 8)) return false
  const [year, month, day] = [numberAt(bytes, at, 4), numberAt(bytes, at + 5, 2), numberAt(bytes, at + 8, 2)]
  // Months are taken for equally long, as only the order counts.
  found.ms = (((year - 1970) * 12 + month) * 31 + day) * DAY
  found.withinMs = DAY
  const divider = bytes[at + 10]
  if (at + 16 > to || (divider !== LETTER_T && divider !== BLANK) || bytes[at + 13] !== COLON) return true
  if (!isPair(bytes, at + 11) || !isPair(bytes, at + 14)) return true
  found.ms += (numberAt(bytes, at + 11, 2) * 60 + numberAt(bytes, at + 14, 2)) * MINUTE
  found.withinMs = MINUTE
  if (at + 19 > to || bytes[at + 16] !== COLON || !isPair(bytes, at + 17)) return true
  found.ms += numberAt(bytes, at + 17, 2) * SECOND
  found.withinMs = SECOND
  const point = bytes[at + 19]
  if (at + 23 > to || (point !== POINT && point !== COMMA) || !isPair(bytes, at + 20) || !isDigit(bytes[at + 22]))
    return true
  found.ms += numberAt(bytes, at + 20, 3)
  found.withinMs = 1
  return true
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}

function isPair(bytes: Uint8Array, at: number): boolean {
  return isDigit(bytes[at]) && isDigit(bytes[at + 1])
}

function numberAt(bytes: Uint8Array, at: number, digits: number): number {
  let number = 0
  for (let place = at; place < at + digits; place++) number = number * 10 + (bytes[place] ?? ZERO) - ZERO
  return number
}
