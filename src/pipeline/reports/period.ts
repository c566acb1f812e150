/** The days that a report is about: its options `from`, `to` and `zone`, and what they mean for moments. */
import { ShardyardError } from '../../errors.js'
import { zoneOf, type Zone } from '../normalise/zones.js'

const DAY_MS = 86_400_000

/** Options of reports that are about some days. */
export const PERIOD_OPTIONS = {
  from: { type: 'date', describe: 'first day; from the beginning when it is not given' },
  to: { type: 'date', describe: 'last day; to the end when it is not given' },
  zone: { type: 'string', describe: 'IANA name of the time zone whose days are meant', default: 'UTC' },
} as const

/** Days of a time zone. */
export interface Period {
  readonly zone: Zone
  /** The days for people: `all days`, `2026-01-01 to 2026-01-31 (UTC)`. */
  readonly title: string
  /** The first moment behind the last day; undefined without one. */
  readonly endsAt: Date | undefined
  /** What a moment must be to lie in the period. */
  where<Name extends string>(column: Name): readonly (readonly [Name, '>=' | '<', Date])[]
}

/** @throws SY_OPTION_INVALID for a zone that does not exist, or days in the wrong order */
export function resolvePeriod({
  from,
  to,
  zone: name,
}: {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly zone: string
}): Period {
  const zone = zoneOf(name)
  if (from !== undefined && to !== undefined && from > to) {
    throw new ShardyardError('SY_OPTION_INVALID', `The first day (${from}) is after the last one (${to}).`, {
      details: { option: 'from' },
    })
  }
  const startsAt = from === undefined ? undefined : firstMoment(zone, Date.parse(from))
  const endsAt = to === undefined ? undefined : firstMoment(zone, Date.parse(to) + DAY_MS)
  return {
    zone,
    title: titleOf(from, to, zone.name),
    endsAt,
    where: (column) => [
      ...(startsAt === undefined ? [] : [[column, '>=', startsAt] as const]),
      ...(endsAt === undefined ? [] : [[column, '<', endsAt] as const]),
    ],
  }
}

function titleOf(from: string | undefined, to: string | undefined, zone: string): string {
  if (from !== undefined && from === to) return `${from} (${zone})`
  if (from !== undefined) return to === undefined ? `since ${from} (${zone})` : `${from} to ${to} (${zone})`
  return to === undefined ? `all days (${zone})` : `until ${to} (${zone})`
}

/** The first moment at which the zone's clock shows this time or a later one; midnight may be missing, or come twice. */
export function firstMoment(zone: Zone, clockMs: number): Date {
  const moment = zone.toMoment(clockMs)
  if (typeof moment === 'number') return new Date(moment)
  const before = clockMs - DAY_MS
  const offset = zone.toClock(before) - before
  return new Date(clockMs - offset)
}

/** The day on the zone's calendar, counted from 1970-01-01. */
export function dayNumber(zone: Zone, moment: Date): number {
  return Math.floor(zone.toClock(moment.getTime()) / DAY_MS)
}

/** A day's number as text: `2026-01-31`. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}
