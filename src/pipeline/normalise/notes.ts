/** What normalising tells about a record: what it changed, and what it refuses. */
import type { Reason } from '../../cluster/validation/check-object.js'

/** Why a value is not what its source says. Stable: kept with the record. */
export type ChangeCode =
  | 'TRIMMED'
  | 'NORMALISED'
  | 'NUMBER_TO_TEXT'
  | 'TEXT_TO_BOOLEAN'
  | 'THOUSANDS'
  | 'DECIMAL_COMMA'
  | 'CURRENCY_SIGN'
  | 'MINUS_SIGN'
  | 'TRAILING_MINUS'
  | 'PARENTHESES'
  | 'DATE_FORMAT'
  | 'ZONE'
  | 'EPOCH_SECONDS'
  | 'EPOCH_MILLISECONDS'
  | 'FINER_THAN_MS'
  | 'EMPTY_WORD'
  | 'FALLBACK'
  | 'DEFAULT'

/** One change of one value; several of the same value have the same `from` and `to`. */
export interface Change {
  readonly field: string
  /** Where the value stood in its record, as a JSON pointer; empty for a default. */
  readonly pointer: string
  readonly from: unknown
  readonly to: unknown
  readonly why: ChangeCode
}

/** Why a value cannot be read without guessing. Stable. */
export type NormaliseCode =
  | 'AMBIGUOUS_NUMBER'
  | 'NOT_A_NUMBER'
  | 'NUMBER_TOO_BIG'
  | 'INEXACT_NUMBER'
  | 'AMBIGUOUS_DATE'
  | 'NOT_A_DATE'
  | 'NO_ZONE'
  | 'NO_SUCH_TIME'
  | 'AMBIGUOUS_TIME'
  | 'NOT_A_BOOLEAN'
  | 'NOT_TEXT'
  | 'TWO_SOURCES'

/** A reason that also says where the value stood and what would help. */
export interface NormaliseReason extends Reason {
  readonly code: NormaliseCode
  readonly pointer: string
  readonly fix: string
}

/** A record in the properties of its entity. */
export interface Normalised {
  /** Only properties of the class; without a prototype. Refused values and those not given are left out. */
  readonly values: Record<string, unknown>
  readonly changes: readonly Change[]
  /** Why the record cannot be taken; none when it can. */
  readonly reasons: readonly NormaliseReason[]
}

/** What a parser answers when it has refused the value. */
export const REFUSED = Symbol('refused')

/** What a parser refuses a value with; the message goes behind the field's label. */
export interface Refusal {
  readonly code: NormaliseCode
  readonly message: string
  readonly fix: string
}

/** Where the parser of one value leaves its notes; one is used again for all values. */
export class Notes {
  readonly whys: ChangeCode[] = []
  refusal: Refusal | undefined

  changed(why: ChangeCode): void {
    if (!this.whys.includes(why)) this.whys.push(why)
  }

  /** Notes the refusal and answers {@link REFUSED}. */
  refuse(code: NormaliseCode, message: string, fix: string): typeof REFUSED {
    this.refusal = { code, message, fix }
    return REFUSED
  }

  clear(): void {
    if (this.whys.length > 0) this.whys.length = 0
    this.refusal = undefined
  }
}

/** Reads one given value; answers {@link REFUSED} when it cannot. */
export type Parse = (value: unknown, notes: Notes) => unknown

/** Longest piece of a value that a message repeats. */
const SHOWN_MAX = 60

/** A value as messages show it. */
export function shown(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'number') return String(value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, SHOWN_MAX + 1) : value) ?? typeof value
  return text.length > SHOWN_MAX + 2 ? `${text.slice(0, SHOWN_MAX)}…"` : text
}
