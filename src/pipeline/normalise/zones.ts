/** Clock times of a time zone → moments, through the time zone data of Node. */
import { ShardyardError } from '../../errors.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Offsets kept a zone: forty years of hours would be 350,000. */
const KEPT_MAX = 50_000

/** The moment of a clock time, in milliseconds since 1970, or why there is none. */
export type ZonedTime = number | 'gap' | 'overlap'

/** A time zone. `toMoment` takes a clock time as the milliseconds it would be in UTC. */
export interface Zone {
  readonly name: string
  toMoment(clockMs: number): ZonedTime
  /** The clock time of a moment, in the same form. */
  toClock(moment: number): number
  /** A moment for every clock time, later ones never earlier: of two the first, for a skipped one that of the jump. */
  firstMoment(clockMs: number): number
}

const same = (ms: number) => ms
const UTC: Zone = { name: 'UTC', toMoment: same, toClock: same, firstMoment: same }
const zones = new Map<string, Zone>([['UTC', UTC]])

/**
 * The zone of an IANA name; one object a name, because it remembers offsets.
 *
 * @throws SY_OPTION_INVALID when there is no such zone
 */
export function zoneOf(name: string): Zone {
  const known = zones.get(name)
  if (known !== undefined) return known
  const zone = new OffsetZone(name, formatOf(name))
  zones.set(name, zone)
  return zone
}

class OffsetZone implements Zone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  /** Offset of the hours in which it does not change; undefined where it does. */
  readonly #byHour = new Map<number, number | undefined>()

  constructor(name: string, format: Intl.DateTimeFormat) {
    this.name = name
    this.#format = format
  }

  toMoment(clockMs: number): ZonedTime {
    const before = this.#offsetAt(clockMs - DAY_MS)
    const after = this.#offsetAt(clockMs + DAY_MS)
    const moments = new Set<number>()
    for (const offset of [before, after, this.#offsetAt(clockMs - before), this.#offsetAt(clockMs - after)]) {
      if (this.#offsetAt(clockMs - offset) === offset) moments.add(clockMs - offset)
    }
    const [moment] = moments
    if (moment === undefined) return 'gap'
    return moments.size > 1 ? 'overlap' : moment
  }

  toClock(moment: number): number {
    return moment + this.#offsetAt(moment)
  }

  firstMoment(clockMs: number): number {
    const before = this.#offsetAt(clockMs - DAY_MS)
    const after = this.#offsetAt(clockMs + DAY_MS)
    if (before === after) return clockMs - before
    const moment = clockMs - before
    // The offset of before holds up to the change, so what it gives is the first of two.
    if (this.#offsetAt(moment) === before) return moment
    if (this.#offsetAt(clockMs - after) === after) return clockMs - after
    return this.#jumpBetween(clockMs - after, moment)
  }

  /** The moment at which the clock was put forward; its offset is another one at `from` than at `to`. */
  #jumpBetween(from: number, to: number): number {
    const before = this.#offsetAt(from)
    let [low, high] = [from, to]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#offsetAt(middle) === before) low = middle
      else high = middle
    }
    return high
  }

  /** How far the zone's clock is ahead of UTC at a moment. */
  #offsetAt(moment: number): number {
    const hour = Math.floor(moment / HOUR_MS)
    if (!this.#byHour.has(hour)) {
      if (this.#byHour.size >= KEPT_MAX) this.#byHour.clear()
      const first = this.#readOffset(hour * HOUR_MS)
      const last = this.#readOffset((hour + 1) * HOUR_MS - 1000)
      this.#byHour.set(hour, first === last ? first : undefined)
    }
    return this.#byHour.get(hour) ?? this.#readOffset(moment)
  }

  #readOffset(moment: number): number {
    const second = Math.floor(moment / 1000) * 1000
    const parts: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(second)) parts[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: seconds = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, seconds) - second
  }
}

function formatOf(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
  } catch (cause) {
    throw new ShardyardError(
      'SY_OPTION_INVALID',
      `Expected \`zone\` to be the IANA name of a time zone, such as Europe/Istanbul, got ${JSON.stringify(name)}.`,
      { cause, details: { option: 'zone' } },
    )
  }
}
