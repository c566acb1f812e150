import { Column } from 'typeorm'
import { labelOf } from './field-registry.js'
import { declareField } from './field-rules.js'

/** Options of {@link Money}. */
export interface MoneyOptions {
  /** Lowest amount, as a decimal string. @defaultValue '0' */
  readonly min?: string
  /** Highest amount, as a decimal string. @defaultValue '9999999999.99' */
  readonly max?: string
  /** Name of the field in messages. @defaultValue made from the property */
  readonly label?: string
}

/** Cents are what SQLite's doubles hold exactly up to 15 digits; more would differ between engines. */
const SCALE = 2
const DIGITS = 15
/** What most amounts look like already. */
const NORMAL = /^(?:0|[1-9]\d{0,12})\.\d\d$/
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/

/**
 * A column of money, exact to the cent. In the class it is a decimal string with two decimals (`'1000.00'`); numbers
 * and shorter strings are accepted and brought into that form, more than two decimals are refused.
 */
export function Money(options: MoneyOptions = {}): PropertyDecorator {
  const { min = '0', max = '9999999999.99' } = options
  const [lowest, highest] = [toCents(min), toCents(max)]
  if (lowest === undefined || highest === undefined) {
    throw new TypeError(`@Money: expected min and max to be decimal strings with two decimals, got "${min}", "${max}".`)
  }
  return (prototype, key) => {
    const property = String(key)
    const label = options.label ?? labelOf(property)
    Column({
      type: 'decimal',
      precision: DIGITS,
      scale: SCALE,
      transformer: { to: normaliseMoney, from: normaliseMoney },
    })(prototype, property)
    const given = (value: unknown) => value !== undefined && value !== null
    // As doubles, amounts of up to 15 digits keep their order.
    const [lowestNumber, highestNumber] = [Number(min), Number(max)]
    const centsBreak = (test: (cents: bigint) => boolean) => (value: unknown) => {
      const cents = wholeCents(value)
      return cents !== undefined && test(cents)
    }
    const isTooLow = centsBreak((cents) => cents < lowest)
    declareField(prototype, {
      property,
      label,
      normalise: normaliseMoney,
      rules: [
        { code: 'MISSING', breaks: (value) => !given(value), message: () => `${label} cannot be None` },
        {
          code: 'WRONG_TYPE',
          breaks: (value) => !isNormal(value) && given(value) && wholeCents(value) === undefined,
          message: () => `${label} must be a number`,
          sql: (column, sql) => sql.isNumber(column),
        },
        {
          code: 'TOO_LOW',
          breaks: (value) => (isNormal(value) ? Number(value) < lowestNumber : isTooLow(value)),
          message: (value) =>
            lowest === 0n
              ? `${label} cannot be negative: ${String(value)}`
              : `${label} must be at least ${min}: ${String(value)}`,
          sql: (column) => `${column} >= ${min}`,
        },
        {
          code: 'TOO_HIGH',
          // Cents are cut off: the highest amount and a bit of a cent is too high as well.
          breaks: (value) => {
            if (isNormal(value)) return Number(value) > highestNumber
            const cents = wholeCents(value)
            return cents !== undefined && (cents > highest || (cents === highest && toCents(value) === undefined))
          },
          message: (value) => `${label} too high: ${String(value)}`,
          sql: (column) => `${column} <= ${max}`,
        },
        {
          code: 'TOO_PRECISE',
          breaks: (value) => !isNormal(value) && wholeCents(value) !== undefined && toCents(value) === undefined,
          message: (value) => `${label} must have at most ${SCALE} decimals: ${String(value)}`,
          sql: (column) => `round(${column}, ${SCALE}) = ${column}`,
        },
      ],
    })
  }
}

/** Whether a value is an amount in the form that is stored already. */
function isNormal(value: unknown): boolean {
  return typeof value === 'string' && NORMAL.test(value)
}

/** Brings an amount into the form `-12.30`; what is no amount, or is finer than a cent, is left as it is. */
export function normaliseMoney(value: unknown): unknown {
  if (isNormal(value)) return value
  const cents = toCents(value)
  if (cents === undefined) return value
  const digits = (cents < 0n ? -cents : cents).toString().padStart(SCALE + 1, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`
}

/** The amount in cents; undefined when it is no amount or finer than a cent. */
function toCents(value: unknown): bigint | undefined {
  const parts = decimalParts(value)
  if (parts === undefined || /[1-9]/.test(parts.decimals.slice(SCALE))) return undefined
  return wholeCents(value)
}

/** The amount in cents, cut off towards minus infinity so that -0.001 is below 0; undefined when it is no amount. */
function wholeCents(value: unknown): bigint | undefined {
  const parts = decimalParts(value)
  if (parts === undefined) return undefined
  const cents = BigInt(parts.whole + parts.decimals.padEnd(SCALE, '0').slice(0, SCALE))
  const rest = /[1-9]/.test(parts.decimals.slice(SCALE)) ? 1n : 0n
  return parts.isNegative ? -cents - rest : cents + (cents >= 0n ? 0n : rest)
}

function decimalParts(value: unknown): { isNegative: boolean; whole: string; decimals: string } | undefined {
  const match = DECIMAL.exec(decimalText(value))
  if (match === null) return undefined
  return { isNegative: match[1] === '-', whole: match[2] ?? '0', decimals: match[3] ?? '' }
}

/** Longest text that is read as an amount: hostile input must not make a huge BigInt. */
const TEXT_MAX = 40

function decimalText(value: unknown): string {
  if (typeof value === 'string') return value.length > TEXT_MAX ? '' : value.trim()
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'number' || !Number.isFinite(value)) return ''
  const text = String(value)
  if (!text.includes('e')) return text
  if (Math.abs(value) >= 1) return BigInt(value).toString()
  // What `toFixed` would round to nothing is still finer than a cent.
  return Math.abs(value) >= 1e-20 ? value.toFixed(20) : `${value < 0 ? '-' : ''}0.${'0'.repeat(19)}1`
}
