import { drawChart } from '../charts/draw-chart.js'
import type { Canvas, Shape, TextType } from '../charts/drawing.js'
import { printCell } from '../look/print-cell.js'
import { headOf } from '../look/columns-look.js'
import { plainText } from '../look/plain-text.js'
import type { Chart } from '../report-model.js'
import { dirOf, escapeHtml } from './html-text.js'

/** Units of a drawing; the page scales it to its own width. */
const WIDTH = 520
const SIZES = { name: 9, figure: 9, label: 7.5 } as const satisfies Record<TextType, number>
const ANCHORS = { left: 'start', center: 'middle', right: 'end' } as const
/** Rows of figures below a chart; those of more points are in the other formats. */
const FIGURES_MAX = 500

/** A chart as inline SVG, with its figures as a table below. `id` is unique on the page. */
export function chartHtml(chart: Chart, { id, isSaid }: { readonly id: string; readonly isSaid: boolean }): string {
  const drawing = drawChart(plainChart(chart), CANVAS)
  const title = escapeHtml(chart.title)
  const caption = `<figcaption id="${id}"${isSaid ? ' class="said"' : ''}${dirOf(title)}>${title}</figcaption>`
  const note = drawing.note === undefined ? '' : `<p class="muted">${escapeHtml(drawing.note)}</p>`
  return (
    `<figure>${caption}<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">` +
    `<svg role="img" aria-labelledby="${id}t ${id}d" viewBox="0 0 ${WIDTH} ${round(drawing.height)}" font-family="inherit">` +
    `<title id="${id}t">${title}</title><desc id="${id}d">${escapeHtml(drawing.alt)}</desc>` +
    `${drawing.shapes.map(shapeHtml).join('')}</svg></div>${note}${figuresHtml(chart)}</figure>\n`
  )
}

/** The chart with texts as they may stand on a page, so that they are measured as they are drawn. */
function plainChart(chart: Chart): Chart {
  return {
    ...chart,
    title: plainText(chart.title),
    valueTitle: plainText(chart.valueTitle),
    series: chart.series.map((series) => ({ ...series, name: plainText(series.name) })),
    points: chart.points.map((point) => ({ ...point, label: plainText(point.label) })),
  }
}

/** Which font a reader has is not known: letters are taken to be a little wider than they usually are. */
const CANVAS: Canvas = {
  width: WIDTH,
  measure: (text, type) => widthOf(text) * SIZES[type],
  fit: (text, type, width) => {
    if (widthOf(text) * SIZES[type] <= width) return text
    let fitting = ''
    for (const character of text) {
      if (widthOf(`${fitting}${character}…`) * SIZES[type] > width) break
      fitting += character
    }
    return `${fitting.trimEnd()}…`
  },
}

/** Width of a text in ems. */
function widthOf(text: string): number {
  let ems = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code >= 0x1100 && (code < 0x2000 || code > 0x2e7f)) ems += 1.05
    else if (character === ' ' || character === '.' || character === ',') ems += 0.34
    else ems += code >= 65 && code <= 90 ? 0.7 : 0.6
  }
  return ems
}

function shapeHtml(shape: Shape): string {
  switch (shape.shape) {
    case 'rect': {
      const { x, y, width, height, ink } = shape
      return `<rect class="f-${ink}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"/>`
    }
    case 'path': {
      const { d, ink, at, lineWidth } = shape
      const place = at === undefined ? '' : ` transform="translate(${round(at.x)} ${round(at.y)})"`
      const line = lineWidth === undefined ? '' : ` stroke-width="${lineWidth}" stroke-linejoin="round"`
      return `<path class="${lineWidth === undefined ? 'f' : 's'}-${ink}" d="${d}"${place}${line}/>`
    }
    case 'text': {
      const { x, baseline, align, type, ink } = shape
      const anchor = align === 'left' ? '' : ` text-anchor="${ANCHORS[align]}"`
      return `<text class="t-${type} f-${ink}" x="${round(x)}" y="${round(baseline)}"${anchor}>${escapeHtml(shape.text)}</text>`
    }
    default:
      return shape satisfies never
  }
}

function figuresHtml({ title, points, series, format, valueTitle }: Chart): string {
  if (points.length === 0 || series.length === 0) return ''
  const heads = series.length === 1 ? [{ name: valueTitle }] : series
  const head = heads
    .map(({ name }) => `<th scope="col" class="n">${escapeHtml(headOf({ ...format, name, title: name }))}</th>`)
    .join('')
  const { unit: _, ...plain } = format
  const kept = format.unit === 'ms' ? format : plain
  const rows = points.slice(0, FIGURES_MAX).map(({ label, values }) => {
    const cells = series.map(
      (_series, index) => `<td class="n">${escapeHtml(printCell(values[index] ?? null, kept))}</td>`,
    )
    return `<tr><th scope="row"${dirOf(label)}>${escapeHtml(label)}</th>${cells.join('')}</tr>`
  })
  const rest = points.length > FIGURES_MAX ? `<p class="muted">The first ${FIGURES_MAX} of ${points.length}.</p>` : ''
  return (
    `<details><summary>Figures of this chart</summary><table><caption class="said">${escapeHtml(title)}</caption>` +
    `<thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>${rest}</details>`
  )
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
