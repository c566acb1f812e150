import * as fc from 'fast-check'
import { BOUNDARY, readJoinedChanges } from 'shardyard/src/cluster/read/joined-changes'

const text = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
const joined = (points: readonly (readonly [ms: number, value: string])[]) =>
  readJoinedChanges(Buffer.from(points.map(([ms, value]) => text(ms) + value).join(BOUNDARY)))

const value = fc.constantFrom('active', 'inactive', 'act', '', 'größer', `a${BOUNDARY.slice(0, -1)}`)
const moment = fc.oneof(
  fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2100, 0) }),
  fc.integer({ min: Date.UTC(2024, 1, 28), max: Date.UTC(2024, 2, 2) }),
)
const points = fc.array(fc.tuple(moment, value), { minLength: 1, maxLength: 30 })
const inOrder = ([a, x]: readonly [number, string], [b, y]: readonly [number, string]) => a - b || (x < y ? -1 : 1)

describe('points that were joined into one text', () => {
  test('give the first one, and those that differ from the one before', () => {
    fc.assert(
      fc.property(points, (drawn) => {
        const sorted = drawn.toSorted(inOrder)
        const kept = sorted.filter(([, here], index) => index === 0 || sorted[index - 1]?.[1] !== here)
        expect(joined(sorted)).toEqual({
          at: kept.map(([at]) => at),
          values: kept.map(([, here]) => here),
          points: sorted.length,
        })
      }),
    )
  })

  test('are not taken when they are not in order', () => {
    fc.assert(
      fc.property(points, (drawn) => {
        const isSorted = drawn.every(
          (point, index) =>
            index === 0 || inOrder(drawn[index - 1] ?? point, point) <= 0 || drawn[index - 1]?.join() === point.join(),
        )
        expect(joined(drawn) === undefined).toBe(!isSorted)
      }),
    )
  })

  test.each([
    ['2025-05-06 11:00:00active'],
    ['2025-05-06T11:00:00.000active'],
    ['2025-05-06 11:00:00.000Zactive'],
    ['2025-05-06 11:00:00.000123active'],
    ['2025-05-06 11:00:00+02:00active'],
    ['2025-05-06 11:00:00.000 UTCactive'],
    ['2025-05-06 11:00:00.000active|2025-05-06 12:00'],
    ['2025-05-06 11:00:00.000active|2025-05-06 12:00:00inactive'],
    ['2025-05-06 11:00:00.000active|'],
  ])('are not taken from %j', (written) => {
    expect(readJoinedChanges(Buffer.from(written.replace('|', BOUNDARY)))).toBeUndefined()
  })
})
