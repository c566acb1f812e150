import type { FormatCode } from './source-shape.js'

/** A number that a double does not hold as it is written. */
export interface NumberProblem {
  readonly code: FormatCode
  readonly message: string
  readonly fix: string
}

/** Digits that every double keeps; a number with so many characters and no exponent needs no check. */
export const DIGITS_SAFE = 15
/** Most digits that `toPrecision` can show. */
const DIGITS_MAX = 100
const PARTS = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
const AS_TEXT = 'Write it as a string, in quotes.'

/** What a double would change about a JSON number; null when it keeps its digits, as 0.1 does. */
export function numberProblem(literal: string, lengthMax: number): NumberProblem | null {
  if (literal.length > lengthMax) {
    return { code: 'VALUE_TOO_LONG', message: `The number has more than ${lengthMax} characters.`, fix: AS_TEXT }
  }
  const value = Number(literal)
  if (/^-?\d+$/.test(literal)) {
    if (Number.isSafeInteger(value)) return null
    return { code: 'UNSAFE_INTEGER', message: 'The integer is beyond 2^53 and would be changed.', fix: AS_TEXT }
  }
  if (Number.isFinite(value) && keepsDigits(literal, value)) return null
  return {
    code: 'INEXACT_NUMBER',
    message: 'The number is too large, too small or too precise for a double and would be changed.',
    fix: AS_TEXT,
  }
}

function keepsDigits(literal: string, value: number): boolean {
  const written = normalised(literal)
  if (written.digits === '') return true
  if (written.digits.length > DIGITS_MAX || value === 0) return false
  // The second way is for a double halfway between two texts, of which `toPrecision` shows the other one.
  return [value.toPrecision(written.digits.length), String(value)].some((text) => {
    const held = normalised(text)
    return held.digits === written.digits && held.exponent === written.exponent
  })
}

/** The digits without zeros at both ends, and the power of ten of 0.digits. */
function normalised(literal: string): { readonly digits: string; readonly exponent: number } {
  const [, whole = '', decimals = '', power = '0'] = PARTS.exec(literal) ?? []
  const digits = (whole + decimals).replace(/^0+/, '')
  const zeros = whole.length + decimals.length - digits.length
  return { digits: digits.replace(/0+$/, ''), exponent: whole.length - zeros + Number(power) }
}
