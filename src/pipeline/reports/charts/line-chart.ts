/** Lines through points in their order; a gap in the values is a gap in the line. */
import { type ScaleLinear, scalePoint } from 'd3-scale'
import { line } from 'd3-shape'
import type { Chart } from '../report-model.js'
import { axisTitle, axisWidth, thinLabels, valueAxis, valueScale, valuesOf } from './axis.js'
import type { Canvas, Drawing, Shape } from './drawing.js'
import { type SeriesLook, legendOf, looksOf } from './series-look.js'

const PLOT = 150
const TITLE = 16
const LABELS = 18
/** More points than these are drawn without a mark on each. */
const MARKS_MAX = 45

/** Where a point stands, by its index. */
type Place = (at: number) => number

export function drawLine(chart: Chart, canvas: Canvas): Omit<Drawing, 'alt'> {
  const looks = looksOf(chart)
  const values = valuesOf(chart)
  const left = axisWidth(valueScale(values, [1, 0]), chart.format, canvas)
  const legend = legendOf(looks, canvas, { left, isLine: true })
  const top = legend.height + TITLE
  const floor = top + PLOT
  const scale = valueScale(values, [floor, top])
  const indices = chart.points.map((_, index) => String(index))
  const places = scalePoint(indices, [left + 6, canvas.width - 6])
  const place: Place = (at) => places(String(at)) ?? 0
  const shapes = [
    ...legend.shapes,
    axisTitle(chart, canvas, legend.height),
    ...valueAxis(scale, chart.format, { left, right: canvas.width, length: PLOT }),
    ...looks.flatMap((look, index) =>
      lineOf(
        chart.points.map((point) => point.values[index] ?? null),
        look,
        { scale, place },
      ),
    ),
    ...labelsOf(chart, canvas, { left, floor, place }),
  ]
  return { width: canvas.width, height: floor + LABELS, shapes, note: undefined }
}

function lineOf(
  values: readonly (number | null)[],
  { mark, ink }: SeriesLook,
  { scale, place }: { readonly scale: ScaleLinear<number, number>; readonly place: Place },
): Shape[] {
  const draw = line<number | null>(
    (_, at) => place(at),
    (value) => scale(value ?? 0),
  ).defined((value) => value !== null)
  const marks = values.flatMap((value, at): Shape[] =>
    value !== null && isMarked(values, at)
      ? [{ shape: 'path', d: mark, ink, at: { x: place(at), y: scale(value) } }]
      : [],
  )
  return [{ shape: 'path', d: draw(values) ?? '', ink, lineWidth: 1.4 }, ...marks]
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
  { left, floor, place }: { readonly left: number; readonly floor: number; readonly place: Place },
): Shape[] {
  const texts = points.map(({ label }) => canvas.fit(label, 'label', canvas.width / 3))
  const step = points.length < 2 ? canvas.width : (canvas.width - left - 12) / (points.length - 1)
  const every = thinLabels(texts, step, canvas)
  return texts.flatMap((text, at): Shape[] => {
    if (at % every !== 0) return []
    const half = canvas.measure(text, 'label') / 2
    const x = Math.min(Math.max(place(at), half), canvas.width - half)
    return [{ shape: 'text', text, x, baseline: floor + 11, align: 'center', type: 'label', ink: 'muted' }]
  })
}
