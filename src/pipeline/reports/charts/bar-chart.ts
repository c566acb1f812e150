/** Bars that lie: one row for each point, its series beside each other or one after the other. */
import type { ScaleLinear } from 'd3-scale'
import { printCell } from '../look/print-cell.js'
import type { Chart, ChartPoint } from '../report-model.js'
import { printTick, ticksOf, valueScale, valuesOf } from './axis.js'
import type { Canvas, Drawing, Shape } from './drawing.js'
import { type SeriesLook, legendOf, looksOf } from './series-look.js'

/** Bars in all; a reader does not compare more, and they must fit one page. */
const BARS_MAX = 32
const BAR = 12
const ROW_GAP = 9
/** Between what is measured and the first value at the axis. */
const TITLE_GAP = 14
/** Longer names are cut. */
const NAME_MAX = 150
/** The figures beside the bars take no more of the width than this. */
const FIGURES_SHARE = 0.45
/** Narrower parts of a bar hold no sign. */
const SIGN_WIDTH = 14

type Scale = ScaleLinear<number, number>

/** What the rows of a chart are drawn by. */
interface Plan {
  readonly chart: Chart
  readonly looks: readonly SeriesLook[]
  readonly scale: Scale
  readonly canvas: Canvas
  readonly nameWidth: number
}

export function drawBars(given: Chart, canvas: Canvas): Omit<Drawing, 'alt'> {
  const looks = looksOf(given)
  const isStacked = given.kind === 'stacked-bars'
  const barsAcross = isStacked ? 1 : looks.length
  const points = given.points.slice(0, Math.max(1, Math.floor(BARS_MAX / barsAcross)))
  const chart = { ...given, points }
  const figures = isStacked ? figureColumns(chart, looks, canvas) : loneFigures(chart, canvas)
  const plan = planOf(chart, canvas, canvas.width - figures.width)
  const legend = legendOf(looks, canvas, { left: plan.nameWidth, isLine: false })
  const row = barsAcross * BAR + ROW_GAP
  const bottom = legend.height + points.length * row
  const rows = points.flatMap((point, index) => {
    const y = legend.height + index * row
    const bars = isStacked ? stackedRow(point, y, plan) : groupedRow(point, y, plan)
    return [nameOf(point, y, plan), ...bars, ...figures.draw(point, y)]
  })
  const grid = gridOf(plan, { top: legend.height - 2, bottom })
  const isCut = given.points.length > points.length
  return {
    width: canvas.width,
    height: grid.bottom,
    shapes: [...legend.shapes, ...grid.shapes, ...rows],
    note: isCut ? `The first ${points.length} of ${given.points.length} are drawn.` : undefined,
  }
}

/** Names at the left, bars from their end to `right`. */
function planOf(chart: Chart, canvas: Canvas, right: number): Plan {
  const longest = chart.points.reduce((most, { label }) => Math.max(most, canvas.measure(label, 'name')), 0)
  const nameWidth = Math.min(NAME_MAX, longest + 12)
  const values = chart.kind === 'stacked-bars' ? chart.points.flatMap(endsOf) : valuesOf(chart)
  return { chart, canvas, nameWidth, looks: looksOf(chart), scale: valueScale(values, [nameWidth, right]) }
}

function nameOf({ label }: ChartPoint, y: number, { canvas, nameWidth }: Plan): Shape {
  const text = canvas.fit(label, 'name', nameWidth - 10)
  return { shape: 'text', text, x: 0, baseline: y + 9.5, align: 'left', type: 'name', ink: 'text' }
}

interface Grid {
  readonly shapes: readonly Shape[]
  /** Where it ends. */
  readonly bottom: number
}

/** Values below the bars, fine lines through them, and what is measured. */
function gridOf({ chart, scale, canvas }: Plan, { top, bottom }: { top: number; bottom: number }): Grid {
  const [from = 0, to = 0] = scale.range()
  const shapes = ticksOf(scale, to - from, chart.format).flatMap((tick): Shape[] => {
    const x = scale(tick)
    const text = printTick(tick, chart.format, scale)
    const half = canvas.measure(text, 'label') / 2
    const middle = Math.min(x, canvas.width - half)
    return [
      { shape: 'rect', x: x - 0.25, y: top, width: 0.5, height: bottom - top, ink: tick === 0 ? 'muted' : 'line' },
      { shape: 'text', text, x: middle, baseline: bottom + 9, align: 'center', type: 'label', ink: 'muted' },
    ]
  })
  const text = canvas.fit(chart.valueTitle, 'label', canvas.width)
  // Below the names, where it has room beside the values.
  const isBeside = canvas.measure(text, 'label') + TITLE_GAP <= from
  const baseline = isBeside ? bottom + 9 : bottom + 22
  const title: Shape = { shape: 'text', text, x: 0, baseline, align: 'left', type: 'label', ink: 'muted' }
  return { shapes: [...shapes, title], bottom: baseline + 10 }
}

