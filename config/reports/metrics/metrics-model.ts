import type { Summary } from '../../../src/pipeline/reports/measured-values.js'
import type { Period } from '../../../src/pipeline/reports/period.js'
import type { Block, Chart, Column, ReportModel, Row } from '../../../src/pipeline/reports/report-model.js'
import { windowCell, type WindowSize } from '../../../src/pipeline/reports/time-windows.js'

/** Windows of a metric that the chart shows: the last ones. */
export const CHART_POINTS = 400

/** A metric in a window. */
export interface MetricWindow extends Summary {
  readonly name: string
  readonly window: number
}

/** A metric as a whole. */
export interface MeasuredMetric extends Summary {
  readonly name: string
  /** Its last windows, when it is in the chart. */
  readonly windows: readonly MetricWindow[]
}

/** What the report is made of. */
export interface Measurements {
  readonly period: Period
  readonly size: WindowSize
  readonly latest: Date | undefined
  readonly measured: readonly MeasuredMetric[]
  /** Reads all windows, metric by metric. */
  readonly windows: () => AsyncIterable<MetricWindow>
}

const VALUE = { kind: 'decimal', digits: 3 } as const
const METRIC: Column = { name: 'metric', title: 'Metric', kind: 'text' }
const FIGURES: readonly Column[] = [
  { name: 'count', title: 'Readings', kind: 'integer' },
  { name: 'average', title: 'Average', ...VALUE },
  { name: 'minimum', title: 'Lowest', ...VALUE },
  { name: 'maximum', title: 'Highest', ...VALUE },
  { name: 'p50', title: 'p50', ...VALUE },
  { name: 'p95', title: 'p95', ...VALUE },
]

export function metricsModel({ period, size, latest, measured, windows }: Measurements): ReportModel {
  const readings = measured.reduce((sum, { count }) => sum + count, 0)
  return {
    title: 'Metrics',
    subtitle: period.title,
    asOf: latest ?? period.endsAt ?? new Date(0),
    mainTable: size === 'all' ? 'metrics' : 'windows',
    blocks: [
      { block: 'text', text: readings === 0 ? 'There are no readings.' : EXPLANATION },
      {
        block: 'figures',
        figures: [
          { name: 'metrics', label: 'Metrics', value: measured.length, kind: 'integer' },
          { name: 'readings', label: 'Readings', value: readings, kind: 'integer' },
        ],
      },
      ...(readings === 0 ? [] : [size === 'all' ? averages(measured) : averagesOverTime(size, measured)]),
      {
        block: 'table',
        name: 'metrics',
        title: 'Metrics as a whole',
        columns: [METRIC, ...FIGURES],
        rows: measured.map((one) => [one.name, ...figureCells(one)]),
        rowCount: measured.length,
      },
      ...(size === 'all' ? [] : [windowTable(size, windows)]),
    ],
  }
}

const EXPLANATION =
  'Percentiles are exact: p95 is the lowest value that 95 of 100 readings do not exceed, and one that was measured.'

function windowTable(size: 'hour' | 'day', windows: () => AsyncIterable<MetricWindow>): Block {
  const window: Column =
    size === 'day'
      ? { name: 'window', title: 'Day', kind: 'date' }
      : { name: 'window', title: 'Hour from', kind: 'instant' }
  async function* rows(): AsyncGenerator<Row> {
    for await (const one of windows()) yield [one.name, windowCell(size, one.window), ...figureCells(one)]
  }
  const title = `Metrics by ${size}`
  // The rows are read when somebody asks for them.
  const lazy = { [Symbol.asyncIterator]: rows }
  return { block: 'table', name: 'windows', title, columns: [METRIC, window, ...FIGURES], rows: lazy, shownMax: 1_000 }
}

function figureCells({ count, average, min, max, p50, p95 }: Summary): Row {
  return [count, average, min, max, p50, p95]
}

function averages(measured: readonly MeasuredMetric[]): Chart {
  const shown = measured.filter(({ windows }) => windows.length > 0)
  const points = shown.map(({ name, average }) => ({ label: name, values: [average] }))
  return { ...CHART, kind: 'bars', title: 'Averages', series: [{ name: 'Average' }], points }
}

function averagesOverTime(size: 'hour' | 'day', measured: readonly MeasuredMetric[]): Chart {
  const shown = measured.filter(({ windows }) => windows.length > 0)
  const averageAt = shown.map(({ windows }) => new Map(windows.map(({ window, average }) => [window, average])))
  const all = [...new Set(averageAt.flatMap((of) => [...of.keys()]))].toSorted((a, b) => a - b).slice(-CHART_POINTS)
  const points = all.map((window) => ({
    label: labelOf(size, window),
    values: averageAt.map((of) => of.get(window) ?? null),
  }))
  const series = shown.map(({ name }) => ({ name }))
  return { ...CHART, kind: points.length === 1 ? 'bars' : 'line', title: `Averages by ${size}`, series, points }
}

const CHART = { block: 'chart', name: 'averages', valueTitle: 'Average', format: VALUE } as const

function labelOf(size: WindowSize, window: number): string {
  const cell = windowCell(size, window)
  return typeof cell === 'string' ? cell : `${cell.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
