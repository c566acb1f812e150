/** The parser of a property: by its kind and its rule. */
import { instantParser } from './read-instant.js'
import type { Property } from './kinds.js'
import { REFUSED, shown, type Notes, type Parse } from './notes.js'
import { readDecimal, readDouble } from './read-decimal.js'

/** The parser of a property; `zone` stands in for that of its rule. */
export function parserOf(property: Property, zone?: string): Parse {
  switch (property.kind) {
    case 'text':
      return textParser(property)
    case 'whole':
    case 'wide':
      return wholeParser(property)
    case 'decimal':
      return decimalParser(property)
    case 'number':
      return numberParser(property)
    case 'instant':
      return instantParser(property.intake, zone)
    case 'day':
      return dayParser(property)
    case 'boolean':
      return parseBoolean
    case 'any':
      return (value) => value
    default:
      return property.kind satisfies never
  }
}

/** Text is brought into the form of its column here already, so that what that changes is told. */
function textParser({ field }: Property): Parse {
  const normalise = field?.normalise
  return (value, notes) => {
    const text = typeof value === 'string' ? value : textOf(value, notes)
    if (typeof text !== 'string' || normalise === undefined) return text
    const stored = normalise(text)
    if (stored !== text) notes.changed(stored === text.trim() ? 'TRIMMED' : 'NORMALISED')
    return stored
  }
}

function textOf(value: unknown, notes: Notes): string | typeof REFUSED {
  if (typeof value === 'bigint' || typeof value === 'number') {
    if (typeof value === 'number' && !isExact(value)) return inexact(value, notes)
    notes.changed('NUMBER_TO_TEXT')
    return String(value)
  }
  return notes.refuse('NOT_TEXT', `must be text, not ${shown(value)}`, 'Give it as text.')
}

/** Numbers stay within ±2^53; a plain 64-bit column, which TypeORM gives as text, takes longer ones as text. */
function wholeParser({ kind, field, intake }: Property): Parse {
  const { numbers = {} } = intake
  return (value, notes) => {
    const text = typeof value === 'string' ? readDecimal(value, notes, numbers) : numberOf(value, notes)
    if (text === REFUSED) return REFUSED
    const number = Number(text) + 0
    if (!Number.isInteger(number)) {
      // Our own columns have a rule for it.
      return field === undefined ? notWhole(value, notes) : number
    }
    if (Number.isSafeInteger(number)) return number
    const isWideText = kind === 'wide' && field === undefined && typeof text === 'string' && !text.includes('.')
    return isWideText ? text : notes.refuse('NUMBER_TOO_BIG', `is beyond ±2^53: ${shown(value)}`, 'Keep it as text.')
  }
}

function decimalParser({ intake }: Property): Parse {
  const { numbers = {} } = intake
  return (value, notes) => (typeof value === 'string' ? readDecimal(value, notes, numbers) : numberOf(value, notes))
}

function numberParser({ intake }: Property): Parse {
  const { numbers = {} } = intake
  return (value, notes) => {
    if (typeof value === 'number' && Number.isFinite(value)) return value
    if (typeof value === 'string') return readDouble(value, notes, numbers)
    const number = numberOf(value, notes)
    return number === REFUSED ? REFUSED : Number(number)
  }
}

/** A number from outside: those that a double has cut are refused, a bigint becomes its digits. */
function numberOf(value: unknown, notes: Notes): number | string | typeof REFUSED {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return notes.refuse('NOT_A_NUMBER', `is not a number: ${shown(value)}`, 'Give it as a number.')
  }
  return isExact(value) ? value : inexact(value, notes)
}

/** Beyond 2^53 a number has lost digits before it came here. */
function isExact(value: number): boolean {
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER
}

function inexact(value: number, notes: Notes): typeof REFUSED {
  return notes.refuse(
    'INEXACT_NUMBER',
    `is a number that has lost digits: ${shown(value)}`,
    'Give it as text in quotes.',
  )
}

function notWhole(value: unknown, notes: Notes): typeof REFUSED {
  return notes.refuse('NOT_A_NUMBER', `is not a whole number: ${shown(value)}`, 'Give it without decimals.')
}

/** A calendar day stays a text, `2024-12-31`, as TypeORM has it; a time of day with it is refused. */
function dayParser({ intake }: Property): Parse {
  const parse = instantParser({ ...intake, zone: 'UTC' })
  return (value, notes) => {
    if (typeof value !== 'string' || /:/.test(value)) {
      return notes.refuse('NOT_A_DATE', `is not a day: ${shown(value)}`, 'Write it as 2024-12-31.')
    }
    const moment = parse(value, notes)
    if (!(moment instanceof Date)) return moment
    const day = moment.toISOString().slice(0, 10)
    notes.whys.length = 0
    if (day !== value) notes.changed(day === value.trim() ? 'TRIMMED' : 'DATE_FORMAT')
    return day
  }
}

function parseBoolean(value: unknown, notes: Notes): unknown {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
  if (word !== 'true' && word !== 'false') {
    return notes.refuse('NOT_A_BOOLEAN', `is neither true nor false: ${shown(value)}`, 'Write true or false.')
  }
  notes.changed('TEXT_TO_BOOLEAN')
  return word === 'true'
}
