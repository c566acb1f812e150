/** What was measured: average, lowest, highest, count and percentiles of each metric, in hours, days or as a whole. */
import { Metric } from '../../entities/metric.js'
import type { Cluster } from '../../src/cluster/cluster.js'
import { columnRange } from '../../src/cluster/read/column-range.js'
import type { Condition } from '../../src/cluster/read/conditions.js'
import { groupPages } from '../../src/cluster/read/row-groups.js'
import { rowPages } from '../../src/cluster/read/row-pages.js'
import { valueAtRank } from '../../src/cluster/read/value-at-rank.js'
import { defineReport } from '../../src/pipeline/reports/define-report.js'
import { MeasuredValues, type Summary } from '../../src/pipeline/reports/measured-values.js'
import { PERIOD_OPTIONS, resolvePeriod, type Period } from '../../src/pipeline/reports/period.js'
import { windowOf, type WindowSize } from '../../src/pipeline/reports/time-windows.js'
import { CHART_POINTS, metricsModel, type MeasuredMetric, type MetricWindow } from './metrics/metrics-model.js'

export const metrics = defineReport({
  name: 'metrics',
  describe: 'average, lowest, highest, count and percentiles of each metric',
  options: {
    ...PERIOD_OPTIONS,
    window: {
      type: 'choice',
      choices: ['hour', 'day', 'all'],
      describe: 'what the figures are told for',
      default: 'day',
    },
    metric: { type: 'string', describe: 'only this metric' },
    top: { type: 'integer', describe: 'how many metrics are in the chart', default: 5, min: 1, max: 20 },
  },
  async run({ cluster, options, signal }) {
    const period = resolvePeriod(options)
    const { window: size, metric, top } = options
    const where: readonly Condition<Metric>[] = [
      ...(metric === undefined ? [] : [['name', '=', metric] as const]),
      ...period.where('recordedAt'),
    ]
    const readings: Readings = { cluster, period, size, signal, where }
    const range = await columnRange(cluster, Metric, 'recordedAt', where)
    const names = await namesOf(readings)
    const charted = new Set(
      names
        .toSorted((a, b) => b.count - a.count)
        .slice(0, top)
        .map(({ name }) => name),
    )
    const measured: MeasuredMetric[] = []
    for (const { name } of names) measured.push(await measure(readings, name, charted.has(name)))
    return metricsModel({ period, size, latest: range?.max, measured, windows: () => allWindows(readings, names) })
  },
})

/** Which readings the report is about. */
interface Readings {
  readonly cluster: Cluster
  readonly period: Period
  readonly size: WindowSize
  readonly signal: AbortSignal
  readonly where: readonly Condition<Metric>[]
}

interface CountedName {
  readonly name: string
  readonly count: number
}

async function namesOf({ cluster, where, signal }: Readings): Promise<CountedName[]> {
  const names: CountedName[] = []
  for await (const page of groupPages(cluster, Metric, { by: ['name'], where, signal }))
    for (const { key, count } of page) names.push({ name: key.name, count })
  return names
}

/** The figures of a metric as a whole; of one that is in the chart its last windows as well. */
async function measure(readings: Readings, name: string, isCharted: boolean): Promise<MeasuredMetric> {
  const whole = new MeasuredValues()
  const windows: MetricWindow[] = []
  for await (const window of windowsOf(readings, name, whole)) {
    if (isCharted) windows.push(window)
    if (windows.length > CHART_POINTS) windows.shift()
  }
  const where = [['name', '=', name] as const, ...readings.where]
  return { ...(await summaryOf(readings, whole, where)), name, windows }
}

async function* allWindows(readings: Readings, names: readonly CountedName[]): AsyncGenerator<MetricWindow> {
  for (const { name } of names) yield* windowsOf(readings, name)
}

/** The windows of a metric in their order; its values go into `whole` as well. */
async function* windowsOf(readings: Readings, name: string, whole?: MeasuredValues): AsyncGenerator<MetricWindow> {
  const { cluster, period, size, signal } = readings
  const where = [['name', '=', name] as const, ...readings.where]
  const columns = ['value', 'recordedAt'] as const
  let open: OpenWindow | undefined
  for await (const page of rowPages(cluster, Metric, { columns, orderBy: ['recordedAt'], where, signal })) {
    for (const { value, recordedAt } of page) {
      const window = windowOf(size, period.zone, recordedAt)
      if (open?.window !== window) {
        if (open !== undefined) yield await closed(readings, name, open)
        open = { window, values: new MeasuredValues(), first: recordedAt, last: recordedAt }
      }
      open.values.add(value)
      open.last = recordedAt
      whole?.add(value)
    }
  }
  if (open !== undefined) yield closed(readings, name, open)
}

interface OpenWindow {
  readonly window: number
  readonly values: MeasuredValues
  readonly first: Date
  last: Date
}

async function closed(
  readings: Readings,
  name: string,
  { window, values, first, last }: OpenWindow,
): Promise<MetricWindow> {
  const where = [
    ['name', '=', name],
    ['recordedAt', '>=', first],
    ['recordedAt', '<=', last],
  ] as const
  return { ...(await summaryOf(readings, values, where)), name, window }
}

/** Of more values than memory is to hold, the database finds those that percentiles need. */
function summaryOf(
  { cluster }: Readings,
  values: MeasuredValues,
  where: readonly Condition<Metric>[],
): Promise<Summary> {
  return values.summary(async (rank) => (await valueAtRank(cluster, Metric, 'value', { rank, where })) ?? Number.NaN)
}