function groupedRow({ values }: ChartPoint, top: number, { looks, scale }: Plan): Shape[] {
  return looks.flatMap(({ ink, sign }, index): Shape[] => {
    const value = values[index] ?? null
    if (value === null) return []
    const y = top + index * BAR
    return segment({ from: scale(0), to: scale(value), y, height: BAR - 1 }, ink, looks.length > 1 ? sign : '')
  })
}

/** What is above zero goes to the right of it, what is below to the left. */
function stackedRow({ values }: ChartPoint, y: number, { looks, scale }: Plan): Shape[] {
  const [from = 0, to = 0] = scale.range()
  const shapes: Shape[] = [{ shape: 'rect', x: from, y, width: to - from, height: BAR, ink: 'zebra' }]
  let [up, down] = [0, 0]
  for (const [index, { ink, sign }] of looks.entries()) {
    const value = values[index] ?? 0
    if (value === 0) continue
    const start = value > 0 ? up : down
    if (value > 0) up += value
    else down += value
    shapes.push(...segment({ from: scale(start), to: scale(start + value), y, height: BAR }, ink, sign))
  }
  return shapes
}

/** A part of a bar. However small it is, it is seen: a single rejected row among millions has a width. */
function segment(
  { from, to, y, height }: { readonly from: number; readonly to: number; readonly y: number; readonly height: number },
  ink: SeriesLook['ink'],
  sign: string,
): Shape[] {
  const width = Math.max(Math.abs(to - from) - 0.5, 1)
  const x = to < from ? from - width : from
  const bar: Shape = { shape: 'rect', x, y, width, height, ink }
  if (sign === '' || width < SIGN_WIDTH) return [bar]
  const mark: Shape = {
    shape: 'text',
    text: sign,
    x: x + width / 2,
    baseline: y + height / 2 + 2.7,
    align: 'center',
    type: 'label',
    ink: 'paper',
  }
  return [bar, mark]
}

interface Figures {
  readonly width: number
  readonly draw: (point: ChartPoint, y: number) => readonly Shape[]
}

/** Every figure of a stacked bar in a column at the right; their sum alone where they need too much room. */
function figureColumns(chart: Chart, looks: readonly SeriesLook[], canvas: Canvas): Figures {
  const print = (point: ChartPoint, index: number) =>
    `${looks[index]?.sign ?? ''} ${printCell(point.values[index] ?? null, chart.format)}`
  const widths = looks.map((_, index) => widest(chart, canvas, (point) => print(point, index)) + 12)
  const width = widths.reduce((sum, one) => sum + one, 0)
  if (width > canvas.width * FIGURES_SHARE) return sumColumn(chart, canvas)
  const draw = (point: ChartPoint, y: number): Shape[] => {
    let x = canvas.width - width
    return looks.map(({ ink }, index) => {
      x += widths[index] ?? 0
      return figure(print(point, index), x, y, ink)
    })
  }
  return { width, draw }
}

function sumColumn(chart: Chart, canvas: Canvas): Figures {
  const print = ({ values }: ChartPoint) =>
    printCell(
      values.reduce<number>((sum, value) => sum + (value ?? 0), 0),
      chart.format,
    )
  const width = widest(chart, canvas, print) + 12
  return { width, draw: (point, y) => [figure(print(point), canvas.width, y, 'text')] }
}

/** The figure of each bar, beside it. */
function loneFigures(chart: Chart, canvas: Canvas): Figures {
  const print = (value: number | null | undefined) => printCell(value ?? null, chart.format)
  const width = chart.series.reduce(
    (most, _, index) =>
      Math.max(
        most,
        widest(chart, canvas, ({ values }) => print(values[index])),
      ),
    0,
  )
  const draw = ({ values }: ChartPoint, y: number) =>
    chart.series.map((_, index) => figure(print(values[index]), canvas.width, y + index * BAR, 'text'))
  return { width: width + 12, draw }
}

function figure(text: string, x: number, y: number, ink: SeriesLook['ink']): Shape {
  return { shape: 'text', text, x, baseline: y + 9.5, align: 'right', type: 'figure', ink }
}

function widest({ points }: Chart, canvas: Canvas, print: (point: ChartPoint) => string): number {
  return points.reduce((most, point) => Math.max(most, canvas.measure(print(point), 'figure')), 0)
}

/** How far a stacked bar goes to both sides of zero. */
function endsOf({ values }: ChartPoint): number[] {
  const sum = (isKept: (value: number) => boolean) =>
    values.reduce<number>((total, value) => (value !== null && isKept(value) ? total + value : total), 0)
  return [sum((value) => value > 0), sum((value) => value < 0)]
}
