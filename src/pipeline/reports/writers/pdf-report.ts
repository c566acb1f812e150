/** Any report as a PDF: tagged, with an outline, its own fonts, and the same bytes for the same model. */
import { readFile } from 'node:fs/promises'
import { lightPalette } from '../look/template-look.js'
import { formatLines, formatText } from '../look/print-value.js'
import { TONES, withSign } from '../look/palette.js'
import type { Block, Paragraph, ReportModel } from '../report-model.js'
import type { ReportTemplate } from '../template.js'
import { writeBanner, writeHeading, writeParagraph } from './pdf-blocks.js'
import { writeChart } from './pdf-chart.js'
import { PdfDocument } from './pdf-document.js'
import { writeFigures } from './pdf-figures.js'
import { PdfLead } from './pdf-lead.js'
import { type TablePlace, writeTable } from './pdf-rows.js'
import { STYLE } from './pdf-theme.js'
import type { ReportSink, ReportWriter, WriterOptions } from './report-writer.js'
import { RowCount } from './shown-rows.js'

const LOGO_PT = 40

export const pdfWriter: ReportWriter = {
  extension: 'pdf',
  mediaType: 'application/pdf',
  takes: ['template'],
  write: writePdf,
}

async function writePdf(model: ReportModel, sink: ReportSink, options: WriterOptions): Promise<void> {
  const { signal, template } = options
  signal.throwIfAborted()
  const doc = await openDocument(model, sink, template)
  await writeTop(doc, model, template)
  const place: TablePlace = { lead: new PdfLead(doc), count: new RowCount(options.onRows), signal }
  for (const block of model.blocks) {
    signal.throwIfAborted()
    await writeBlock(doc, block, place)
    if (doc.isWaiting) await doc.flush()
  }
  place.lead.write()
  place.count.end()
  writeNotes(doc)
  await doc.close()
  options.onPages?.(doc.pages)
}

function openDocument(
  model: ReportModel,
  sink: ReportSink,
  template: ReportTemplate | undefined,
): Promise<PdfDocument> {
  const [about = ''] = (model.subtitle ?? '').split('\n')
  const title = about === '' ? formatText(model.title) : `${formatText(model.title)} · ${formatText(about)}`
  return PdfDocument.open(sink, {
    title,
    header: template?.header,
    footer: template?.footer ?? title,
    palette: lightPalette(template),
    fonts: template?.fonts,
    date: model.asOf,
  })
}

/** Title, what it is about, and the logo at their right. */
async function writeTop(doc: PdfDocument, model: ReportModel, template: ReportTemplate | undefined): Promise<void> {
  if (template?.logo !== undefined) {
    const bytes = await readFile(template.logo)
    doc.y += (await doc.picture(bytes, { heightMax: LOGO_PT, alt: 'Logo' })) + 6
  }
  writeHeading(doc, 'H1', formatText(model.title))
  for (const [index, line] of (model.subtitle ?? '').split('\n').entries()) {
    if (line !== '') writeParagraph(doc, formatText(line), index === 0 ? STYLE.body : STYLE.note)
  }
  doc.y += 8
}

async function writeBlock(doc: PdfDocument, block: Block, place: TablePlace): Promise<void> {
  const { lead } = place
  switch (block.block) {
    case 'heading':
      return lead.heading(block)
    case 'text':
      lead.write()
      return writeText(doc, block)
    case 'figures':
      return writeFigures(doc, block.figures, lead)
    case 'chart':
      return writeChart(doc, block, lead)
    case 'table':
      return writeTable(doc, block, place)
    default:
      return block satisfies never
  }
}

/** A paragraph with a tone is one that must not be overlooked. */
function writeText(doc: PdfDocument, { text, tone = 'neutral' }: Paragraph): void {
  if (tone === 'neutral') return writeParagraph(doc, formatLines(text))
  writeBanner(doc, withSign(formatLines(text), tone), { tint: TONES[tone].tint, bar: TONES[tone].ink })
}

function writeNotes(doc: PdfDocument): void {
  const note = doc.missing.note()
  if (note === undefined) return
  writeHeading(doc, 'H2', 'Notes')
  writeParagraph(doc, note)
}
