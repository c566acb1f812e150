import type { Latency, RunAccount } from '../run-account.js'
import { writeHeading, writeParagraph } from './pdf-blocks.js'
import {
  HISTOGRAM_HEIGHT_PT,
  type HistogramColumn,
  type StackedBar,
  drawHistogram,
  drawStackedBars,
  stackedBarsHeight,
} from './pdf-chart.js'
import type { PdfDocument } from './pdf-document.js'
import { formatCount } from './pdf-format.js'
import { VERDICTS, VERDICT_ORDER, latencyName, printLatency } from './pdf-run-words.js'
import { stripText } from './pdf-text.js'
import { STYLE } from './pdf-theme.js'

/** More bars than this are told by the analysis, not drawn. */
const BARS_MAX = 24
const COLUMNS_MAX = 16

/** What became of the records in each database, and how long they took. */
export function writeCharts(doc: PdfDocument, account: RunAccount): void {
  writeDatabaseChart(doc, account)
  writeLatencyChart(doc, account)
}

function writeDatabaseChart(doc: PdfDocument, account: RunAccount): void {
  const all = barsOf(account)
  const bars = all.slice(0, BARS_MAX)
  writeHeading(doc, 'H2', 'Outcomes per database', stackedBarsHeight(bars.length))
  if (bars.length === 0) return writeParagraph(doc, 'No database took part in this run.', STYLE.note)
  const told = bars.map(
    (bar) =>
      `${bar.label} ${VERDICT_ORDER.map((verdict, index) => `${formatCount(bar.figures[index] ?? 0)} ${verdict}`).join(', ')}`,
  )
  const series = VERDICT_ORDER.map((verdict) => VERDICTS[verdict])
  const alt = stripText(`Bars of the outcomes per database: ${told.join('; ')}.`)
  drawStackedBars(doc, { series, bars, print: formatCount, alt })
  if (all.length > bars.length) {
    writeParagraph(
      doc,
      `${bars.length} of ${formatCount(all.length)} databases are drawn; the analysis lists all.`,
      STYLE.note,
    )
  }
}

function barsOf(account: RunAccount): StackedBar[] {
  const sums = new Map<string, number[]>()
  for (const { database, counts } of account.entities) {
    const sum = sums.get(database) ?? [0, 0, 0]
    sums.set(
      database,
      VERDICT_ORDER.map((verdict, index) => (sum[index] ?? 0) + counts[verdict]),
    )
  }
  return [...sums].map(([label, figures]) => ({ label, figures }))
}

function writeLatencyChart(doc: PdfDocument, account: RunAccount): void {
  const { latency } = account
  const name = latencyName(account)
  const columns = columnsOf(latency.histogram)
  writeHeading(doc, 'H2', name, columns.length === 0 ? undefined : HISTOGRAM_HEIGHT_PT + 20)
  if (columns.length === 0) return writeParagraph(doc, 'No latency was recorded.', STYLE.note)
  const counted = latency.unit === 'batch' ? 'batches' : 'records'
  writeParagraph(doc, printLatency(latency), STYLE.note)
  const told = columns.map((column) => `${column.label}: ${formatCount(column.count)}`).join('; ')
  const axis = `${name} in ms; above each column the number of ${counted}`
  drawHistogram(doc, {
    columns,
    axis,
    print: formatCount,
    alt: `Histogram of the ${name.toLowerCase()} in ms. ${told}.`,
  })
}

/** Leaves out empty buckets at both ends, then joins neighbours until the columns can be labelled. */
function columnsOf(histogram: Latency['histogram']): HistogramColumn[] {
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
    count,
  }))
}

/** A bound without its unit; the axis says it. */
function shortMs(ms: number): string {
  return ms >= 10_000 ? `${formatCount(ms / 1_000)}k` : String(Math.round(ms * 1000) / 1000)
}
