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

/** The moment a row was made; set by the database unless given. */
export function CreatedAt(): PropertyDecorator {
  return CreateDateColumn({ type: 'datetime' })
}

/** The moment a row was last changed; set by TypeORM and the database unless given. */
export function UpdatedAt(): PropertyDecorator {
  return UpdateDateColumn({ type: 'datetime' })
}
