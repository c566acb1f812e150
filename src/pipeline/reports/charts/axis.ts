/** Scales of charts, and what is written at their axes. */
import { scaleLinear, type ScaleLinear } from 'd3-scale'
import { printCell } from '../look/print-cell.js'
import type { CellFormat, Chart } from '../report-model.js'
import type { Canvas, Shape } from './drawing.js'

const TICK_WIDTH = 90
const LABEL_GAP = 6

/** A scale from values to places that begins and ends at round values; zero is always on it. */
export function valueScale(values: readonly number[], range: readonly [number, number]): ScaleLinear<number, number> {
  const low = values.reduce((least, value) => Math.min(least, value), 0)
  const high = values.reduce((most, value) => Math.max(most, value), 0)
  return scaleLinear([low, high === low ? low + 1 : high], [...range]).nice(4)
}

/** The round values of a scale, as many as fit. Whole things have no ticks between them. */
export function ticksOf(scale: ScaleLinear<number, number>, length: number, { kind }: CellFormat): number[] {
  const ticks = scale.ticks(Math.max(2, Math.min(6, Math.floor(length / TICK_WIDTH) + 1)))
  return kind === 'integer' ? ticks.filter((tick) => Number.isInteger(tick)) : ticks
}

/** A value at an axis: with as few digits as tell the ticks apart. */
export function printTick(tick: number, format: CellFormat, scale: ScaleLinear<number, number>): string {
  const [first = 0, second = 1] = scale.ticks(5)
  const step = Math.abs(second - first) * (format.kind === 'share' ? 100 : 1)
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const { unit: _, ...plain } = format
  const kind = format.kind === 'integer' && Number.isInteger(tick) ? 'integer' : format.kind
  return printCell(tick, { ...plain, kind, digits: kind === 'integer' ? 0 : Math.min(digits, 12) })
}

/** Every nth label, so that none touches its neighbour. */
export function thinLabels(labels: readonly string[], step: number, canvas: Canvas): number {
  const widest = labels.reduce((most, label) => Math.max(most, canvas.measure(label, 'label')), 0)
  return Math.max(1, Math.ceil((widest + LABEL_GAP) / step))
}

/** Grid lines across, with their values at the left. */
export function valueAxis(
  scale: ScaleLinear<number, number>,
  format: CellFormat,
  { left, right, length }: { readonly left: number; readonly right: number; readonly length: number },
): readonly Shape[] {
  return ticksOf(scale, length * 2, format).flatMap((tick): Shape[] => [
    {
      shape: 'rect',
      x: left,
      y: scale(tick) - 0.25,
      width: right - left,
      height: 0.5,
      ink: tick === 0 ? 'muted' : 'line',
    },
    {
      shape: 'text',
      text: printTick(tick, format, scale),
      x: left - 5,
      baseline: scale(tick) + 2.6,
      align: 'right',
      type: 'label',
      ink: 'muted',
    },
  ])
}

/** What is measured, above the values at the left. */
export function axisTitle({ valueTitle }: Chart, canvas: Canvas, top: number): Shape {
  const text = canvas.fit(valueTitle, 'label', canvas.width)
  return { shape: 'text', text, x: 0, baseline: top + 8, align: 'left', type: 'label', ink: 'muted' }
}

/** Room that the values at the left need. */
export function axisWidth(scale: ScaleLinear<number, number>, format: CellFormat, canvas: Canvas): number {
  const printed = scale.ticks(6).map((tick) => printTick(tick, format, scale))
  return printed.reduce((most, text) => Math.max(most, canvas.measure(text, 'label')), 0) + 8
}

/** Every value of a chart that is there. */
export function valuesOf({ points }: Chart): number[] {
  return points.flatMap(({ values }) => values.filter((value) => value !== null && Number.isFinite(value)) as number[])
}
