/** Columns that stand side by side: how often each stretch of values was met. */
import { scaleBand } from 'd3-scale'
import { printCell } from '../look/print-cell.js'
import type { Chart } from '../report-model.js'
import { axisWidth, thinLabels, valueAxis, valueScale, valuesOf } from './axis.js'
import type { Canvas, Drawing, Shape } from './drawing.js'
import { legendOf, looksOf } from './series-look.js'

const PLOT = 100
const TITLE = 12
const LABELS = 18
const COLUMN_MAX = 46

export function drawColumns(chart: Chart, canvas: Canvas): Omit<Drawing, 'alt'> {
  const looks = looksOf(chart)
  const top = TITLE + 10
  const unplaced = valueScale(valuesOf(chart), [1, 0])
  const left = axisWidth(unplaced, chart.format, canvas)
  const legend = legendOf(looks, canvas, { left, isLine: false })
  const floor = legend.height + top + PLOT
  const scale = valueScale(valuesOf(chart), [floor, legend.height + top])
  const indices = chart.points.map((_, index) => String(index))
  const band = scaleBand(indices, [left, canvas.width]).padding(0.14)
  const isLabelled = fitsAll(chart, canvas, band.step() / Math.max(1, looks.length))
  const bars = chart.points.flatMap(({ values }, at) =>
    looks.flatMap(({ ink }, index): Shape[] => {
      const value = values[index] ?? null
      if (value === null || value === 0) return []
      const width = Math.min(band.bandwidth() / looks.length, COLUMN_MAX)
      const middle = (band(String(at)) ?? 0) + band.bandwidth() / 2 + (index - (looks.length - 1) / 2) * width
      const height = Math.max(Math.abs(scale(value) - scale(0)), 1)
      const y = value > 0 ? scale(0) - height : scale(0)
      const bar: Shape = { shape: 'rect', x: middle - width / 2, y, width: Math.max(width - 0.5, 0.5), height, ink }
      if (!isLabelled) return [bar]
      const text = printCell(value, { ...chart.format, unit: '' })
      return [bar, { shape: 'text', text, x: middle, baseline: y - 3, align: 'center', type: 'label', ink: 'text' }]
    }),
  )
  const every = thinLabels(
    chart.points.map(({ label }) => label),
    band.step(),
    canvas,
  )
  const labels = chart.points.flatMap(({ label }, at): Shape[] => {
    if (at % every !== 0) return []
    const x = (band(String(at)) ?? 0) + band.bandwidth() / 2
    const text = canvas.fit(label, 'label', canvas.width / 3)
    return [{ shape: 'text', text, x, baseline: floor + 11, align: 'center', type: 'label', ink: 'muted' }]
  })
  const title: Shape = {
    shape: 'text',
    text: canvas.fit(chart.valueTitle, 'label', canvas.width),
    x: 0,
    baseline: legend.height + 8,
    align: 'left',
    type: 'label',
    ink: 'muted',
  }
  const axis = valueAxis(scale, chart.format, { left, right: canvas.width, length: PLOT })
  const shapes = [...legend.shapes, title, ...axis, ...bars, ...labels]
  return { width: canvas.width, height: floor + LABELS, shapes, note: undefined }
}

function fitsAll(chart: Chart, canvas: Canvas, step: number): boolean {
  return valuesOf(chart).every((value) => canvas.measure(printCell(value, chart.format), 'label') + 2 <= step)
}
