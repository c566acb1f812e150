/** Lines through points in their order; a gap in the values is a gap in the line. */
import { scalePoint } from 'd3-scale'
import { line } from 'd3-shape'
import type { Chart } from '../report-model.js'
import { axisWidth, thinLabels, valueAxis, valueScale, valuesOf } from './axis.js'
import type { Canvas, Drawing, Shape } from './drawing.js'
import { legendOf, looksOf } from './series-look.js'

const PLOT = 150
const TITLE = 16
const LABELS = 18
/** More points than these are drawn without a mark on each. */
const MARKS_MAX = 45

export function drawLine(chart: Chart, canvas: Canvas): Omit<Drawing, 'alt'> {
  const looks = looksOf(chart)
  const values = valuesOf(chart)
  const left = axisWidth(valueScale(values, [1, 0]), chart.format, canvas)
  const legend = legendOf(looks, canvas, { left, isLine: true })
  const top = legend.height + TITLE
  const floor = top + PLOT
  const scale = valueScale(values, [floor, top])
  const places = scalePoint(
    chart.points.map((_, index) => String(index)),
    [left + 6, canvas.width - 6],
  )
  const x = (at: number) => places(String(at)) ?? 0
  const lines = looks.flatMap((look, index): Shape[] => {
    const own = chart.points.map(({ values: all }) => all[index] ?? null)
    const draw = line<number | null>(
      (_, at) => x(at),
      (value) => scale(value ?? 0),
    ).defined((value) => value !== null)
    const marks = own.flatMap((value, at): Shape[] =>
      value !== null && isMarked(own, at)
        ? [{ shape: 'path', d: look.mark, ink: look.ink, at: { x: x(at), y: scale(value) } }]
        : [],
    )
    return [{ shape: 'path', d: draw(own) ?? '', ink: look.ink, lineWidth: 1.4 }, ...marks]
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
  const shapes = [...legend.shapes, title, ...axis, ...lines, ...labelsOf(chart, canvas, { left, floor, x })]
  return { width: canvas.width, height: floor + LABELS, shapes, note: undefined }
}

/** A few points have a mark each; of many, every fifteenth or so, and one that stands alone between two gaps. */
function isMarked(values: readonly (number | null)[], at: number): boolean {
  if (values.length <= MARKS_MAX || at % Math.ceil(values.length / 15) === 0) return true
  return (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null
}

/** Labels below; those at the ends stay inside the drawing. */
function labelsOf(
  { points }: Chart,
  canvas: Canvas,
  { left, floor, x }: { readonly left: number; readonly floor: number; readonly x: (at: number) => number },
): Shape[] {
  const texts = points.map(({ label }) => canvas.fit(label, 'label', canvas.width / 3))
  const step = points.length < 2 ? canvas.width : (canvas.width - left - 12) / (points.length - 1)
  const every = thinLabels(texts, step, canvas)
  return texts.flatMap((text, at): Shape[] => {
    if (at % every !== 0) return []
    const half = canvas.measure(text, 'label') / 2
    const middle = Math.min(Math.max(x(at), half), canvas.width - half)
    return [{ shape: 'text', text, x: middle, baseline: floor + 11, align: 'center', type: 'label', ink: 'muted' }]
  })
}
