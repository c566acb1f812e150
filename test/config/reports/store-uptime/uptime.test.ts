import * as fc from 'fast-check'
import { inHours, inMinutes } from 'shardyard/config/reports/store-uptime/windows'
import { printed, windowsOf, type OneStore } from './one-store'

const HOUR = 3_600_000
const NOW = '2025-05-06T12:00:00Z'
const WORKDAYS = ['0 09:00-17:00', '1 09:00-17:00']

describe('the last hour, day and week', () => {
  test.each<[string, OneStore, ReturnType<typeof printed>]>([
    ['a store without polls is down', { now: NOW }, { hour: [0, 60], day: [0, 24], week: [0, 168] }],
    [
      'one active poll a day ago holds, and holds backwards',
      { now: NOW, polls: [['2025-05-05T12:00:00Z', 'active']] },
      { hour: [60, 0], day: [24, 0], week: [168, 0] },
    ],
    [
      'a change in the middle of the hour halves it',
      {
        now: NOW,
        polls: [
          ['2025-05-06T11:00:00Z', 'active'],
          ['2025-05-06T11:30:00Z', 'inactive'],
        ],
      },
      { hour: [30, 30], day: [23.5, 0.5], week: [167.5, 0.5] },
    ],
    [
      'Monday and Tuesday from nine to five in Chicago give the Monday',
      { now: NOW, hours: WORKDAYS, polls: [['2025-05-05T15:00:00Z', 'active']] },
      { hour: [0, 0], day: [8, 0], week: [16, 0] },
    ],
    [
      'nine to twelve with polls at 10:14 and 11:15 is filled whole',
      {
        now: '2025-05-05T17:00:00Z',
        hours: ['0 09:00-12:00'],
        polls: [
          ['2025-05-05T15:14:00Z', 'active'],
          ['2025-05-05T16:15:00Z', 'inactive'],
        ],
      },
      { hour: [15, 45], day: [2.25, 0.75], week: [2.25, 0.75] },
    ],
    [
      'a poll at the very end alone tells of all that came before',
      { now: NOW, polls: [[NOW, 'active']] },
      { hour: [60, 0], day: [24, 0], week: [168, 0] },
    ],
    [
      'a poll after the end is not known yet',
      { now: NOW, polls: [['2025-05-06T12:00:00.001Z', 'active']] },
      { hour: [0, 60], day: [0, 24], week: [0, 168] },
    ],
    [
      'a poll 90 minutes before the end fills the last hour',
      { now: NOW, polls: [['2025-05-06T10:30:00Z', 'inactive']] },
      { hour: [0, 60], day: [0, 24], week: [0, 168] },
    ],
  ])('%s', (_, store, expected) => {
    expect(printed(store)).toEqual(expected)
  })

  test('cut a shift at their very edges', () => {
    const hours = ['0 09:00-17:00', '1 06:30-06:45']
    const store = { now: '2025-05-06T11:40:30.500Z', hours, polls: [[NOW, 'active']] } as const
    const { hour, day, week } = windowsOf(store)
    // Tuesday 06:30 is 11:30Z; the last week begins on the Tuesday before, at 06:40:30.500.
    expect(hour.businessMs).toBe(10.5 * 60_000 + 500)
    expect(day.businessMs).toBe(8 * HOUR + 10.5 * 60_000 + 500)
    expect(week.businessMs).toBe(8 * HOUR + 15 * 60_000)
  })

  test('count each of the shifts of a day, and what overlaps once', () => {
    const split = { now: '2025-05-06T05:00:00Z', hours: ['0 09:00-12:00', '0 17:00-22:00'] }
    expect(windowsOf(split).day.businessMs).toBe(8 * HOUR)
    const overlapping = { ...split, hours: ['0 17:00-22:00', '0 09:00-12:00', '0 11:00-13:00', '0 10:00-11:00'] }
    expect(windowsOf(overlapping).day.businessMs).toBe(9 * HOUR)
  })

  test('count a shift over midnight on both of its days, and that of the day before the window', () => {
    const hours = ['0 22:00-02:00']
    // Tuesday 01:00 in Chicago: the last day holds Monday 22:00 to now.
    expect(windowsOf({ now: '2025-05-06T06:00:00Z', hours }).day.businessMs).toBe(3 * HOUR)
    expect(windowsOf({ now: '2025-05-06T06:30:00Z', hours }).hour.businessMs).toBe(HOUR)
    // The week begins at Tuesday 01:00: of the Monday before an hour is left, of this one three have passed.
    expect(windowsOf({ now: '2025-05-06T06:00:00Z', hours }).week.businessMs).toBe(4 * HOUR)
  })

  test.each([
    ['midnight to midnight is the whole day', ['0 00:00-00:00'], 24],
    ['midnight to 24:00 as well', ['0 00:00-24:00'], 24],
    ['any other time to itself is nothing, and the store has hours all the same', ['0 10:00-10:00'], 0],
    ['a day without a row is closed', ['1 10:00-11:00'], 0],
    ['no rows at all are open all the time', [], 24],
  ])('%s', (_, hours, expected) => {
    expect(windowsOf({ now: '2025-05-06T05:00:00Z', hours }).day.businessMs).toBe(expected * HOUR)
  })

  test('take a zone that is not known, or none, for America/Chicago', () => {
    const hours = ['0 09:00-17:00']
    const inZone = (zone?: string) => windowsOf({ now: '2025-05-05T15:00:00Z', hours, ...(zone ? { zone } : {}) })
    expect(inZone('Mars/Olympus')).toEqual(inZone('America/Chicago'))
    expect(inZone()).toEqual(inZone('America/Chicago'))
    expect(inZone('Europe/Istanbul')).not.toEqual(inZone('America/Chicago'))
  })
})

describe('printed', () => {
  test('up and down add up to the business time, printed in the same way', () => {
    expect(inMinutes(29.9 * 60_000, 60 * 60_000)).toEqual({ up: 29, down: 31 })
    expect(inMinutes(29.9 * 60_000, 59.8 * 60_000)).toEqual({ up: 29, down: 30 })
    expect(inHours(HOUR / 3, HOUR)).toEqual({ up: 0.33, down: 0.67 })
    expect(inHours(0.005 * HOUR, 0.01 * HOUR)).toEqual({ up: 0.01, down: 0 })
    expect(inHours(8 * HOUR, 8 * HOUR)).toEqual({ up: 8, down: 0 })
  })

  test('they do so whatever the times are, and none is negative', () => {
    const times = fc.tuple(fc.integer({ min: 0, max: 7 * 24 * HOUR }), fc.integer({ min: 0, max: 7 * 24 * HOUR }))
    fc.assert(
      fc.property(times, ([a, b]) => {
        const [upMs, businessMs] = [Math.min(a, b), Math.max(a, b)]
        const [minutes, hours] = [inMinutes(upMs, businessMs), inHours(upMs, businessMs)]
        const [allMinutes, allHours] = [inMinutes(businessMs, businessMs), inHours(businessMs, businessMs)]
        expect(minutes.up + minutes.down).toBe(allMinutes.up)
        expect((hours.up + hours.down).toFixed(2)).toBe(allHours.up.toFixed(2))
        expect(Math.min(minutes.up, minutes.down, hours.up, hours.down)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
