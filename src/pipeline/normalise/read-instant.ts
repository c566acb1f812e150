/** Dates and times as sources write them → a `Date`. */
import type { IntakeRule } from '../../columns/intake.js'
import { readerOfFormat, readYearFirst, type ClockTime, type ReadClock } from './date-formats.js'
import { REFUSED, shown, type Notes, type Parse } from './notes.js'
import { zoneOf, type Zone } from './zones.js'

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/
const BARE_NUMBER = /^-?\d{1,17}(?:\.\d{1,9})?$/
/** Two numbers and a year, in an order that the text does not tell. */
const DAY_AND_MONTH = /^\d{1,2}([-/.])\d{1,2}\1(?:\d{4}|\d\d)(?!\d)/
/** `2024`, `20240131`, `20240131100000`: a calendar date that would pass for a count of seconds or milliseconds. */
const COMPACT_DATE = /^(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?)?$/
/** Below this a bare number is seconds: up to the year 5138, and milliseconds from 1973 on. */
const SECONDS_BELOW = 1e11
/** The years 1000 to 9999, which every engine can store. */
const EARLIEST_MS = Date.UTC(1000, 0, 1)
const LATEST_MS = Date.UTC(10_000, 0, 1) - 1
const TEXT_MAX = 60

interface InstantRule {
  readonly formats: readonly ReadClock[]
  readonly zone: Zone | undefined
  readonly epoch: IntakeRule['epoch']
}

/**
 * The parser of moments for a rule; `zone` stands in for that of the rule.
 *
 * @throws SY_OPTION_INVALID when a format or the zone is wrong
 */
export function instantParser(rule: IntakeRule, zone?: string): Parse {
  const zoneName = rule.zone ?? zone
  const compiled: InstantRule = {
    formats: (rule.dates ?? []).map(readerOfFormat),
    zone: zoneName === undefined ? undefined : zoneOf(zoneName),
    epoch: rule.epoch,
  }
  return (value, notes) => {
    if (typeof value === 'string') return readText(value, compiled, notes)
    if (typeof value === 'number') return readEpoch(value, compiled, notes)
    if (value instanceof Date && isStorable(value.getTime())) return value
    return notADate(value, notes)
  }
}

function readText(text: string, rule: InstantRule, notes: Notes): Date | typeof REFUSED {
  if (text.length > TEXT_MAX) return notADate(text, notes)
  const trimmed = text.trim()
  if (trimmed.length !== text.length) notes.changed('TRIMMED')
  const standard = readYearFirst(trimmed)
  if (typeof standard === 'object') {
    if (!RFC_3339.test(trimmed)) notes.changed('DATE_FORMAT')
    return toMoment(standard, text, rule, notes)
  }
  const [clock, ...others] = rule.formats.map((read) => read(trimmed)).filter((found) => typeof found === 'object')
  if (clock !== undefined && others.every(({ clockMs }) => clockMs === clock.clockMs)) {
    notes.changed('DATE_FORMAT')
    return toMoment(clock, text, rule, notes)
  }
  if (BARE_NUMBER.test(trimmed)) return readEpoch(Number(trimmed), rule, notes)
  if (clock !== undefined || (DAY_AND_MONTH.test(trimmed) && rule.formats.length === 0)) {
    return notes.refuse(
      'AMBIGUOUS_DATE',
      `does not tell day from month: ${shown(text)}`,
      'Declare the one format of the source, such as DD/MM/YYYY, or write 2024-12-31.',
    )
  }
  return notADate(text, notes)
}

function toMoment(clock: ClockTime, text: string, rule: InstantRule, notes: Notes): Date | typeof REFUSED {
  if (clock.isCut) notes.changed('FINER_THAN_MS')
  if (clock.offsetMinutes !== undefined) return dateOf(clock.clockMs - clock.offsetMinutes * 60_000, text, notes)
  if (rule.zone === undefined) {
    return notes.refuse(
      'NO_ZONE',
      `says no time zone: ${shown(text)}`,
      'Declare the time zone of the source, or write 2024-12-31T10:00:00Z.',
    )
  }
  notes.changed('ZONE')
  const moment = rule.zone.toMoment(clock.clockMs)
  if (typeof moment === 'number') return dateOf(moment, text, notes)
  const [code, what] =
    moment === 'gap'
      ? (['NO_SUCH_TIME', 'is a time that the clocks skip'] as const)
      : (['AMBIGUOUS_TIME', 'is a time that the clocks show twice'] as const)
  return notes.refuse(
    code,
    `${what} in ${rule.zone.name}: ${shown(text)}`,
    'Write it with its offset: 2024-03-31T02:30:00+01:00.',
  )
}

function readEpoch(value: number, { epoch }: InstantRule, notes: Notes): Date | typeof REFUSED {
  if (epoch === undefined || !Number.isFinite(value)) {
    return notes.refuse(
      'NOT_A_DATE',
      `is a bare number: ${shown(value)}`,
      'Declare whether the source counts seconds or milliseconds, or write 2024-12-31T10:00:00Z.',
    )
  }
  if (epoch === 'either' && COMPACT_DATE.test(String(value))) {
    return notes.refuse(
      'AMBIGUOUS_DATE',
      `may be a calendar date or a count of seconds: ${shown(value)}`,
      'Declare the unit of the source, or write 2024-12-31.',
    )
  }
  const isSeconds = epoch === 'seconds' || (epoch === 'either' && Math.abs(value) < SECONDS_BELOW)
  notes.changed(isSeconds ? 'EPOCH_SECONDS' : 'EPOCH_MILLISECONDS')
  const exact = isSeconds ? value * 1000 : value
  const moment = Math.floor(isSeconds ? Math.round(exact * 1000) / 1000 : exact)
  if (moment !== exact && Math.abs(moment - exact) > 1e-3) notes.changed('FINER_THAN_MS')
  return dateOf(moment, value, notes)
}

function dateOf(moment: number, value: unknown, notes: Notes): Date | typeof REFUSED {
  if (isStorable(moment)) return new Date(moment)
  return notes.refuse(
    'NOT_A_DATE',
    `is outside the years 1000 to 9999: ${shown(value)}`,
    'Check the unit of the number.',
  )
}

function isStorable(moment: number): boolean {
  return moment >= EARLIEST_MS && moment <= LATEST_MS
}

function notADate(value: unknown, notes: Notes): typeof REFUSED {
  return notes.refuse('NOT_A_DATE', `is not a date: ${shown(value)}`, 'Write it as 2024-12-31T10:00:00Z.')
}
