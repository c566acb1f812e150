import { Column, CreateDateColumn, UpdateDateColumn } from 'typeorm'
import { labelOf, type FieldRule } from './field-registry.js'
import { declareField } from './field-rules.js'

/** Options of {@link Instant}. */
export interface InstantOptions {
  /** Name of the field in messages. @defaultValue made from the property */
  readonly label?: string
  /** Whether a row may be without it. @defaultValue false */
  readonly isNullable?: boolean
  /** Refuses moments after the one at which the row is checked; the schema cannot. @defaultValue false */
  readonly isPast?: boolean
}

/**
 * A moment in time: a `Date` in the class, the same moment on every engine and in every time zone of the process, to
 * the millisecond. (`timestamptz`, `datetime(3)` in UTC, ISO text in UTC.)
 */
export function Instant(options: InstantOptions = {}): PropertyDecorator {
  const { isNullable = false, isPast = false } = options
  return (prototype, key) => {
    const property = String(key)
    const label = options.label ?? labelOf(property)
    Column({ type: 'datetime', precision: 3, nullable: isNullable })(prototype, property)
    const given = (value: unknown) => value !== undefined && value !== null
    const missing: FieldRule = {
      code: 'MISSING',
      breaks: (value) => !given(value),
      message: () => `${label} cannot be None`,
    }
    const wrongType: FieldRule = {
      code: 'WRONG_TYPE',
      breaks: (value) => given(value) && !(value instanceof Date && Number.isFinite(value.getTime())),
      message: () => `${label} must be a date`,
    }
    const inFuture: FieldRule = {
      code: 'IN_FUTURE',
      breaks: (value) => value instanceof Date && value.getTime() > Date.now(),
      message: () => `${label} cannot be in the future`,
    }
    declareField(prototype, {
      property,
      label,
      normalise: readInstant,
      rules: [...(isNullable ? [] : [missing]), wrongType, ...(isPast ? [inFuture] : [])],
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
