/** Turns a chart of a report into shapes. */
import { printCell } from '../look/print-cell.js'
import type { Chart } from '../report-model.js'
import { drawBars } from './bar-chart.js'
import { drawColumns } from './column-chart.js'
import type { Canvas, Drawing } from './drawing.js'
import { drawLine } from './line-chart.js'

const KINDS = {
  bars: 'Bars',
  'stacked-bars': 'Stacked bars',
  line: 'Line chart',
  histogram: 'Histogram',
} as const satisfies Record<Chart['kind'], string>

/** Points that are told in words; more of them nobody listens to. */
const TOLD_MAX = 40
/** Nothing draws longer names, and they would fill what is told. */
const NAME_CHARACTERS_MAX = 200

/** The shapes of a chart, without its title. */
export function drawChart(given: Chart, canvas: Canvas): Drawing {
  const chart = withGaps(given)
  const alt = tellChart(given)
  if (chart.points.length === 0 || chart.series.length === 0) return emptyDrawing(canvas, alt)
  switch (chart.kind) {
    case 'bars':
    case 'stacked-bars':
      return { ...drawBars(chart, canvas), alt }
    case 'histogram':
      return { ...drawColumns(chart, canvas), alt }
    case 'line':
      return { ...drawLine(chart, canvas), alt }
    default:
      return chart.kind satisfies never
  }
}

/** The chart as it can be drawn: what is no number is a gap, and names are of one line. */
function withGaps(chart: Chart): Chart {
  const points = chart.points.map(({ label, values }) => ({
    label: shortName(label),
    values: chart.series.map((_, index) => {
      const value = values[index] ?? null
      return value !== null && Number.isFinite(value) ? value : null
    }),
  }))
  return { ...chart, points, series: chart.series.map((series) => ({ ...series, name: shortName(series.name) })) }
}

function shortName(name: string): string {
  const line = name.replaceAll(/\s+/g, ' ')
  return line.length <= NAME_CHARACTERS_MAX ? line : `${line.slice(0, NAME_CHARACTERS_MAX).toWellFormed()}…`
}

/** A chart in words: what it shows and its values. */
export function tellChart(chart: Chart): string {
  const { kind, title, valueTitle, points, series, format } = withGaps(chart)
  const begin = `${KINDS[kind]}: ${title}. ${valueTitle}.`
  if (points.length === 0) return `${begin} There is nothing to show.`
  const told = points.slice(0, TOLD_MAX).map(({ label, values }) => {
    const named = series.map(({ name }, index) => {
      const printed = printCell(values[index] ?? null, format)
      return series.length < 2 ? printed : `${name} ${printed}`
    })
    return `${label}: ${named.join(', ')}`
  })
  const rest = points.length - told.length
  return `${begin} ${told.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}.`
}

function emptyDrawing({ width }: Canvas, alt: string): Drawing {
  const [height, middle] = [40, width / 2]
  return {
    width,
    height,
    alt,
    note: undefined,
    shapes: [
      { shape: 'rect', x: 0, y: 0, width, height, ink: 'zebra' },
      {
        shape: 'text',
        text: 'There is nothing to show.',
        x: middle,
        baseline: 23,
        align: 'center',
        type: 'label',
        ink: 'muted',
      },
    ],
  }
}
