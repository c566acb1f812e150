import * as fc from 'fast-check'
import { sumsBetween, windowsOf, type OneStore } from './one-store'
import { countMinutes, WallClock, type OracleStore } from './minute-oracle'

const MINUTE = 60_000
const DAY = 86_400_000

/** The middle of each range is the night of a change, or none. */
const RANGES = [
  ['America/Chicago', '2025-03-09'],
  ['America/Chicago', '2025-11-02'],
  ['Europe/Istanbul', '2016-03-27'],
  ['Europe/Istanbul', '2015-11-08'],
  ['Australia/Lord_Howe', '2025-10-05'],
  ['Australia/Lord_Howe', '2025-04-06'],
  ['Asia/Kolkata', '2025-05-06'],
] as const

const minuteOfDay = fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.constantFrom(0, 90, 120, 150, 180, 210, 240, 1380))
const hours = fc.array(fc.record({ dayOfWeek: fc.integer({ min: 0, max: 6 }), start: minuteOfDay, end: minuteOfDay }), {
  maxLength: 12,
})
/** Minutes before the end of the windows, and behind it. */
const polls = fc.array(fc.record({ ago: fc.integer({ min: -60, max: 9 * 1440 }), isActive: fc.boolean() }), {
  maxLength: 40,
})
/** Minutes of the end of the windows after the night. */
const end = fc.integer({ min: 0, max: 6 * 1440 })

const clockText = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

interface Drawn {
  readonly hours: OracleStore['hours']
  readonly polls: readonly { readonly ago: number; readonly isActive: boolean }[]
  readonly end: number
}

/** One store in both tongues. */
function bothOf(zone: string, night: string, drawn: Drawn): { store: OneStore; oracle: OracleStore; now: number } {
  const now = Date.parse(`${night}T00:00:00Z`) / MINUTE + drawn.end
  // Of two polls at one moment it is the texts that decide; the oracle knows minutes only.
  const byMinute = new Map(drawn.polls.map(({ ago, isActive }) => [now - ago, isActive]))
  const sorted = [...byMinute].toSorted(([a], [b]) => a - b)
  return {
    now,
    oracle: { hours: drawn.hours, polls: sorted.map(([minute, isActive]) => ({ minute, isActive })) },
    store: {
      zone,
      now: now * MINUTE,
      hours: drawn.hours.map((one) => `${one.dayOfWeek} ${clockText(one.start)}-${clockText(one.end)}`),
      polls: sorted.map(([minute, isActive]) => [minute * MINUTE, isActive ? 'active' : 'inactive']),
    },
  }
}

describe.each(RANGES)('a store in %s around %s', (zone, night) => {
  const middle = Date.parse(`${night}T00:00:00Z`)
  const clock = new WallClock(zone, middle - 8 * DAY, middle + 7 * DAY)

  test('has the uptime that a minute-by-minute count finds', () => {
    fc.assert(
      fc.property(fc.record({ hours, polls, end }), (drawn) => {
        const { store, oracle, now } = bothOf(zone, night, drawn)
        const found = windowsOf(store)
        for (const [name, minutes] of [
          ['hour', 60],
          ['day', 1440],
          ['week', 7 * 1440],
        ] as const) {
          const { business, up } = countMinutes(clock, oracle, [now - minutes, now])
          expect({ name, ...found[name] }).toEqual({ name, businessMs: business * MINUTE, upMs: up * MINUTE })
        }
      }),
      { numRuns: 25 },
    )
  })
})

test('neighbouring windows add up exactly, wherever they are cut', () => {
  const cut = fc.integer({ min: 1, max: 7 * DAY - 1 })
  fc.assert(
    fc.property(fc.record({ hours, polls, end }), fc.uniqueArray(cut, { maxLength: 5 }), (drawn, inside) => {
      const { store, now } = bothOf('America/Chicago', '2025-03-09', drawn)
      const [from, to] = [now * MINUTE - 7 * DAY, now * MINUTE]
      const cuts = [from, ...inside.toSorted((a, b) => a - b).map((at) => from + at), to]
      const [whole, parts] = [sumsBetween(store, [from, to]), sumsBetween(store, cuts)]
      const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
      expect([sum(parts.upMs), sum(parts.businessMs)]).toEqual([whole.upMs[0], whole.businessMs[0]])
      expect(parts.upMs.every((upMs, piece) => upMs >= 0 && upMs <= (parts.businessMs[piece] ?? -1))).toBe(true)
    }),
    { numRuns: 100 },
  )
})
