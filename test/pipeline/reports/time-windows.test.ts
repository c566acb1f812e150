import { zoneOf } from 'shardyard/src/pipeline/normalise/zones'
import { windowCell, windowOf, type WindowSize } from 'shardyard/src/pipeline/reports/time-windows'

/** The windows of moments that are a quarter of an hour apart, each once. */
function windows(size: WindowSize, name: string, from: string, hours: number) {
  const zone = zoneOf(name)
  const moments = Array.from({ length: hours * 4 }, (_, index) => new Date(Date.parse(from) + index * 900_000))
  return [...new Set(moments.map((moment) => windowOf(size, zone, moment)))].map((window) => {
    const cell = windowCell(size, window)
    return typeof cell === 'string' ? cell : cell.toISOString().slice(0, 16)
  })
}

test.each([
  ['UTC', '2026-01-01T00:00:00Z', ['2026-01-01T00:00', '2026-01-01T01:00', '2026-01-01T02:00']],
  // Half an hour beside UTC: the hours of its clock.
  ['Asia/Kolkata', '2026-01-01T00:30:00Z', ['2026-01-01T00:30', '2026-01-01T01:30', '2026-01-01T02:30']],
  // Clocks go back at two: the hour from one to two comes twice.
  ['America/Chicago', '2025-11-02T05:00:00Z', ['2025-11-02T05:00', '2025-11-02T06:00', '2025-11-02T07:00']],
  // Clocks go from two to three: no hour is missing, none is longer.
  ['America/Chicago', '2026-03-08T07:00:00Z', ['2026-03-08T07:00', '2026-03-08T08:00', '2026-03-08T09:00']],
])('hours in %s from %s begin at %j', (zone, from, expected) => {
  expect(windows('hour', zone, from, 3)).toEqual(expected)
})

test('days are those of the zone, also where a night has 23 or 25 hours', () => {
  expect(windows('day', 'America/Chicago', '2025-11-02T05:00:00Z', 25)).toEqual(['2025-11-02'])
  expect(windows('day', 'America/Chicago', '2026-03-08T06:00:00Z', 24)).toEqual(['2026-03-08', '2026-03-09'])
})

test('before 1970 hours begin on the hour as well', () => {
  expect(windows('hour', 'UTC', '1969-12-31T22:15:00Z', 1)).toEqual(['1969-12-31T22:00', '1969-12-31T23:00'])
})

test('all of time is one window', () => {
  expect(windows('all', 'UTC', '2026-01-01T00:00:00Z', 5)).toEqual(['all'])
})
