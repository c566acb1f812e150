/**
 * Numbers as people and machines write them → a plain decimal text (`-1234.50`), exact: nothing goes through a double.
 *
 * A text of digits with at most one point is machine notation and read as it is, unless the rule declares the comma.
 * In all other notations a lone separator before exactly three digits (`1,234`, `€ 1.234`) may be either of decimal
 * and thousands, and is refused unless the rule says which separator is the decimal one.
 */
import type { NumberReading } from '../../columns/intake.js'
import { REFUSED, shown, type Notes } from './notes.js'

/** Longest text that is looked at, and longest number that comes of it, in characters. */
const TEXT_MAX = 60
const DIGITS_MAX = 40
const EXPONENT_MAX = 400

const SIMPLE = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/
const MACHINE = /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/
const MACHINE_WITH_COMMA = /^([+-]?)()(\d+)(?:[eE]([+-]?\d{1,4}))?$/
const SPACES = /[ \u00a0\u2009\u202f]/g
const SIGNS = '[$€£¥₺₹]'
const LEADING_CURRENCY = new RegExp(`^(?:([A-Z]{2,3}) ?(?=[-\\d(])|${SIGNS} ?)`)
const TRAILING_CURRENCY = new RegExp(`(?:(?<=[\\d)-]) ?([A-Z]{2,3})| ?${SIGNS})$`)
const FIX_NUMBER = 'Write it with digits and a decimal point: 1234.50.'

/** The codes that may stand beside an amount, and the one for the lira that shops write. */
const CURRENCIES: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('currency'), 'TL'])

/** The number as a plain decimal text, or {@link REFUSED}. */
export function readDecimal(text: string, notes: Notes, rule: NumberReading): string | typeof REFUSED {
  if (text.length > TEXT_MAX) return notANumber(text, notes)
  const trimmed = text.trim()
  if (trimmed.length !== text.length) notes.changed('TRIMMED')
  if (rule.decimal !== ',' && trimmed.length <= DIGITS_MAX && SIMPLE.test(trimmed)) return trimmed
  const machine = (rule.decimal === ',' ? MACHINE_WITH_COMMA : MACHINE).exec(trimmed)
  if (machine !== null) return readMachine(machine, text, notes, rule)
  const bare = undecorate(trimmed, notes, rule)
  if (bare === 'currency') {
    return notes.refuse('NOT_A_NUMBER', `has a currency: ${shown(text)}`, 'Leave the currency out of the number.')
  }
  if (bare === undefined) return notANumber(text, notes)
  return readGrouped(bare, { text, notes, rule })
}

/** The number as a double, or {@link REFUSED}: what is beyond a double is no number near it. */
export function readDouble(text: string, notes: Notes, rule: NumberReading): number | typeof REFUSED {
  const trimmed = text.length > TEXT_MAX ? '' : text.trim()
  if (rule.decimal === ',' || !MACHINE.test(trimmed)) {
    const plain = readDecimal(text, notes, rule)
    return plain === REFUSED ? REFUSED : Number(plain) + 0
  }
  if (trimmed.length !== text.length) notes.changed('TRIMMED')
  const number = Number(trimmed) + 0
  const isLost = !Number.isFinite(number) || (number === 0 && /^[^eE]*[1-9]/.test(trimmed))
  return isLost ? tooBig(text, notes) : number
}

function readMachine(match: RegExpExecArray, text: string, notes: Notes, rule: NumberReading): string | typeof REFUSED {
  const [, sign = '', first = '', second = '', exponent = '0'] = match
  // With the comma declared the pattern puts all digits into the second group.
  const [whole, decimals] = rule.decimal === ',' ? [second, ''] : [first, second]
  const shift = Number(exponent)
  if (Math.abs(shift) > EXPONENT_MAX) return tooBig(text, notes)
  const plain = shifted(whole, decimals, shift)
  return plain.length > DIGITS_MAX ? tooBig(text, notes) : `${sign === '-' ? '-' : ''}${plain}`
}

/** `12` and `345`, shifted by 1: `123.45`. */
function shifted(whole: string, decimals: string, shift: number): string {
  const digits = whole + decimals
  const point = whole.length + shift
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0')
  const at = Math.max(point, 0)
  return joined(padded.slice(0, at), padded.slice(at))
}

function joined(whole: string, decimals: string): string {
  const plain = whole.replace(/^0+(?=\d)/, '') || '0'
  return decimals === '' ? plain : `${plain}.${decimals}`
}

interface Bare {
  readonly isNegative: boolean
  readonly digits: string
}

