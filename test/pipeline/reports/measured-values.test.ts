import * as fc from 'fast-check'
import { Metric } from 'shardyard/entities'
import { valueAtRank } from 'shardyard/src/cluster/read/value-at-rank'
import { MeasuredValues } from 'shardyard/src/pipeline/reports/measured-values'
import { ENGINES } from '../../helpers/engines'
import { openShipped } from './shipped'

const never = () => Promise.reject(new Error('Nobody is to be asked.'))

test('percentiles are values of which exactly so many are not above', async () => {
  const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 60 })
  const property = fc.asyncProperty(values, async (some) => {
    const measured = new MeasuredValues()
    for (const value of some) measured.add(value)
    const { count, min, max, average, p50, p95 } = await measured.summary(never)
    const notAbove = (value: number) => some.filter((other) => other <= value).length / some.length
    const below = (value: number) => some.filter((other) => other < value).length / some.length
    expect([count, min, max]).toEqual([some.length, Math.min(...some), Math.max(...some)])
    expect([notAbove(p50) >= 0.5, below(p50) < 0.5, notAbove(p95) >= 0.95, below(p95) < 0.95]).not.toContain(false)
    expect(average >= min && average <= max).toBe(true)
  })
  await fc.assert(property, { numRuns: 300 })
})

test.each([
  [[1e16, 1, -1e16], 1 / 3],
  [[0.5, 0.25, 0.75], 0.5],
  [[1.7e308, 1.7e308], 1.7e308],
  [[-5], -5],
])('the average of %j is %d', async (values, average) => {
  const measured = new MeasuredValues()
  for (const value of values) measured.add(value)
  expect((await measured.summary(never)).average).toBe(average)
})

describe.each(ENGINES)('of more values than memory is to hold, on $name', (engine) => {
  test('the database finds the same percentiles', async () => {
    const cluster = await openShipped(engine, 'ranks', ['events'])
    const values = Array.from({ length: 500 }, (_, index) => ((index * 7_919) % 1_009) / 7 - 50)
    const recordedAt = new Date('2026-01-01T00:00:00.000Z')
    await cluster.load(
      Metric,
      values.map((value) => ({ source: 's', name: 'm', value, recordedAt })),
    )
    const [few, all] = [new MeasuredValues(20), new MeasuredValues()]
    for (const value of values) for (const measured of [few, all]) measured.add(value)
    const where = [['name', '=', 'm']] as const
    const readRank = async (rank: number) =>
      (await valueAtRank(cluster, Metric, 'value', { rank, where })) ?? Number.NaN
    expect(await few.summary(readRank)).toEqual(await all.summary(never))
  })
})
