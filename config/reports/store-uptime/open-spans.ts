/**
 * The spans of real time in which a store is to be open.
 *
 * 1. Spans are ascending, do not touch and are not empty: shifts that overlap count once.
 * 2. What is open at a moment does not depend on the window that is asked about; so parts of a window add up to it.
 * 3. A day of a change of the clocks has 23, 25 or some other number of hours, all of which count. An opening or
 *    closing time that the clocks show twice means the first of the two; one that they skip, the moment of the jump.
 */
import { DAY_MS, type Schedule } from './schedule.js'

/** Start, end, start, end, and so on, in milliseconds since 1970. */
export type Spans = readonly number[]

/** Thursday, the first day of 1970, counted from Monday. */
const FIRST_WEEKDAY = 3

/** The spans of a schedule within a window, cut exactly at its edges. */
export function openSpans({ zone, week }: Schedule, from: number, to: number): Spans {
  if (to <= from) return []
  if (week === undefined) return [from, to]
  const found: number[] = []
  let isAscending = true
  // The shift of the day before may reach into the window; a day more at both ends costs little.
  const lastDay = Math.floor(zone.toClock(to) / DAY_MS) + 1
  for (let day = Math.floor(zone.toClock(from) / DAY_MS) - 1; day <= lastDay; day++) {
    for (const { startMs, endMs } of week[weekdayOf(day)] ?? []) {
      const start = Math.max(from, zone.firstMoment(day * DAY_MS + startMs))
      const end = Math.min(to, zone.firstMoment(day * DAY_MS + endMs))
      if (end <= start) continue
      if (start <= (found.at(-1) ?? from - 1)) isAscending = false
      found.push(start, end)
    }
  }
  return isAscending ? found : merged(found)
}

/** 0 is Monday; days are counted from 1970, and may be before it. */
function weekdayOf(day: number): number {
  return (((day + FIRST_WEEKDAY) % 7) + 7) % 7
}

function merged(spans: Spans): Spans {
  const pairs: [number, number][] = []
  for (let at = 0; at < spans.length; at += 2) pairs.push([spans[at] as number, spans[at + 1] as number])
  const result: number[] = []
  for (const [start, end] of pairs.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last !== undefined && start <= last) result[result.length - 1] = Math.max(last, end)
    else result.push(start, end)
  }
  return result
}
