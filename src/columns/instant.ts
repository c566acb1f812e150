import { Column, CreateDateColumn, UpdateDateColumn } from 'typeorm'
import { labelOf } from './field-registry.js'
import { declareField } from './field-rules.js'

/**
 * A moment in time: a `Date` in the class, the same moment on every engine and in every time zone of the process, to
 * the millisecond. (`timestamptz`, `datetime(3)` in UTC, ISO text in UTC.)
 */
export function Instant(options: { readonly label?: string } = {}): PropertyDecorator {
  return (prototype, key) => {
    const property = String(key)
    const label = options.label ?? labelOf(property)
    Column({ type: 'datetime', precision: 3 })(prototype, property)
    const given = (value: unknown) => value !== undefined && value !== null
    declareField(prototype, {
      property,
      label,
      normalise: readInstant,
      rules: [
        { code: 'MISSING', breaks: (value) => !given(value), message: () => `${label} cannot be None` },
        {
          code: 'WRONG_TYPE',
          breaks: (value) => given(value) && !(value instanceof Date && Number.isFinite(value.getTime())),
          message: () => `${label} must be a date`,
        },
      ],
    })
  }
}

/** A moment as text, with its time zone: `2026-01-31T10:00:00.000Z`. */
const INSTANT = /^([1-9]\d{3}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/

/** The Date of a moment's text; what is no such text is left as it is. */
export function readInstant(value: unknown): unknown {
  const day = typeof value === 'string' ? INSTANT.exec(value)?.[1] : undefined
  if (day === undefined) return value
  // Date.parse takes 31 February for 2 March.
  const isDay = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) ?? false
  const moment = new Date(String(value))
  return isDay && Number.isFinite(moment.getTime()) ? moment : value
}

/** The moment a row was made; set by the database unless given. */
export function CreatedAt(): PropertyDecorator {
  return CreateDateColumn({ type: 'datetime' })
}

/** The moment a row was last changed; set by TypeORM and the database unless given. */
export function UpdatedAt(): PropertyDecorator {
  return UpdateDateColumn({ type: 'datetime' })
}
