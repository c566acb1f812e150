import type { Ink } from '../look/palette.js'
import type { PdfDocument } from './pdf-document.js'
import { FRAME_WIDTH, PAGE, STYLE, type TextStyle, leading } from './pdf-theme.js'

/** Headings and paragraphs: text that flows down the page. */

const HEADINGS = {
  H1: { style: STYLE.title, beforePt: 0, afterPt: 4 },
  H2: { style: STYLE.heading, beforePt: 18, afterPt: 6 },
  H3: { style: STYLE.subheading, beforePt: 12, afterPt: 5 },
} as const

/** What a heading keeps with it when the caller knows no better: a few lines. */
const KEEP_PT = 40
const HEADING_LINES_MAX = 3

/** Height of a heading that stands below something. */
export function headingHeight(doc: PdfDocument, level: keyof typeof HEADINGS, text: string): number {
  const { style, beforePt, afterPt } = HEADINGS[level]
  const lines = Math.min(doc.wrap(text, style, FRAME_WIDTH).length, HEADING_LINES_MAX)
  return beforePt + lines * leading(style) + afterPt
}

/** Writes a heading and keeps `keepPt` of room below it on the same page. */
export function writeHeading(doc: PdfDocument, level: keyof typeof HEADINGS, text: string, keepPt = KEEP_PT): void {
  const { style, beforePt, afterPt } = HEADINGS[level]
  const lines = headingLines(doc, doc.clean(text, style.face), style)
  const before = doc.y > PAGE.top ? beforePt : 0
  const height = before + lines.length * leading(style) + afterPt
  if (doc.room < height + keepPt) doc.reserve(height + keepPt)
  if (doc.y > PAGE.top) doc.y += before
  if (level === 'H2') doc.bookmark(lines.join('').trim())
  doc.tags.mark(level, () => writeLines(doc, lines, style))
  doc.y += afterPt
}

/** A heading may have a few lines; an ellipsis stands for the rest. */
function headingLines(doc: PdfDocument, text: string, style: TextStyle): readonly string[] {
  const lines = doc.wrap(text, style, FRAME_WIDTH)
  if (lines.length <= HEADING_LINES_MAX) return lines
  const first = lines.slice(0, HEADING_LINES_MAX - 1)
  return [...first, doc.fit(lines.slice(first.length).join(''), style, FRAME_WIDTH)]
}

/** Writes a paragraph; it may go over to the next page between two lines. */
export function writeParagraph(doc: PdfDocument, text: string, style: TextStyle = STYLE.body): void {
  const lines = doc.wrap(doc.clean(text, style.face), style, FRAME_WIDTH)
  const tag = doc.tags.open('P')
  for (const line of lines) {
    doc.reserve(leading(style))
    doc.tags.draw(tag, 'P', () => writeLines(doc, [line], style))
  }
  tag.end()
  doc.y += 3
}

/** A paragraph in a tinted box with a bar at its left: what must not be overlooked. */
export function writeBanner(doc: PdfDocument, text: string, look: { readonly tint: Ink; readonly bar: Ink }): void {
  const style = STYLE.strong
  const lines = doc.wrap(doc.clean(text, style.face), style, FRAME_WIDTH - 26)
  const height = lines.length * leading(style) + 14
  doc.reserve(height)
  const top = doc.y
  doc.tags.artifact(() => {
    doc.rect({ x: PAGE.left, y: top, width: FRAME_WIDTH, height }, look.tint)
    doc.rect({ x: PAGE.left, y: top, width: 3, height }, look.bar)
  })
  doc.y = top + 7
  doc.tags.mark('P', () => writeLines(doc, lines, style, PAGE.left + 14))
  doc.y = top + height + 8
}

function writeLines(doc: PdfDocument, lines: readonly string[], style: TextStyle, x: number = PAGE.left): void {
  for (const line of lines) {
    doc.text(line, style, { x, baseline: doc.y + style.sizePt * 0.98 })
    doc.y += leading(style)
  }
}
