import { drawChart, tellChart } from '../charts/draw-chart.js'
import type { Canvas, Drawing, Shape, TextType } from '../charts/drawing.js'
import type { Chart } from '../report-model.js'
import { writeParagraph } from './pdf-blocks.js'
import type { PdfDocument } from './pdf-document.js'
import type { PdfLead } from './pdf-lead.js'
import { stripText } from './pdf-text.js'
import { FRAME_WIDTH, PAGE, STYLE, type TextStyle } from './pdf-theme.js'

const STYLES = { name: STYLE.body, figure: STYLE.strong, label: STYLE.label } as const satisfies Record<
  TextType,
  TextStyle
>

/** Draws a chart under its title; it stands on one page. */
export function writeChart(doc: PdfDocument, chart: Chart, lead: PdfLead): void {
  const drawing = drawChart(cleanChart(doc, chart), canvasOf(doc))
  lead.write(drawing.height + 6, chart.title)
  doc.reserve(drawing.height)
  const paint = () => {
    for (const shape of drawing.shapes) drawShape(doc, shape)
  }
  doc.tags.mark('Figure', paint, { alt: stripText(tellChart(chart)) })
  doc.y += drawing.height + 4
  writeNote(doc, drawing)
}

/** The chart with nothing in it that may not be printed; each of its texts is looked at once. */
function cleanChart(doc: PdfDocument, chart: Chart): Chart {
  const clean = (text: string) => doc.clean(text, 'regular')
  return {
    ...chart,
    valueTitle: clean(chart.valueTitle),
    format: { ...chart.format, ...(chart.format.unit !== undefined && { unit: clean(chart.format.unit) }) },
    series: chart.series.map((series) => ({ ...series, name: clean(series.name) })),
    points: chart.points.map((point) => ({ ...point, label: clean(point.label) })),
  }
}

function canvasOf(doc: PdfDocument): Canvas {
  return {
    width: FRAME_WIDTH,
    measure: (text, type) => doc.width(text, STYLES[type]),
    fit: (text, type, width) => doc.fit(text, STYLES[type], width),
  }
}

function drawShape(doc: PdfDocument, shape: Shape): void {
  const [left, top] = [PAGE.left, doc.y]
  switch (shape.shape) {
    case 'rect':
      return doc.rect({ ...shape, x: left + shape.x, y: top + shape.y }, shape.ink)
    case 'path': {
      const { d, ink, at, lineWidth } = shape
      const place = { x: left + (at?.x ?? 0), y: top + (at?.y ?? 0) }
      return doc.path(d, ink, { ...place, ...(lineWidth !== undefined && { lineWidth }) })
    }
    case 'text': {
      const { x, baseline, align, type, ink } = shape
      const style = { ...STYLES[type], ink }
      return doc.text(shape.text, style, { x: left + x, baseline: top + baseline, align })
    }
    default:
      return shape satisfies never
  }
}

function writeNote(doc: PdfDocument, { note }: Drawing): void {
  if (note !== undefined) writeParagraph(doc, note, STYLE.note)
}
