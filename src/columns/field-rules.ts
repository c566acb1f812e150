import { ValidateBy } from 'class-validator'
import { recordField, type Field } from './field-registry.js'

/** Records a field of a class and hands its rules to class-validator. */
export function declareField(prototype: object, field: Field): void {
  recordField(prototype, field)
  for (const rule of field.rules) {
    ValidateBy({
      name: rule.code,
      validator: {
        validate: (value: unknown) => !rule.breaks(value),
        defaultMessage: (args) => rule.message(args?.value),
      },
    })(prototype, field.property)
  }
}
