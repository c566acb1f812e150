/** When a store is to be open: the clock on its wall, and the stretches of each weekday. */
import { createHash } from 'node:crypto'
import { zoneOf, type Zone } from '../../../src/pipeline/normalise/zones.js'

export const DAY_MS = 86_400_000
export const DEFAULT_ZONE = 'America/Chicago'

/** A stretch of a weekday as a table has it. */
export interface HoursRow {
  readonly dayOfWeek: number
  readonly startTimeLocal: string
  readonly endTimeLocal: string
}

/** A stretch in milliseconds since the local midnight of its day; the end may lie on the next day. */
export interface Shift {
  readonly startMs: number
  readonly endMs: number
}

/** When a store is to be open. */
export interface Schedule {
  readonly zone: Zone
  /** The shifts of Monday to Sunday; undefined is open all the time. */
  readonly week: readonly (readonly Shift[])[] | undefined
  /** The same for two schedules exactly when they are the same, however their rows are ordered. */
  readonly fingerprint: () => string
}

/** The zone of a name, or that of stores without one. */
export function zoneOrDefault(name: string | undefined): { readonly zone: Zone; readonly isUnknown: boolean } {
  if (name === undefined) return { zone: zoneOf(DEFAULT_ZONE), isUnknown: false }
  try {
    return { zone: zoneOf(name), isUnknown: false }
  } catch {
    // The name comes from a file; the report counts such stores.
    return { zone: zoneOf(DEFAULT_ZONE), isUnknown: true }
  }
}

export function scheduleOf(zone: Zone, rows: readonly HoursRow[]): Schedule {
  return {
    zone,
    week: rows.length === 0 ? undefined : weekOf(rows),
    fingerprint: () => {
      const lines = rows.map((row) => `${row.dayOfWeek} ${row.startTimeLocal} ${row.endTimeLocal}`).toSorted()
      return createHash('sha256')
        .update([zone.name, ...lines].join('\n'))
        .digest('base64url')
        .slice(0, 22)
    },
  }
}

function weekOf(rows: readonly HoursRow[]): readonly (readonly Shift[])[] {
  const week: Shift[][] = Array.from({ length: 7 }, () => [])
  for (const { dayOfWeek, startTimeLocal, endTimeLocal } of rows) {
    const shift = shiftOf(msOf(startTimeLocal), msOf(endTimeLocal))
    if (shift.endMs > shift.startMs) week[dayOfWeek]?.push(shift)
  }
  return week
}

/** An end before its start is on the next day; midnight to midnight is the whole day, any other time to itself nothing. */
function shiftOf(startMs: number, endMs: number): Shift {
  if (endMs < startMs || (startMs === 0 && endMs === 0)) return { startMs, endMs: endMs + DAY_MS }
  return { startMs, endMs }
}

/** `09:30:00` → milliseconds since midnight; NaN, which is no shift, for what is no time. */
function msOf(time: string): number {
  const pair = (at: number) => (time.charCodeAt(at) - 48) * 10 + time.charCodeAt(at + 1) - 48
  return ((pair(0) * 60 + pair(3)) * 60 + pair(6)) * 1000
}
