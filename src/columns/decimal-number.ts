import { Column } from 'typeorm'
import { labelOf } from './field-registry.js'
import { declareField } from './field-rules.js'

/** Options of {@link DecimalNumber}. */
export interface DecimalNumberOptions {
  /** @defaultValue -Number.MAX_VALUE */
  readonly min?: number
  /** @defaultValue Number.MAX_VALUE */
  readonly max?: number
  /** Name of the field in messages. @defaultValue made from the property */
  readonly label?: string
}

/**
 * A column of numbers with decimals: 64-bit floating point on every engine, always finite. For measured values; what
 * must add up to the cent is {@link Money}.
 */
export function DecimalNumber(options: DecimalNumberOptions = {}): PropertyDecorator {
  const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = options
  if (!Number.isFinite(min) || !Number.isFinite(max) || min > max) {
    throw new TypeError(`@DecimalNumber: expected min and max to be finite and in order, got ${min}, ${max}.`)
  }
  return (prototype, key) => {
    const property = String(key)
    const label = options.label ?? labelOf(property)
    // The one name for it that all engines know.
    Column({ type: 'double precision' })(prototype, property)
    declareField(prototype, {
      property,
      label,
      rules: [
        {
          code: 'MISSING',
          breaks: (value) => value === undefined || value === null,
          message: () => `${label} cannot be None`,
        },
        {
          code: 'WRONG_TYPE',
          breaks: (value) => value !== undefined && value !== null && !isFinite(value),
          message: (value) => `${label} must be a ${typeof value === 'number' ? 'finite number' : 'number'}`,
          sql: (column, sql) => sql.isNumber(column),
        },
        // Without limits these two still keep Infinity and NaN out of the database.
        {
          code: 'TOO_LOW',
          breaks: (value) => isFinite(value) && value < min,
          message: (value) => `${label} must be at least ${min}: ${String(value)}`,
          sql: (column) => `${column} >= ${min}`,
        },
        {
          code: 'TOO_HIGH',
          breaks: (value) => isFinite(value) && value > max,
          message: (value) => `${label} too high: ${String(value)}`,
          sql: (column) => `${column} <= ${max}`,
        },
      ],
    })
  }
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
