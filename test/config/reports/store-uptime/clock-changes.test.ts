import { openSpans } from 'shardyard/config/reports/store-uptime/open-spans'
import { scheduleOf, zoneOrDefault } from 'shardyard/config/reports/store-uptime/schedule'
import { hoursOf } from './one-store'

const DAY = 86_400_000

/** Open time around a day, as spans of UTC. All hours are those of a Saturday, or of the Sunday of the change. */
function spansOf(zone: string, sunday: string, hours: readonly string[]): string[] {
  const noon = Date.parse(`${sunday}T12:00:00Z`)
  const found = openSpans(scheduleOf(zoneOrDefault(zone).zone, hoursOf(hours)), noon - 2 * DAY, noon + 2 * DAY)
  const text = (ms: number | undefined) => new Date(ms ?? Number.NaN).toISOString().slice(0, 16)
  return Array.from({ length: found.length / 2 }, (_, pair) => `${text(found[2 * pair])} ${text(found[2 * pair + 1])}`)
}

describe('on the night on which the clocks go forward', () => {
  test.each([
    // At 02:00 it is 03:00: 08:00Z.
    ['America/Chicago', '2025-03-09', ['6 00:00-00:00'], ['2025-03-09T06:00 2025-03-10T05:00'], 'the day has 23 hours'],
    ['America/Chicago', '2025-03-09', ['5 22:00-06:00'], ['2025-03-09T04:00 2025-03-09T11:00'], 'the night has 7'],
    ['America/Chicago', '2025-03-09', ['6 02:30-05:00'], ['2025-03-09T08:00 2025-03-09T10:00'], 'it opens at the jump'],
    [
      'America/Chicago',
      '2025-03-09',
      ['6 01:00-02:30'],
      ['2025-03-09T07:00 2025-03-09T08:00'],
      'it closes at the jump',
    ],
    ['America/Chicago', '2025-03-09', ['6 02:10-02:50'], [], 'a shift inside the gap is none'],
    // At 03:00 it is 04:00: 01:00Z.
    ['Europe/Istanbul', '2016-03-27', ['6 00:00-00:00'], ['2016-03-26T22:00 2016-03-27T21:00'], 'the day has 23 hours'],
    ['Europe/Istanbul', '2016-03-27', ['6 03:30-04:30'], ['2016-03-27T01:00 2016-03-27T01:30'], 'it opens at the jump'],
    // At 02:00 it is 02:30: 15:30Z of the day before.
    ['Australia/Lord_Howe', '2025-10-05', ['6 00:00-00:00'], ['2025-10-04T13:30 2025-10-05T13:00'], 'the day has 23.5'],
    [
      'Australia/Lord_Howe',
      '2025-10-05',
      ['6 02:15-03:00'],
      ['2025-10-04T15:30 2025-10-04T16:00'],
      'it opens at the jump',
    ],
  ])('in %s (%s), open %j is %j: %s', (zone, sunday, hours, expected) => {
    expect(spansOf(zone, sunday, hours)).toEqual(expected)
  })
})

describe('on the night on which the clocks go back', () => {
  test.each([
    // At 02:00 it is 01:00 again: 07:00Z.
    ['America/Chicago', '2025-11-02', ['6 00:00-00:00'], ['2025-11-02T05:00 2025-11-03T06:00'], 'the day has 25 hours'],
    ['America/Chicago', '2025-11-02', ['5 22:00-06:00'], ['2025-11-02T03:00 2025-11-02T12:00'], 'the night has 9'],
    [
      'America/Chicago',
      '2025-11-02',
      ['6 01:30-05:00'],
      ['2025-11-02T06:30 2025-11-02T11:00'],
      'it opens at the first',
    ],
    [
      'America/Chicago',
      '2025-11-02',
      ['6 00:00-01:30'],
      ['2025-11-02T05:00 2025-11-02T06:30'],
      'it closes at the first',
    ],
    [
      'America/Chicago',
      '2025-11-02',
      ['6 00:00-01:30', '6 01:30-03:00'],
      ['2025-11-02T05:00 2025-11-02T09:00'],
      'shifts that meet still meet',
    ],
    // At 04:00 it is 03:00 again: 01:00Z.
    ['Europe/Istanbul', '2015-11-08', ['6 00:00-00:00'], ['2015-11-07T21:00 2015-11-08T22:00'], 'the day has 25 hours'],
    [
      'Europe/Istanbul',
      '2015-11-08',
      ['6 03:30-05:00'],
      ['2015-11-08T00:30 2015-11-08T03:00'],
      'it opens at the first',
    ],
    // At 02:00 it is 01:30 again: 15:00Z of the day before.
    ['Australia/Lord_Howe', '2025-04-06', ['6 00:00-00:00'], ['2025-04-05T13:00 2025-04-06T13:30'], 'the day has 24.5'],
    [
      'Australia/Lord_Howe',
      '2025-04-06',
      ['6 01:45-02:30'],
      ['2025-04-05T14:45 2025-04-05T16:00'],
      'it opens at the first',
    ],
  ])('in %s (%s), open %j is %j: %s', (zone, sunday, hours, expected) => {
    expect(spansOf(zone, sunday, hours)).toEqual(expected)
  })
})
