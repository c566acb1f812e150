import type { Heading } from '../report-model.js'
import { formatLines, formatText } from '../look/print-value.js'
import { headingHeight, writeHeading, writeParagraph } from './pdf-blocks.js'
import type { PdfDocument } from './pdf-document.js'
import { FRAME_WIDTH, STYLE, leading } from './pdf-theme.js'

/** What a heading keeps with it when nothing follows that knows better. */
const KEEP_PT = 60

/**
 * The headings that wait for what they stand above. How much room that needs is known only when it comes, and a heading
 * never stands alone at the end of a page.
 */
export class PdfLead {
  #waiting: Heading | undefined

  constructor(private readonly doc: PdfDocument) {}

  heading(heading: Heading): void {
    this.write()
    this.#waiting = heading
  }

  /** Writes what waits, and the title of the block that follows; one that the heading has said already is left out. */
  write(keepPt = KEEP_PT, title?: string): void {
    const heading = this.#waiting
    this.#waiting = undefined
    const isSaid = title === undefined || title === '' || title === heading?.text
    const shown = isSaid ? undefined : formatText(title)
    const titlePt = shown === undefined ? 0 : headingHeight(this.doc, 'H3', shown)
    if (heading !== undefined) this.#writeHeading(heading, titlePt + keepPt)
    if (shown !== undefined) writeHeading(this.doc, 'H3', shown, keepPt)
    else if (heading === undefined) this.doc.reserve(keepPt)
  }

  #writeHeading({ text, note = '' }: Heading, keepPt: number): void {
    const lines = formatLines(note)
    const notePt = note === '' ? 0 : this.#heightOf(lines)
    writeHeading(this.doc, 'H2', formatText(text), notePt + keepPt)
    if (note !== '') writeParagraph(this.doc, lines, STYLE.note)
  }

  #heightOf(note: string): number {
    const { doc } = this
    return doc.wrap(note, STYLE.note, FRAME_WIDTH).length * leading(STYLE.note) + 3
  }
}
