/** Columns that stand side by side: how often each stretch of values was met. */
import { type ScaleBand, type ScaleLinear, scaleBand } from 'd3-scale'
import { printCell } from '../look/print-cell.js'
import type { Chart, ChartPoint } from '../report-model.js'
import { axisTitle, axisWidth, thinLabels, valueAxis, valueScale, valuesOf } from './axis.js'
import type { Canvas, Drawing, Shape } from './drawing.js'
import { type SeriesLook, legendOf, looksOf } from './series-look.js'

const PLOT = 100
const TITLE = 22
const LABELS = 18
const COLUMN_MAX = 46

interface Plan {
  readonly chart: Chart
  readonly canvas: Canvas
  readonly looks: readonly SeriesLook[]
  readonly scale: ScaleLinear<number, number>
  readonly band: ScaleBand<string>
}

export function drawColumns(chart: Chart, canvas: Canvas): Omit<Drawing, 'alt'> {
  const looks = looksOf(chart)
  const values = valuesOf(chart)
  const left = axisWidth(valueScale(values, [1, 0]), chart.format, canvas)
  const legend = legendOf(looks, canvas, { left, isLine: false })
  const top = legend.height + TITLE
  const floor = top + PLOT
  const scale = valueScale(values, [floor, top])
  const places = chart.points.map((_, index) => String(index))
  const plan: Plan = { chart, canvas, looks, scale, band: scaleBand(places, [left, canvas.width]).padding(0.14) }
  const shapes = [
    ...legend.shapes,
    axisTitle(chart, canvas, legend.height),
    ...valueAxis(scale, chart.format, { left, right: canvas.width, length: PLOT }),
    ...columnsOf(plan),
    ...labelsOf(plan, floor),
  ]
  return { width: canvas.width, height: floor + LABELS, shapes, note: undefined }
}

/** The columns, each with its value above when all of them have room for theirs. */
function columnsOf(plan: Plan): Shape[] {
  const { chart, canvas, looks, band } = plan
  const step = band.step() / Math.max(1, looks.length)
  const isLabelled = valuesOf(chart).every((value) => canvas.measure(printValue(value, chart), 'label') + 2 <= step)
  return chart.points.flatMap((point, at) =>
    looks.flatMap((_, index) => columnOf(plan, point, { at, index, isLabelled })),
  )
}

function columnOf(
  { chart, looks, scale, band }: Plan,
  { values }: ChartPoint,
  { at, index, isLabelled }: { readonly at: number; readonly index: number; readonly isLabelled: boolean },
): Shape[] {
  const value = values[index] ?? null
  if (value === null || value === 0) return []
  const width = Math.min(band.bandwidth() / looks.length, COLUMN_MAX)
  const middle = middleOf(band, at) + (index - (looks.length - 1) / 2) * width
  // However small it is, a value is seen.
  const height = Math.max(Math.abs(scale(value) - scale(0)), 1)
  const y = value > 0 ? scale(0) - height : scale(0)
  const ink = looks[index]?.ink ?? 'accent'
  const bar: Shape = { shape: 'rect', x: middle - width / 2, y, width: Math.max(width - 0.5, 0.5), height, ink }
  if (!isLabelled) return [bar]
  const text = printValue(value, chart)
  return [bar, { shape: 'text', text, x: middle, baseline: y - 3, align: 'center', type: 'label', ink: 'text' }]
}

function labelsOf({ chart, canvas, band }: Plan, floor: number): Shape[] {
  const texts = chart.points.map(({ label }) => canvas.fit(label, 'label', canvas.width / 3))
  const every = thinLabels(texts, band.step(), canvas)
  return texts.flatMap((text, at): Shape[] => {
    if (at % every !== 0) return []
    const half = canvas.measure(text, 'label') / 2
    const x = Math.min(Math.max(middleOf(band, at), half), canvas.width - half)
    return [{ shape: 'text', text, x, baseline: floor + 11, align: 'center', type: 'label', ink: 'muted' }]
  })
}

function middleOf(band: ScaleBand<string>, at: number): number {
  return (band(String(at)) ?? 0) + band.bandwidth() / 2
}

/** A value without its unit, which the title of the axis tells. */
function printValue(value: number, { format }: Chart): string {
  return printCell(value, { ...format, unit: '' }).trimEnd()
}
