import { Column } from 'typeorm'
import { labelOf } from './field-registry.js'
import { declareField } from './field-rules.js'
import { isStorable, textRules } from './text.js'

/** Options of {@link Choice}. */
export interface ChoiceOptions {
  /** Case that a value is brought into before it is checked, stored or searched for. @defaultValue left as it is */
  readonly letters?: 'upper' | 'lower'
  /** Column length in characters; room for values to come. @defaultValue the longest value */
  readonly length?: number
  /** Name of the field in messages. @defaultValue made from the property */
  readonly label?: string
  /** The sentence about a value that is not among them. @defaultValue `Status must be one of NEW, DONE: OPEN` */
  readonly message?: (value: string) => string
}

/** Values are written into SQL as they are. */
const PLAIN = /^[\p{L}\p{N}_.:/+-](?:[\p{L}\p{N}_.:/+ -]*[\p{L}\p{N}_.:/+-])?$/u

/**
 * A text column that holds one of a few values, compared byte by byte. It is trimmed. Checked by class-validator and
 * by the schema, so that a new value is a migration.
 */
export function Choice(values: readonly string[], options: ChoiceOptions = {}): PropertyDecorator {
  const normalise = normaliserFor(options.letters)
  const allowed: ReadonlySet<string> = new Set(values)
  const wrong = values.find((value) => !PLAIN.test(value) || normalise(value) !== value)
  const { length = Math.max(...values.map((value) => [...value].length)) } = options
  if (wrong !== undefined || allowed.size === 0 || values.some((value) => [...value].length > length)) {
    const what = wrong === undefined ? `${values.length} values in ${length} characters` : JSON.stringify(wrong)
    throw new TypeError(`@Choice: expected plain values in the case and length of the column, got ${what}.`)
  }
  return (prototype, key) => {
    const property = String(key)
    const label = options.label ?? labelOf(property)
    const message = options.message ?? ((value: string) => `${label} must be one of ${values.join(', ')}: ${value}`)
    Column({ type: 'varchar', length, transformer: { to: normalise, from: (value: unknown) => value } })(
      prototype,
      property,
    )
    declareField(prototype, {
      property,
      label,
      normalise,
      isBinary: true,
      rules: [
        ...textRules(label),
        {
          code: 'NOT_ALLOWED',
          breaks: (value) => typeof value === 'string' && value !== '' && isStorable(value) && !allowed.has(value),
          message: (value) => message(String(value)),
          sql: (column) => `${column} IN (${values.map((value) => `'${value}'`).join(', ')})`,
        },
      ],
    })
  }
}

function normaliserFor(letters: ChoiceOptions['letters']): (value: unknown) => unknown {
  return (value) => {
    if (typeof value !== 'string') return value
    const trimmed = value.trim()
    if (letters === undefined) return trimmed
    return letters === 'upper' ? trimmed.toUpperCase() : trimmed.toLowerCase()
  }
}
