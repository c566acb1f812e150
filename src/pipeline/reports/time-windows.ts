/** Stretches of time that figures are told for: hours or days of a time zone, or all of it. */
import type { Zone } from '../normalise/zones.js'
import { dayNumber, dayText } from './period.js'

export type WindowSize = 'hour' | 'day' | 'all'

const HOUR_MS = 3_600_000

/**
 * The window of a moment: moments in a row that have the same one belong together. An hour is that of the zone's clock;
 * one that the clock shows twice is two.
 */
export function windowOf(size: WindowSize, zone: Zone, moment: Date): number {
  switch (size) {
    case 'hour': {
      const clock = zone.toClock(moment.getTime())
      return moment.getTime() - (((clock % HOUR_MS) + HOUR_MS) % HOUR_MS)
    }
    case 'day':
      return dayNumber(zone, moment)
    case 'all':
      return 0
    default:
      return size satisfies never
  }
}

/** A window for people and machines: the moment at which an hour begins, the day, or nothing. */
export function windowCell(size: WindowSize, window: number): Date | string {
  switch (size) {
    case 'hour':
      return new Date(window)
    case 'day':
      return dayText(window)
    case 'all':
      return 'all'
    default:
      return size satisfies never
  }
}
