/** Normalises and checks objects by the rules of their class: those of our column decorators and class-validator's. */
import {
  getMetadataStorage,
  validate,
  validateSync,
  type ValidationError,
  type ValidatorOptions,
} from 'class-validator'
import { fieldsOf, type Field } from '../../columns/field-registry.js'

/** Why a record was refused: a stable code, the property it is about, a sentence for people. */
export interface Reason {
  readonly code: string
  readonly field: string
  readonly message: string
}

/** Checks objects of one class; made once a class, because looking its rules up costs more than using them. */
export interface ObjectCheck {
  /** Properties that the class knows rules or normalisation for. */
  readonly fields: ReadonlyMap<string, Field>
  /** Brings the values that an object has into the form that is checked and stored, in place. */
  normalise(object: Record<string, unknown>): void
  /**
   * Whether a normalised object breaks no rule, told without class-validator; undefined when the class has rules that
   * only class-validator knows.
   */
  isSound(object: Readonly<Record<string, unknown>>): boolean | undefined
  /** All broken rules of a normalised object; only those of the properties in `only`, when given. */
  reasons(object: object, only?: ReadonlySet<string>): Reason[] | Promise<Reason[]>
}

const OPTIONS: ValidatorOptions = {
  forbidUnknownValues: false,
  stopAtFirstError: false,
  validationError: { target: false, value: false },
}

export function objectCheckOf(target: unknown): ObjectCheck {
  const fields = fieldsOf(target)
  const normalised = [...fields.values()].filter((field) => field.normalise !== undefined)
  const prototype: object = typeof target === 'function' ? (target.prototype as object) : Object.prototype
  const isAsync = hasAsyncRules(target)
  const rules = ownRulesOf(target, fields)
  return {
    fields,
    normalise(object) {
      for (const { property, normalise } of normalised) {
        const value = object[property]
        if (value !== undefined && typeof value !== 'function') object[property] = normalise?.(value)
      }
    },
    isSound: (object) => rules?.every(({ property, breaks }) => !breaks(object[property])),
    reasons(object, only) {
      const instance = object instanceof (target as never) ? object : ownCopy(prototype, object)
      if (isAsync) return validate(instance, OPTIONS).then((errors) => reasonsOf(errors, only))
      return reasonsOf(validateSync(instance, OPTIONS), only)
    },
  }
}

/** A copy that carries the class, so that class-validator finds its rules; a key that would change the class is left out. */
function ownCopy(prototype: object, object: object): object {
  const copy = Object.create(prototype) as Record<string, unknown>
  for (const key of Object.keys(object)) {
    if (key !== '__proto__') copy[key] = (object as Record<string, unknown>)[key]
  }
  return copy
}

function reasonsOf(errors: readonly ValidationError[], only?: ReadonlySet<string>, path = ''): Reason[] {
  const reasons: Reason[] = []
  for (const error of errors) {
    if (only !== undefined && path === '' && !only.has(error.property)) continue
    const field = `${path}${error.property}`
    for (const [name, message] of Object.entries(error.constraints ?? {})) {
      reasons.push({ code: codeOf(name), field, message })
    }
    if (error.children !== undefined) reasons.push(...reasonsOf(error.children, undefined, `${field}.`))
  }
  return reasons
}

/** class-validator's `isInt` becomes `IS_INT`; our own rules have such names already. */
function codeOf(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()
}

/** The rules of the class when all of them are those of our column decorators; undefined when it has others. */
function ownRulesOf(
  target: unknown,
  fields: ReadonlyMap<string, Field>,
): readonly { readonly property: string; readonly breaks: (value: unknown) => boolean }[] | undefined {
  if (typeof target !== 'function') return undefined
  const own = [...fields.values()].flatMap(({ property, rules }) =>
    rules.map(({ code, breaks }) => ({ property, code, breaks })),
  )
  const known = new Set(own.map(({ property, code }) => `${property} ${code}`))
  const all = getMetadataStorage().getTargetValidationMetadatas(target, '', false, false)
  const isOwn = all.every(({ propertyName, name }) => known.has(`${propertyName} ${name ?? ''}`))
  return isOwn && all.length >= own.length ? own : undefined
}

/** validateSync passes over asynchronous rules without a word, so classes that have one are checked the slower way. */
function hasAsyncRules(target: unknown): boolean {
  if (typeof target !== 'function') return false
  const storage = getMetadataStorage()
  return storage
    .getTargetValidationMetadatas(target, '', false, false)
    .some((rule) => storage.getTargetValidatorConstraints(rule.constraintCls).some((constraint) => constraint.async))
}
