import { openSpans } from 'shardyard/config/reports/store-uptime/open-spans'
import { scheduleOf, zoneOrDefault, type HoursRow } from 'shardyard/config/reports/store-uptime/schedule'
import { sumSpans } from 'shardyard/config/reports/store-uptime/span-sums'
import { cutsOf, inHours, inMinutes, windowSums } from 'shardyard/config/reports/store-uptime/windows'

/** A store in a few words: hours as `0 09:00-17:00`, 0 being Monday, polls as a moment and a status. */
export interface OneStore {
  readonly zone?: string
  readonly hours?: readonly string[]
  readonly polls?: readonly (readonly [moment: string | number, status: 'active' | 'inactive'])[]
  readonly now: string | number
}

export interface Sums {
  readonly upMs: number
  readonly businessMs: number
}

export const momentOf = (moment: string | number) => (typeof moment === 'number' ? moment : Date.parse(moment))

export function hoursOf(texts: readonly string[] = []): HoursRow[] {
  return texts.map((text) => {
    const [, day, start, end] = /^(\d) ([\d:]+)-([\d:]+)$/.exec(text) ?? []
    return { dayOfWeek: Number(day), startTimeLocal: `${start}:00`, endTimeLocal: `${end}:00` }
  })
}

/** The sums between any cuts, by what the report computes with. */
export function sumsBetween({ zone, hours, polls = [] }: Omit<OneStore, 'now'>, cuts: readonly number[]) {
  const [from, to] = [cuts[0] ?? 0, cuts.at(-1) ?? 0]
  const schedule = scheduleOf(zoneOrDefault(zone).zone, hoursOf(hours))
  const known = polls.map(([moment, status]) => ({ at: momentOf(moment), status })).filter(({ at }) => at <= to)
  const inside = known.filter(({ at }) => at >= from)
  const series = { at: inside.map(({ at }) => at), values: inside.map(({ status }) => status) }
  const before = known.filter(({ at }) => at <= from).at(-1)?.status
  return sumSpans(cuts, openSpans(schedule, from, to), series, before)
}

/** Milliseconds in the last hour, day and week. */
export function windowsOf(store: OneStore): { hour: Sums; day: Sums; week: Sums } {
  const sums = sumsBetween(store, cutsOf(momentOf(store.now), undefined))
  const [up, business] = [windowSums(sums.upMs), windowSums(sums.businessMs)]
  const of = (at: number): Sums => ({ upMs: up[at] ?? 0, businessMs: business[at] ?? 0 })
  return { week: of(0), day: of(1), hour: of(2) }
}

/** As the report prints it: up and down in the last hour (minutes), day and week (hours). */
export function printed(store: OneStore): Record<'hour' | 'day' | 'week', readonly [up: number, down: number]> {
  const { hour, day, week } = windowsOf(store)
  const pair = ({ up, down }: { up: number; down: number }) => [up, down] as const
  return {
    hour: pair(inMinutes(hour.upMs, hour.businessMs)),
    day: pair(inHours(day.upMs, day.businessMs)),
    week: pair(inHours(week.upMs, week.businessMs)),
  }
}
