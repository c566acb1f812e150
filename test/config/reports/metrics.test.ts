import type { Cluster } from 'shardyard'
import { Metric } from 'shardyard/entities'
import { metrics } from 'shardyard/config/reports/metrics'
import { ENGINES } from '../../helpers/engines'
import { collectReport } from '../../pipeline/reports/collect-model'
import { openShipped } from '../../pipeline/reports/shipped'

const START = Date.UTC(2026, 0, 1)
const reading = (name: string, minute: number, value: number) => ({
  source: 'sensor',
  name,
  value,
  recordedAt: new Date(START + minute * 60_000),
})

/** Two days of a reading every ten minutes, in no order of their values. */
const CPU = Array.from({ length: 288 }, (_, index) => reading('cpu_usage', index * 10, ((index * 37) % 101) / 10))
const READINGS = [
  ...CPU,
  reading('CPU_usage', 0, -1),
  reading('temperature', 5, 0.1),
  reading('temperature', 6, 0.2),
  reading('temperature', 7, 0.3),
]

/** By definition: the lowest value that so many of all do not exceed. */
function figuresOf(readings: readonly { readonly value: number }[]) {
  const sorted = readings.map(({ value }) => value).toSorted((a, b) => a - b)
  const lowest = (share: number) =>
    sorted.find((value) => sorted.filter((other) => other <= value).length >= share * sorted.length)
  const average = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  return {
    count: sorted.length,
    average: expect.closeTo(average, 9),
    minimum: sorted[0],
    maximum: sorted.at(-1),
    p50: lowest(0.5),
    p95: lowest(0.95),
  }
}

describe.each(ENGINES)('the report of metrics on $name', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await openShipped(engine, 'metrics', ['events'])
    await cluster.load(Metric, READINGS)
  })

  test('tells the figures of each metric, and keeps names apart that differ in case', async () => {
    const { tables, figures, model } = await collectReport(cluster, metrics)
    const found = new Map(tables['metrics']?.map((row) => [row['metric'], row]))
    expect(found.get('cpu_usage')).toEqual({ metric: 'cpu_usage', ...figuresOf(CPU) })
    expect(found.get('CPU_usage')).toMatchObject({ count: 1, average: -1, minimum: -1, maximum: -1, p50: -1, p95: -1 })
    expect(found.get('temperature')).toMatchObject({ count: 3, average: expect.closeTo(0.2, 12), p50: 0.2, p95: 0.3 })
    expect(figures).toEqual({ metrics: 3, readings: 292 })
    expect(model.asOf).toEqual(CPU.at(-1)?.recordedAt)
  })

  test.each([
    ['day', 144],
    ['hour', 6],
  ] as const)('tells them for every %s', async (window, size) => {
    const { tables } = await collectReport(cluster, metrics, { window, metric: 'cpu_usage' })
    const expected = Array.from({ length: 288 / size }, (_, index) => {
      const part = CPU.slice(index * size, (index + 1) * size)
      const begin = part[0]?.recordedAt
      return {
        metric: 'cpu_usage',
        window: window === 'day' ? begin?.toISOString().slice(0, 10) : begin,
        ...figuresOf(part),
      }
    })
    expect(tables['windows']).toEqual(expected)
  })

  test('has days of a time zone', async () => {
    const { tables } = await collectReport(cluster, metrics, { zone: 'America/Chicago', metric: 'cpu_usage' })
    const days = tables['windows']?.map((row) => [row['window'], row['count']])
    expect(days).toEqual([
      ['2025-12-31', 36],
      ['2026-01-01', 144],
      ['2026-01-02', 108],
    ])
  })

  test('draws a line for the metrics that are read most', async () => {
    const { charts, model } = await collectReport(cluster, metrics, { top: 1 })
    expect(charts['averages']?.map(([label]) => label)).toEqual(['2026-01-01', '2026-01-02'])
    expect(model.blocks.find((block) => block.block === 'chart')).toMatchObject({
      kind: 'line',
      series: [{ name: 'cpu_usage' }],
    })
  })

  test('as a whole has no windows', async () => {
    const { tables, model } = await collectReport(cluster, metrics, { window: 'all' })
    expect([Object.keys(tables), model.mainTable]).toEqual([['metrics'], 'metrics'])
  })

  test('says that there are no readings', async () => {
    const { texts, tables } = await collectReport(cluster, metrics, { metric: 'nothing' })
    expect([texts, tables]).toEqual([['There are no readings.'], { metrics: [], windows: [] }])
  })
})
