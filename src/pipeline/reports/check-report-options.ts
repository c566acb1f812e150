/** Options of a report as a command line or a request gives them → checked. */
import { ShardyardError } from '../../errors.js'
import { isDay } from '../../util/calendar-day.js'
import type { OptionSpec, Report } from './define-report.js'

const INSTANT = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/
const INTEGER = /^-?\d{1,16}$/
const SHOWN_MAX = 60

/** A value that was read, or what it should have been. */
type Reading = { readonly value: unknown } | { readonly expected: string }

/**
 * The options with their types and defaults, frozen. Values may be typed, as in a program or in JSON, or all text, as on
 * a command line; options that were checked pass again. `nameOf` says how a name is told to the user.
 *
 * @throws SY_OPTION_INVALID that tells every mistake at once
 */
export function checkReportOptions(
  { name: report, options: specs }: Pick<Report, 'name' | 'options'>,
  given: Readonly<Record<string, unknown>>,
  nameOf: (option: string) => string = (option) => `\`${option}\``,
): Readonly<Record<string, unknown>> {
  const mistakes = Object.keys(given)
    .filter((name) => !Object.hasOwn(specs, name))
    .map((name) => unknownOption(name, Object.keys(specs).map(nameOf)))
  const values = new Map<string, unknown>()
  for (const [name, spec] of Object.entries(specs)) {
    const value = Object.hasOwn(given, name) ? (given[name] ?? undefined) : undefined
    const reading = value === undefined ? readDefault(spec) : readValue(value, spec)
    if ('value' in reading) values.set(name, reading.value)
    else
      mistakes.push(`${nameOf(name)} must be ${reading.expected}${value === undefined ? '' : `, not ${shown(value)}`}`)
  }
  if (mistakes.length === 0) return Object.freeze(Object.fromEntries(values))
  throw new ShardyardError('SY_OPTION_INVALID', `The report "${report}" cannot be made: ${mistakes.join('; ')}.`, {
    details: { report, mistakes },
  })
}

function unknownOption(name: string, known: readonly string[]): string {
  const has = known.length === 0 ? 'it has no options' : `its options are ${known.join(', ')}`
  return `it has no option ${shown(name)} (${has})`
}

function readDefault(spec: OptionSpec): Reading {
  if (spec.default !== undefined) return readValue(spec.default, spec)
  return spec.required === true ? { expected: `given: ${expectedOf(spec)}` } : { value: undefined }
}

function readValue(value: unknown, spec: OptionSpec): Reading {
  const read = valueOf(value, spec)
  return read === undefined ? { expected: expectedOf(spec) } : { value: read }
}

/** undefined when the value is none of the kind. */
function valueOf(value: unknown, spec: OptionSpec): unknown {
  switch (spec.type) {
    case 'string':
      return typeof value === 'string' ? value : undefined
    case 'integer':
      return integerOf(value, spec)
    case 'boolean':
      return typeof value === 'boolean'
        ? value
        : ({ true: true, false: false } as Record<string, unknown>)[String(value)]
    case 'date':
      return typeof value === 'string' && isDay(value) ? value : undefined
    case 'instant':
      return instantOf(value)
    case 'choice':
      return typeof value === 'string' && spec.choices?.includes(value) === true ? value : undefined
    default:
      return spec.type satisfies never
  }
}

function integerOf(value: unknown, { min = -Infinity, max = Infinity }: OptionSpec): number | undefined {
  const number = typeof value === 'string' && INTEGER.test(value) ? Number(value) : value
  const isInRange = typeof number === 'number' && Number.isSafeInteger(number) && number >= min && number <= max
  return isInRange ? number : undefined
}

function instantOf(value: unknown): Date | undefined {
  if (typeof value === 'string' && !isDay(INSTANT.exec(value)?.[1] ?? '')) return undefined
  if (typeof value !== 'string' && !(value instanceof Date)) return undefined
  const moment = new Date(value)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}

function expectedOf({ type, min, max, choices = [] }: OptionSpec): string {
  switch (type) {
    case 'string':
      return 'text'
    case 'integer':
      return `a whole number${rangeOf(min, max)}`
    case 'boolean':
      return 'true or false'
    case 'date':
      return 'a date such as 2025-12-31'
    case 'instant':
      return 'a moment such as 2025-12-31T23:59:59Z'
    case 'choice':
      return `one of ${choices.join(', ')}`
    default:
      return type satisfies never
  }
}

function rangeOf(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  if (min !== undefined) return ` of at least ${min}`
  return max === undefined ? '' : ` of at most ${max}`
}

function shown(value: unknown): string {
  const text = value instanceof Date ? 'an invalid date' : (JSON.stringify(value) ?? String(value))
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`
}
