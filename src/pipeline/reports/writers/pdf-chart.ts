import type { PdfDocument } from './pdf-document.js'
import { FRAME_WIDTH, INK, type Ink, PAGE, STYLE } from './pdf-theme.js'

/** What a colour of a chart means; its sign stands wherever the colour does. */
export interface Series {
  readonly name: string
  readonly sign: string
  readonly ink: Ink
}

/** One bar, with a figure for each series. */
export interface StackedBar {
  readonly label: string
  readonly figures: readonly number[]
}

export interface StackedBars {
  readonly series: readonly Series[]
  readonly bars: readonly StackedBar[]
  /** How a figure is printed. */
  readonly print: (figure: number) => string
  readonly alt: string
}

/** One column of a histogram. */
export interface HistogramColumn {
  readonly label: string
  readonly count: number
}

export interface Histogram {
  readonly columns: readonly HistogramColumn[]
  readonly axis: string
  readonly print: (figure: number) => string
  readonly alt: string
}

const BAR_PT = 12
const ROW_PT = 21
const LEGEND_PT = 18
const LABEL_PT = 120
const HISTOGRAM_PT = 100

/** Height of a chart of that many bars. */
export function stackedBarsHeight(bars: number): number {
  return LEGEND_PT + bars * ROW_PT + 4
}

/** Height of a histogram. */
export const HISTOGRAM_HEIGHT_PT = HISTOGRAM_PT + 44

/** Draws horizontal bars on one common scale, with a legend above and every figure printed beside its bar. */
export function drawStackedBars(doc: PdfDocument, chart: StackedBars): void {
  doc.reserve(stackedBarsHeight(chart.bars.length))
  const figures = chart.series.map((series, index) => {
    const printed = chart.bars.map((bar) => `${series.sign} ${chart.print(bar.figures[index] ?? 0)}`)
    return { printed, width: Math.max(...printed.map((text) => doc.width(text, STYLE.strong))) + 12 }
  })
  const figuresWidth = figures.reduce((total, column) => total + column.width, 0)
  const width = FRAME_WIDTH - LABEL_PT - figuresWidth
  const most = Math.max(1, ...chart.bars.map((bar) => bar.figures.reduce((total, figure) => total + figure, 0)))
  const paint = () => {
    drawLegend(doc, chart.series)
    for (const [row, bar] of chart.bars.entries()) {
      drawBar(doc, bar, { chart, width, scale: width / most })
      let x = PAGE.right - figuresWidth
      for (const [index, column] of figures.entries()) {
        x += column.width
        const style = { ...STYLE.strong, ink: chart.series[index]?.ink ?? INK.text }
        doc.text(column.printed[row] ?? '', style, { x, baseline: doc.y + 10, align: 'right' })
      }
      doc.y += ROW_PT
    }
  }
  doc.tags.mark('Figure', paint, { alt: chart.alt })
  doc.y += 4
}

function drawLegend(doc: PdfDocument, series: readonly Series[]): void {
  let x: number = PAGE.left + LABEL_PT
  for (const { name, sign, ink } of series) {
    const text = `${sign} ${name}`
    doc.rect({ x, y: doc.y + 1, width: 8, height: 8 }, ink)
    doc.text(text, STYLE.label, { x: x + 12, baseline: doc.y + 8 })
    x += 12 + doc.width(text, STYLE.label) + 16
  }
  doc.y += LEGEND_PT
}

interface BarScale {
  readonly chart: StackedBars
  readonly width: number
  readonly scale: number
}

function drawBar(doc: PdfDocument, bar: StackedBar, { chart, width, scale }: BarScale): void {
  const label = doc.fit(doc.clean(bar.label, 'regular'), STYLE.body, LABEL_PT - 10)
  doc.text(label, STYLE.body, { x: PAGE.left, baseline: doc.y + 10 })
  let x: number = PAGE.left + LABEL_PT
  doc.rect({ x, y: doc.y, width, height: BAR_PT }, INK.zebra)
  for (const [index, figure] of bar.figures.entries()) {
    if (figure <= 0) continue
    // A single rejected row among millions is still seen.
    const length = Math.max(figure * scale, 1)
    doc.rect({ x, y: doc.y, width: Math.max(length - 0.5, 0.5), height: BAR_PT }, chart.series[index]?.ink ?? INK.text)
    x += length
  }
}

/** Draws upright columns with their counts above and their bounds below. */
export function drawHistogram(doc: PdfDocument, chart: Histogram): void {
  doc.reserve(HISTOGRAM_HEIGHT_PT)
  const most = Math.max(1, ...chart.columns.map((column) => column.count))
  const step = FRAME_WIDTH / chart.columns.length
  const bar = Math.min(step * 0.72, 46)
  const floor = doc.y + HISTOGRAM_PT + 14
  doc.tags.mark(
    'Figure',
    () => {
      doc.rect({ x: PAGE.left, y: floor, width: FRAME_WIDTH, height: 0.6 }, INK.muted)
      for (const [index, column] of chart.columns.entries()) {
        const middle = PAGE.left + step * (index + 0.5)
        const height = column.count === 0 ? 0 : Math.max((column.count / most) * HISTOGRAM_PT, 1)
        if (height > 0) doc.rect({ x: middle - bar / 2, y: floor - height, width: bar, height }, INK.latency)
        const count = chart.print(column.count)
        if (column.count > 0) doc.text(count, STYLE.label, { x: middle, baseline: floor - height - 3, align: 'center' })
        doc.text(column.label, STYLE.label, { x: middle, baseline: floor + 11, align: 'center' })
      }
      doc.text(chart.axis, STYLE.label, { x: PAGE.left + FRAME_WIDTH / 2, baseline: floor + 24, align: 'center' })
    },
    { alt: chart.alt },
  )
  doc.y = floor + 30
}
