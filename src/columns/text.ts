import { Column } from 'typeorm'
import { labelOf, type FieldRule } from './field-registry.js'
import { declareField } from './field-rules.js'

/** Options of {@link Text}. */
export interface TextOptions {
  /** Fewest characters. @defaultValue 1 */
  readonly min?: number
  /** Most characters; also the column's length. @defaultValue 255 */
  readonly max?: number
  /** Name of the field in messages. @defaultValue made from the property: `userId` → `User ID` */
  readonly label?: string
  /**
   * Compares byte by byte on every engine, for codes and foreign ids. Without it MySQL's collation takes `txn-1` for
   * `TXN-1`. @defaultValue false
   */
  readonly isBinary?: boolean
}

/** Characters that no database here can store alike: NUL, and halves of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed()
}

/** Rules that every text shares: it is a string, not blank, and can be stored. */
export function textRules(label: string): FieldRule[] {
  return [
    {
      code: 'WRONG_TYPE',
      breaks: (value) => value !== undefined && value !== null && typeof value !== 'string',
      message: () => `${label} must be a string`,
    },
    {
      code: 'EMPTY',
      breaks: (value) => value === undefined || value === null || value === '',
      message: () => `${label} cannot be empty`,
      sql: (column, sql) => `${sql.charLength(`trim(${column})`)} > 0`,
    },
    {
      code: 'UNSTORABLE',
      breaks: (value) => typeof value === 'string' && !isStorable(value),
      message: () => `${label} has characters that cannot be stored`,
    },
  ]
}

/**
 * A text column that is trimmed, never blank, and `min` to `max` characters (code points) long.
 * Checked by class-validator and by the schema.
 */
export function Text(options: TextOptions = {}): PropertyDecorator {
  const { min = 1, max = 255, isBinary = false } = options
  return (prototype, key) => {
    const property = String(key)
    const label = options.label ?? labelOf(property)
    Column({ type: 'varchar', length: max })(prototype, property)
    declareField(prototype, {
      property,
      label,
      isBinary,
      normalise: (value) => (typeof value === 'string' ? value.trim() : value),
      rules: [
        ...textRules(label),
        {
          code: 'TOO_SHORT',
          breaks: (value) => typeof value === 'string' && value !== '' && characters(value) < min,
          message: () => `${label} must be at least ${min} characters long`,
          sql: (column, sql) => `${sql.charLength(`trim(${column})`)} >= ${min}`,
        },
        {
          code: 'TOO_LONG',
          breaks: (value) => typeof value === 'string' && characters(value) > max,
          message: () => `${label} must be at most ${max} characters long`,
          sql: (column, sql) => `${sql.charLength(column)} <= ${max}`,
        },
      ],
    })
  }
}

function characters(text: string): number {
  if (text.length < 2) return text.length
  let count = 0
  for (const _ of text) count++
  return count
}
