/** How reports of runs tell latencies. */
import { formatCount } from './look/print-value.js'
import type { Block, Chart, ChartPoint, Figure } from './report-model.js'
import type { Latency } from './run-account.js'
import { tellLatency } from './run-words.js'

const COLUMNS_MAX = 16

/** What a latency is one of: no record has one of its own where a batch or a chunk shares a transaction. */
const UNITS: Readonly<Record<Latency['unit'], { readonly title: string; readonly many: string }>> = {
  record: { title: 'Record latency', many: 'records' },
  batch: { title: 'Batch latency', many: 'batches' },
  chunk: { title: 'Chunk latency', many: 'chunks' },
}

/** The percentiles as figures. */
export function latencyFigures(latency: Latency): Figure[] {
  const isMeasured = latency.histogram.some(({ count }) => count > 0)
  const values = [
    ['p50Ms', 'p50', latency.p50Ms],
    ['p95Ms', 'p95', latency.p95Ms],
  ] as const
  return values.map(([name, label, value]) => ({
    name,
    label: `${UNITS[latency.unit].title}, ${label}`,
    value: isMeasured ? value : null,
    kind: 'decimal',
    unit: 'ms',
  }))
}

/** A heading with the percentiles, and a histogram; `about` says what is measured, where that is not plain. */
export function latencyBlocks(latency: Latency, about?: string): Block[] {
  const { title, many } = UNITS[latency.unit]
  const points = pointsOf(latency.histogram)
  if (points.length === 0)
    return [
      { block: 'heading', text: title },
      { block: 'text', text: 'No latency was recorded.' },
    ]
  const chart: Chart = {
    block: 'chart',
    kind: 'histogram',
    name: 'latency',
    title,
    valueTitle: `Number of ${many} by their latency in ms`,
    format: { kind: 'integer' },
    series: [{ name: title }],
    points,
  }
  const note = about === undefined ? tellLatency(latency) : `${tellLatency(latency)}\n${about}`
  return [{ block: 'heading', text: title, note }, chart]
}

/** Leaves out empty buckets at both ends, then joins neighbours until the columns can be labelled. */
function pointsOf(histogram: Latency['histogram']): ChartPoint[] {
  const first = histogram.findIndex((bucket) => bucket.count > 0)
  if (first < 0) return []
  let buckets = histogram.slice(first, histogram.findLastIndex((bucket) => bucket.count > 0) + 1)
  while (buckets.length > COLUMNS_MAX) {
    const halves = buckets.filter((_, index) => index % 2 === 0)
    const pairs = halves.map((bucket, index) => {
      const next = buckets[index * 2 + 1]
      return next === undefined ? bucket : { upToMs: next.upToMs, count: bucket.count + next.count }
    })
    buckets = pairs
  }
  const belowLast = histogram.at(-2)?.upToMs ?? 0
  return buckets.map(({ upToMs, count }) => ({
    label: upToMs === Number.POSITIVE_INFINITY ? `> ${shortMs(belowLast)}` : `≤ ${shortMs(upToMs)}`,
    values: [count],
  }))
}

/** A bound without its unit; the axis says it. */
function shortMs(ms: number): string {
  return ms >= 10_000 ? `${formatCount(ms / 1_000)}k` : String(Math.round(ms * 1000) / 1000)
}
