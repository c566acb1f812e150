import { isEmail } from 'class-validator'
import { Column } from 'typeorm'
import { labelOf } from './field-registry.js'
import { declareField } from './field-rules.js'
import { isStorable, textRules } from './text.js'

/** Longest address that can receive mail (RFC 5321). */
const EMAIL_LENGTH = 254

/**
 * An e-mail column. The address is trimmed and lower-cased before it is checked, stored or searched for, so that
 * uniqueness does not hang on a collation.
 */
export function Email(options: { readonly label?: string } = {}): PropertyDecorator {
  return (prototype, key) => {
    const property = String(key)
    const label = options.label ?? labelOf(property)
    Column({
      type: 'varchar',
      length: EMAIL_LENGTH,
      transformer: { to: normaliseEmail, from: (value: unknown) => value },
    })(prototype, property)
    declareField(prototype, {
      property,
      label,
      normalise: normaliseEmail,
      isBinary: true,
      rules: [
        ...textRules(label),
        {
          code: 'INVALID_EMAIL',
          breaks: (value) => typeof value === 'string' && value !== '' && isStorable(value) && !isEmail(value),
          message: (value) => `Invalid email format: ${String(value)}`,
          sql: (column) => `${column} LIKE '%_@_%'`,
        },
      ],
    })
  }
}

function normaliseEmail(value: unknown): unknown {
  return typeof value === 'string' ? value.trim().toLowerCase() : value
}
