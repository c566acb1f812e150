import { Column } from 'typeorm'
import { labelOf } from './field-registry.js'
import { declareField } from './field-rules.js'
import { textRules } from './text.js'

/** Options of {@link ClockTime}. */
export interface ClockTimeOptions {
  /** Name of the field in messages. @defaultValue made from the property */
  readonly label?: string
}

const WRITTEN = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:\.0+)?)?$/
const STORED = /^(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d|24:00:00)$/

/**
 * What a clock on the wall shows, without a date or a time zone: `09:30:00` in the class and in the table, up to
 * `24:00:00`. `9:30` is read as well.
 */
export function ClockTime(options: ClockTimeOptions = {}): PropertyDecorator {
  return (prototype, key) => {
    const property = String(key)
    const label = options.label ?? labelOf(property)
    Column({ type: 'varchar', length: 8 })(prototype, property)
    declareField(prototype, {
      property,
      label,
      isBinary: true,
      normalise: readClockTime,
      rules: [
        ...textRules(label),
        {
          code: 'NOT_A_TIME',
          breaks: (value) => typeof value === 'string' && value !== '' && !STORED.test(value),
          message: (value) => `${label} must be a time of day such as 09:30:00: ${String(value)}`,
          sql: (column, sql) => `${sql.charLength(column)} = 8 AND ${column} >= '00:00:00' AND ${column} <= '24:00:00'`,
        },
      ],
    })
  }
}

/** `9:30` → `09:30:00`; what is no such text is left as it is. */
function readClockTime(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const trimmed = value.trim()
  const [, hour, minute, second = '00'] = WRITTEN.exec(trimmed) ?? []
  return hour === undefined ? trimmed : `${hour.padStart(2, '0')}:${minute}:${second}`
}
