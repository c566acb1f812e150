/**
 * The same rules, told slowly: every minute is asked whether the store is open and whether it is active. The clock of
 * a zone is Node's own, printed for each minute; nothing is shared with what is tested.
 */
const MINUTE = 60_000
const DAY = 86_400_000

export interface OracleStore {
  readonly hours: readonly { readonly dayOfWeek: number; readonly start: number; readonly end: number }[]
  /** In minutes since 1970, ascending. */
  readonly polls: readonly { readonly minute: number; readonly isActive: boolean }[]
}

/** What the clock of a zone shows, minute by minute, as texts that sort like times. */
export class WallClock {
  readonly #first: number
  readonly #shown: readonly string[]

  constructor(zone: string, fromMs: number, toMs: number) {
    this.#first = Math.floor(fromMs / MINUTE) - (3 * DAY) / MINUTE
    const last = Math.ceil(toMs / MINUTE) + (3 * DAY) / MINUTE
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
    this.#shown = Array.from({ length: last - this.#first }, (_, at) => format.format((this.#first + at) * MINUTE))
  }

  dayAt(minute: number): string {
    return (this.#shown[minute - this.#first] ?? '').slice(0, 10)
  }

  /** The first minute at which the clock shows a time, or has passed it. */
  firstMinute(shown: string): number {
    return this.#first + this.#shown.findIndex((text) => text >= shown)
  }
}

/** Minutes of business time and uptime from one minute to another. */
export function countMinutes(clock: WallClock, { hours, polls }: OracleStore, [from, to]: readonly [number, number]) {
  const shifts = shiftsOf(clock, hours, [from, to])
  const known = polls.filter(({ minute }) => minute <= to)
  let [business, up] = [0, 0]
  for (let minute = from; minute < to; minute++) {
    const isOpen = hours.length === 0 || shifts.some(([start, end]) => start <= minute && minute < end)
    if (!isOpen) continue
    business += 1
    const poll = known.findLast((one) => one.minute <= minute) ?? known[0]
    if (poll?.isActive === true) up += 1
  }
  return { business, up }
}

function shiftsOf(clock: WallClock, hours: OracleStore['hours'], [from, to]: readonly [number, number]) {
  const shifts: [number, number][] = []
  const firstDay = Date.parse(`${clock.dayAt(from)}T00:00:00Z`) - DAY
  for (let day = firstDay; day <= Date.parse(`${clock.dayAt(to)}T00:00:00Z`); day += DAY) {
    for (const { dayOfWeek, start, end } of hours) {
      if ((new Date(day).getUTCDay() + 6) % 7 !== dayOfWeek) continue
      const isNextDay = end < start || (start === 0 && end === 0)
      shifts.push([
        clock.firstMinute(shownAt(day, start)),
        clock.firstMinute(shownAt(isNextDay ? day + DAY : day, end)),
      ])
    }
  }
  return shifts
}

/** A minute of a day → `2025-03-09 02:30`. */
function shownAt(day: number, minute: number): string {
  return new Date(day + minute * MINUTE).toISOString().slice(0, 16).replace('T', ' ')
}
