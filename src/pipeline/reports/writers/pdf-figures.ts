import { areTiles, tilesAcross } from '../look/figures-look.js'
import { TONES, withSign } from '../look/palette.js'
import { printCell } from '../look/print-cell.js'
import { formatText } from '../look/print-value.js'
import type { Figure } from '../report-model.js'
import type { Column } from './pdf-columns.js'
import type { PdfDocument } from './pdf-document.js'
import type { PdfLead } from './pdf-lead.js'
import { PdfTable } from './pdf-table.js'
import { FRAME_WIDTH, PAGE, STYLE } from './pdf-theme.js'

const TILE_PT = 58
const GAP_PT = 10
/** Between what stands above and a table of figures, which has no title. */
const FACTS_GAP_PT = 4

const COLUMNS: readonly Column[] = [
  { title: 'Figure', align: 'left' },
  { title: 'Value', align: 'left' },
]

/** Writes figures: a few short ones as tiles, others as a table. */
export function writeFigures(doc: PdfDocument, figures: readonly Figure[], lead: PdfLead): void {
  if (figures.length === 0) return
  if (areTiles(figures)) writeTiles(doc, figures, lead)
  else writeFacts(doc, figures, lead)
}

function writeTiles(doc: PdfDocument, figures: readonly Figure[], lead: PdfLead): void {
  const across = tilesAcross(figures.length)
  const width = (FRAME_WIDTH - GAP_PT * (across - 1)) / across
  lead.write(TILE_PT)
  for (let from = 0; from < figures.length; from += across) {
    doc.reserve(TILE_PT)
    for (const [index, figure] of figures.slice(from, from + across).entries())
      drawTile(doc, figure, { x: PAGE.left + index * (width + GAP_PT), width })
    doc.y += TILE_PT + GAP_PT
  }
  doc.y += 2
}

function drawTile(
  doc: PdfDocument,
  figure: Figure,
  { x, width }: { readonly x: number; readonly width: number },
): void {
  const { y } = doc
  const { ink, tint } = TONES[figure.tone ?? 'neutral']
  doc.tags.artifact(() => {
    doc.rect({ x, y, width, height: TILE_PT }, tint)
    doc.rect({ x, y, width, height: 2 }, ink)
  })
  const inside = width - 16
  const label = doc.clean(withSign(formatText(figure.label), figure.tone), 'bold')
  const value = doc.clean(printCell(figure.value, figure), 'bold')
  const note = doc.clean(figure.note ?? '', 'regular')
  const natural = doc.width(value, STYLE.figure)
  // A long figure is set smaller, never cut.
  const sizePt = Math.min(STYLE.figure.sizePt, Math.floor((STYLE.figure.sizePt * inside * 10) / natural) / 10)
  doc.tags.mark('P', () => {
    doc.text(`${doc.fit(label, STYLE.strong, inside)} `, { ...STYLE.strong, ink }, { x: x + 10, baseline: y + 16 })
    doc.text(`${value} `, { ...STYLE.figure, sizePt }, { x: x + 10, baseline: y + 37 })
    if (note !== '') doc.text(doc.fit(note, STYLE.label, inside), STYLE.label, { x: x + 10, baseline: y + 50 })
  })
}

function writeFacts(doc: PdfDocument, figures: readonly Figure[], lead: PdfLead): void {
  const rows = figures.map((figure) => {
    const note = figure.note === undefined ? '' : ` ${formatText(figure.note)}`
    return [withSign(formatText(figure.label), figure.tone), `${printCell(figure.value, figure)}${note}`]
  })
  const table = new PdfTable(doc, COLUMNS, rows)
  const laid = rows.map((row) => table.layOut(row))
  lead.write(laid[0] && table.heightWith(laid[0]) + FACTS_GAP_PT)
  doc.y += FACTS_GAP_PT
  for (const row of laid) table.add(row)
  table.end()
  doc.y += 4
}
