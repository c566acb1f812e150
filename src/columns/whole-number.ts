import { Column, PrimaryColumn } from 'typeorm'
import { labelOf, type FieldRule } from './field-registry.js'
import { declareField } from './field-rules.js'

/** Options of {@link WholeNumber}. */
export interface WholeNumberOptions {
  /** @defaultValue Number.MIN_SAFE_INTEGER */
  readonly min?: number
  /** @defaultValue Number.MAX_SAFE_INTEGER */
  readonly max?: number
  /** Name of the field in messages. @defaultValue made from the property */
  readonly label?: string
}

const INT32_MAX = 2_147_483_647

/** Drivers return 64-bit columns as text; in the class they are numbers, exact because of the range checked. */
const numberFromText = {
  to: (value: unknown) => value,
  from: (value: unknown) => (typeof value === 'string' || typeof value === 'bigint' ? Number(value) : value),
}

/** A column of whole numbers within ±2^53; 32 bits wide where `min` and `max` allow it, otherwise 64. */
export function WholeNumber(options: WholeNumberOptions = {}): PropertyDecorator {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options
  return (prototype, key) => {
    const property = String(key)
    const label = options.label ?? labelOf(property)
    const isWide = max > INT32_MAX || min < -INT32_MAX
    Column(isWide ? { type: 'bigint', transformer: numberFromText } : { type: 'integer' })(prototype, property)
    const missing: FieldRule = {
      code: 'MISSING',
      breaks: (value) => value === undefined || value === null,
      message: () => `${label} cannot be None`,
    }
    declareField(prototype, { property, label, rules: [missing, ...numberRules(label, { min, max })] })
  }
}

/** The primary key that the database numbers: 64 bits wide, a number in the class, 1 or more when given. */
export function GeneratedId(): PropertyDecorator {
  return (prototype, key) => {
    const property = String(key)
    PrimaryColumn({ type: 'bigint', generated: 'increment', transformer: numberFromText })(prototype, property)
    const label = labelOf(property)
    declareField(prototype, { property, label, rules: numberRules(label, { min: 1, max: Number.MAX_SAFE_INTEGER }) })
  }
}

function numberRules(label: string, range: { readonly min: number; readonly max: number }): FieldRule[] {
  const isWhole = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value)
  return [
    {
      code: 'WRONG_TYPE',
      breaks: (value) => value !== undefined && value !== null && !isWhole(value),
      message: (value) => `${label} must be a ${typeof value === 'number' ? 'whole number' : 'number'}`,
      sql: (column, sql) => sql.isInteger(column),
    },
    {
      code: 'TOO_LOW',
      breaks: (value) => isWhole(value) && value < range.min,
      message: (value) => `${label} must be ${lowest(range.min)}: ${String(value)}`,
      sql: (column) => `${column} >= ${range.min}`,
    },
    {
      code: 'TOO_HIGH',
      breaks: (value) => isWhole(value) && value > range.max,
      message: (value) => `${label} too high: ${String(value)}`,
      sql: (column) => `${column} <= ${range.max}`,
    },
  ]
}

function lowest(min: number): string {
  return min === 1 ? 'positive' : `at least ${min}`
}