/** Takes sign, parentheses and currency off; undefined when they contradict each other, `currency` when it may not be there. */
function undecorate(text: string, notes: Notes, rule: NumberReading): Bare | 'currency' | undefined {
  let rest = text.replace(SPACES, ' ').replaceAll('’', "'")
  let isNegative = false
  let signs = 0
  let currencies = 0
  // `$(12)`, `(-$12)`, `-12 USD`: each layer once, in whatever order.
  for (let layers = 0; layers < 4; layers++) {
    const before = rest
    const minus = /^[-−+] ?(?=.)/.exec(rest)?.[0] ?? ''
    if (minus !== '') {
      rest = rest.slice(minus.length)
      signs++
      isNegative = !minus.startsWith('+')
      if (minus.startsWith('−')) notes.changed('MINUS_SIGN')
    }
    const currency = currencyOf(rest)
    if (currency !== undefined) {
      rest = currency
      currencies++
      notes.changed('CURRENCY_SIGN')
    }
    if (/^\(.+\)$/.test(rest)) {
      rest = rest.slice(1, -1).trim()
      signs++
      isNegative = true
      notes.changed('PARENTHESES')
    } else if (/\d ?[-−]$/.test(rest)) {
      rest = rest.slice(0, -1).trimEnd()
      signs++
      isNegative = true
      notes.changed('TRAILING_MINUS')
    }
    if (rest === before) break
  }
  if (signs > 1 || currencies > 1) return undefined
  if (currencies > 0 && rule.currency === 'none') return 'currency'
  return { isNegative, digits: rest }
}

/** The text without its currency; undefined when it has none that is known. */
function currencyOf(text: string): string | undefined {
  const match = LEADING_CURRENCY.exec(text) ?? TRAILING_CURRENCY.exec(text)
  if (match === null || (match[1] !== undefined && !CURRENCIES.has(match[1]))) return undefined
  return match.index === 0 ? text.slice(match[0].length) : text.slice(0, match.index)
}

interface Reading {
  readonly text: string
  readonly notes: Notes
  readonly rule: NumberReading
}

function readGrouped({ isNegative, digits }: Bare, { text, notes, rule }: Reading): string | typeof REFUSED {
  if (digits.length > DIGITS_MAX) return tooBig(text, notes)
  if (!/^\d(?:[\d ',.]*\d)?$/.test(digits)) return notANumber(text, notes)
  const split = splitAt(digits, rule)
  if (split === 'either') return ambiguous(text, digits, notes)
  const groups = groupsOf(split.whole, rule)
  if (groups === undefined) return notANumber(text, notes)
  if (groups.length > 1) notes.changed('THOUSANDS')
  if (split.mark === ',') notes.changed('DECIMAL_COMMA')
  return `${isNegative ? '-' : ''}${joined(groups.join(''), split.decimals)}`
}

interface Split {
  readonly whole: string
  readonly decimals: string
  /** The decimal separator found. */
  readonly mark: string
}

/** The groups of three digits; undefined when they are not, or are not all parted alike. */
function groupsOf(whole: string, rule: NumberReading): readonly string[] | undefined {
  const [mark = '', ...others] = whole.replace(/\d/g, '')
  if (mark === '') return [whole]
  if (mark === rule.decimal || others.some((other) => other !== mark)) return undefined
  const groups = whole.split(mark)
  const isGrouped = /^[1-9]\d{0,2}$/.test(groups[0] ?? '') && groups.slice(1).every((group) => group.length === 3)
  return isGrouped ? groups : undefined
}

/** Which separator is the decimal one; `either` when it cannot be known. */
function splitAt(clean: string, rule: NumberReading): Split | 'either' {
  const marks = clean.replace(/\d/g, '')
  const mark = marks.slice(-1)
  const isPoint = mark === '.' || mark === ','
  const at = clean.lastIndexOf(mark)
  const split = { whole: clean.slice(0, at), decimals: clean.slice(at + 1), mark }
  const whole = { whole: clean, decimals: '', mark: '' }
  if (!isPoint) return whole
  if (rule.decimal !== undefined) return mark === rule.decimal ? split : whole
  if (marks.length > 1) return marks.startsWith(mark) ? whole : split
  return /^(?:[1-9]\d{0,2}|0\d+)$/.test(split.whole) && split.decimals.length === 3 ? 'either' : split
}

function ambiguous(text: string, clean: string, notes: Notes): typeof REFUSED {
  const [whole = '', decimals = ''] = clean.split(/[.,]/)
  return notes.refuse(
    'AMBIGUOUS_NUMBER',
    `may be ${whole}${decimals} or ${whole}.${decimals}: ${shown(text)}`,
    'Write it without a separator of thousands, or declare the decimal separator of the source.',
  )
}

function notANumber(text: string, notes: Notes): typeof REFUSED {
  return notes.refuse('NOT_A_NUMBER', `is not a number: ${shown(text)}`, FIX_NUMBER)
}

function tooBig(text: string, notes: Notes): typeof REFUSED {
  return notes.refuse(
    'NUMBER_TOO_BIG',
    `is too big or too small to be kept: ${shown(text)}`,
    'Round it, or keep it as text.',
  )
}
