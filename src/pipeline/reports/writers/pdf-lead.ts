import type { Heading } from '../report-model.js'
import { formatText } from '../look/print-value.js'
import { writeHeading, writeParagraph } from './pdf-blocks.js'
import type { PdfDocument } from './pdf-document.js'
import { FRAME_WIDTH, STYLE, leading } from './pdf-theme.js'

/** What a heading keeps with it when nothing follows that knows better. */
const KEEP_PT = 60
const TITLE_PT = 30

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
    if (heading !== undefined) {
      const note = heading.note === undefined ? undefined : formatText(heading.note)
      const notePt = note === undefined ? 0 : this.#heightOf(note)
      writeHeading(this.doc, 'H2', formatText(heading.text), keepPt + notePt + (isSaid ? 0 : TITLE_PT))
      if (note !== undefined) writeParagraph(this.doc, note, STYLE.note)
    }
    if (!isSaid) writeHeading(this.doc, 'H3', formatText(title), keepPt)
    else if (heading === undefined) this.doc.reserve(keepPt)
  }

  #heightOf(note: string): number {
    const { doc } = this
    return doc.wrap(doc.clean(note, STYLE.note.face), STYLE.note, FRAME_WIDTH).length * leading(STYLE.note) + 3
  }
}
