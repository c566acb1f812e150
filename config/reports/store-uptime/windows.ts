/** The windows of the report, and how their sums are printed. */
import { DAY_MS } from './schedule.js'

export const HOUR_MS = 3_600_000
const WEEK_MS = 7 * DAY_MS

/** The starts of the windows, longest first, and their common end. */
export function cutsOf(now: number, weeks: number | undefined): readonly number[] {
  const long = weeks === undefined || weeks === 1 ? [] : [now - weeks * WEEK_MS]
  return [...long, now - WEEK_MS, now - DAY_MS, now - HOUR_MS, now]
}

/** Pieces between cuts → windows from each cut to the end, in the order of the cuts. */
export function windowSums(pieces: readonly number[]): number[] {
  const sums = [...pieces]
  for (let at = sums.length - 2; at >= 0; at--) sums[at] = (sums[at] as number) + (sums[at + 1] as number)
  return sums
}

/** Up- and downtime as they are printed: they add up to the business time, printed the same way. */
export interface PrintedTime {
  readonly up: number
  readonly down: number
}

/** Whole minutes; what is left of the last one is cut off, of the up- and of the business time. */
export function inMinutes(upMs: number, businessMs: number): PrintedTime {
  const up = Math.floor(upMs / 60_000)
  return { up, down: Math.floor(businessMs / 60_000) - up }
}

/** Hours rounded to two decimals, the up- and the business time; half a hundredth goes up. */
export function inHours(upMs: number, businessMs: number): PrintedTime {
  const up = hundredths(upMs)
  return { up: up / 100, down: (hundredths(businessMs) - up) / 100 }
}

function hundredths(ms: number): number {
  return Math.round(ms / (HOUR_MS / 100))
}
