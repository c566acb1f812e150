import { zoneOf } from 'shardyard/src/pipeline/normalise/zones'
import { dayNumber, dayText, firstMoment, resolvePeriod } from 'shardyard/src/pipeline/reports/period'

test.each([
  ['UTC', '2026-03-29', '2026-03-29T00:00:00.000Z'],
  ['Europe/Istanbul', '2026-03-29', '2026-03-28T21:00:00.000Z'],
  // Clocks go from 00:00 to 01:00 on that day, so it begins at one.
  ['America/Santiago', '2025-09-07', '2025-09-07T04:00:00.000Z'],
  // Midnight comes twice: clocks go from 01:00 back to 00:00.
  ['America/Havana', '2025-11-02', '2025-11-02T04:00:00.000Z'],
  ['Australia/Lord_Howe', '2025-10-05', '2025-10-04T13:30:00.000Z'],
])('in %s the day %s begins at %s', (name, day, moment) => {
  const zone = zoneOf(name)
  const first = firstMoment(zone, Date.parse(day))
  expect(first.toISOString()).toBe(moment)
  expect(dayText(dayNumber(zone, first))).toBe(day)
  expect(dayText(dayNumber(zone, new Date(first.getTime() - 1)))).not.toBe(day)
})

test('a period says which days it has', () => {
  const title = (from?: string, to?: string) => resolvePeriod({ from, to, zone: 'UTC' }).title
  expect(title()).toBe('all days (UTC)')
  expect(title('2026-01-01')).toBe('since 2026-01-01 (UTC)')
  expect(title(undefined, '2026-01-01')).toBe('until 2026-01-01 (UTC)')
  expect(title('2026-01-01', '2026-01-01')).toBe('2026-01-01 (UTC)')
  expect(title('2026-01-01', '2026-01-02')).toBe('2026-01-01 to 2026-01-02 (UTC)')
})
