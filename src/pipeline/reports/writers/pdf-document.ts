import { setImmediate } from 'node:timers/promises'
import type { Ink, Palette } from '../look/palette.js'
import { type FontFiles, PdfFont, usualFonts } from './pdf-fonts.js'
import { PdfIntake } from './pdf-intake.js'
import { type Kit, type KitImage, type KitReference, openKit } from './pdf-kit.js'
import { PdfTags } from './pdf-tags.js'
import { MissingCharacters, cleanText, fitText, splitRuns, wrapText } from './pdf-text.js'
import { type Face, FRAME_WIDTH, PAGE, STYLE, type TextStyle, operandsOf } from './pdf-theme.js'
import type { ReportSink } from './report-writer.js'

export interface PdfDocumentOptions {
  readonly title: string
  /** Printed beside the page number on every page. */
  readonly footer: string
  /** Printed at the top of every page; nothing is when it is undefined. */
  readonly header: string | undefined
  /** Those of a template; the usual ones when it is undefined. */
  readonly fonts: FontFiles | undefined
  readonly palette: Palette
  /** The date in the file's properties. The clock is never asked: the same report has the same bytes. */
  readonly date: Date
}

/** A rectangle on a page, in points from its upper left corner. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Where a line of text begins: its left end, or its right one, on the baseline. */
export interface TextPlace {
  readonly x: number
  readonly baseline: number
  readonly align?: 'left' | 'right' | 'center'
}

const TOTAL = 'PageTotal'

/**
 * A report being written: a cursor `y` that moves down A4 pages, and what draws there. A page goes to the file when
 * the next one begins. How many there are is known only then, so each page draws one shared form that is written last.
 */
export class PdfDocument {
  y: number = PAGE.top
  pages = 0
  readonly tags: PdfTags
  readonly missing = new MissingCharacters()
  readonly #fonts: Readonly<Record<Face, PdfFont>>
  readonly #total: KitReference
  readonly #header: string
  readonly #footer: string
  readonly #inks: Palette

  private constructor(
    private readonly pdf: Kit,
    private readonly sink: PdfIntake,
    { fonts, palette, header = '', footer }: PdfDocumentOptions,
  ) {
    this.#fonts = { regular: openFace(pdf, 'regular', fonts), bold: openFace(pdf, 'bold', fonts) }
    this.#inks = Object.fromEntries(Object.entries(palette).map(([ink, hex]) => [ink, operandsOf(hex)])) as Palette
    this.tags = new PdfTags(pdf)
    this.#header = this.clean(header, 'regular')
    this.#footer = this.clean(footer, 'regular')
    this.#total = pdf.ref({ Type: 'XObject', Subtype: 'Form', BBox: [0, -4, 80, 12], Resources: this.#fontsOfTotal() })
    this.newPage()
  }

  static async open(sink: ReportSink, options: PdfDocumentOptions): Promise<PdfDocument> {
    const pdf = openKit({ ...options, font: (options.fonts ?? usualFonts()).regular })
    const intake = new PdfIntake(sink)
    pdf.on('data', (chunk: Uint8Array) => intake.take(chunk))
    // A stream flows a turn after its first listener; from then on each piece is handed over at once and none queues up.
    await setImmediate()
    return new PdfDocument(pdf, intake, options)
  }

  /** Text from anywhere as it may be printed. Everything below draws text that has passed through here. */
  clean(text: string, face: Face): string {
    return cleanText(text, this.#fonts[face], this.missing)
  }

  width(text: string, style: TextStyle): number {
    return this.#fonts[style.face].width(text, style.sizePt)
  }

  wrap(text: string, style: TextStyle, widthPt: number): string[] {
    return wrapText(text, this.#fonts[style.face], style, widthPt)
  }

  fit(text: string, style: TextStyle, widthPt: number): string {
    return fitText(text, this.#fonts[style.face], style, widthPt)
  }

  /** Room between the cursor and the bottom of the page. */
  get room(): number {
    return PAGE.bottom - this.y
  }

  /** Makes sure that `heightPt` fits below the cursor, on a new page if need be. */
  reserve(heightPt: number): void {
    if (this.room < heightPt && this.y > PAGE.top) this.newPage()
  }

  newPage(): void {
    if (this.pages > 0) this.tags.closePage()
    this.pdf.addPage()
    this.pages += 1
    this.y = PAGE.top
    this.tags.artifact(() => {
      this.#drawHeader()
      this.#drawFooter()
    })
  }

  /** Lists the current page in the outline that viewers show beside the pages. */
  bookmark(title: string): void {
    this.pdf.outline.addItem(title, { fit: true })
  }

  /** Draws one line of clean text. */
  text(line: string, style: TextStyle, place: TextPlace): void {
    const font = this.#fonts[style.face]
    const shift = place.align === 'right' ? 1 : place.align === 'center' ? 0.5 : 0
    let x = place.x - (shift === 0 ? 0 : shift * font.width(line, style.sizePt))
    for (const run of splitRuns(line)) {
      const at = { x, baseline: place.baseline }
      x += run.isShaped ? this.#drawShaped(run.text, style, at) : this.#drawPlain(run.text, style, at)
    }
  }

  rect(box: Box, ink: Ink): void {
    this.#draw(`${this.#inks[ink]} rg ${round(box.x)} ${round(box.y)} ${round(box.width)} ${round(box.height)} re f`)
  }

  /** Paints an SVG path whose origin lies at a place of the page: filled, or as a line of that width. */
  path(
    d: string,
    ink: Ink,
    { x, y, lineWidth }: { readonly x: number; readonly y: number; readonly lineWidth?: number },
  ) {
    if (d === '') return
    const isFilled = lineWidth === undefined
    const paint = isFilled ? `${this.#inks[ink]} rg` : `${this.#inks[ink]} RG ${lineWidth} w 1 j 1 J`
    this.#draw(`q 1 0 0 1 ${round(x)} ${round(y)} cm ${paint}`)
    this.pdf.path(d)
    this.#draw(isFilled ? 'f Q' : 'S Q')
  }

  /** Draws a picture at the right end of the frame, as large as fits, and answers how high it is. */
  async picture(
    bytes: Uint8Array,
    { heightMax, alt }: { readonly heightMax: number; readonly alt: string },
  ): Promise<number> {
    const image = this.pdf.openImage(bytes)
    const scale = Math.min(heightMax / image.height, FRAME_WIDTH / 2 / image.width)
    const [width, height] = [image.width * scale, image.height * scale]
    image.embed(this.pdf)
    await whenEmbedded(image)
    const x = PAGE.right - width
    this.tags.mark('Figure', () => this.pdf.image(image, x, this.y, { fit: [width, height] }), { alt })
    return height
  }

  /** Whether the file should take what is done before more is drawn. */
  get isWaiting(): boolean {
    return this.sink.isWaiting
  }

  flush(): Promise<void> {
    return this.sink.flush()
  }

  /** Writes the last page, the fonts and the index. The file is not in its place yet. */
  async close(): Promise<void> {
    this.tags.closePage()
    this.tags.close()
    const pieces = this.#fonts.regular.encode(String(this.pages), STYLE.footer.sizePt)
    const shown = pieces.map(({ font, hex }) => `/${font.id} ${STYLE.footer.sizePt} Tf <${hex}> Tj`)
    this.#total.end(`BT ${this.#inks[STYLE.footer.ink]} rg ${shown.join(' ')} ET`)
    const ended = new Promise<void>((resolve, reject) => {
      this.pdf.once('end', () => resolve()).once('error', reject)
    })
    this.pdf.end()
    await ended
    this.sink.throwIfFailed()
  }

  #drawHeader(): void {
    if (this.#header === '') return
    const header = this.fit(this.#header, STYLE.footer, FRAME_WIDTH)
    this.text(header, STYLE.footer, { x: PAGE.left, baseline: PAGE.header })
  }

  #drawFooter(): void {
    const style = STYLE.footer
    const lead = `page ${this.pages} of `
    this.rect({ x: PAGE.left, y: PAGE.footer - 13, width: FRAME_WIDTH, height: 0.5 }, 'line')
    this.text(lead, style, { x: PAGE.left, baseline: PAGE.footer })
    const x = round(PAGE.left + this.width(lead, style))
    this.pdf.page.xobjects[TOTAL] = this.#total
    this.#draw(`q 1 0 0 -1 ${x} ${PAGE.footer} cm /${TOTAL} Do Q`)
    const footer = this.fit(this.#footer, style, FRAME_WIDTH - 140)
    this.text(footer, style, { x: PAGE.right, baseline: PAGE.footer, align: 'right' })
  }

  /** Draws glyph by glyph and returns the width. */
  #drawPlain(text: string, style: TextStyle, { x, baseline }: TextPlace): number {
    let width = 0
    for (const { font, hex, width: own } of this.#fonts[style.face].encode(text, style.sizePt)) {
      this.pdf.page.fonts[font.id] ??= font.reference
      const place = `1 0 0 -1 ${round(x + width)} ${round(baseline)} Tm`
      this.#draw(`BT ${this.#inks[style.ink]} rg /${font.id} ${round(style.sizePt)} Tf ${place} <${hex}> Tj ET`)
      width += own
    }
    return width
  }

  /** Lets the font place the glyphs. Naming features makes pdfkit lay out the run as a whole, not word by word. */
  #drawShaped(text: string, style: TextStyle, { x, baseline }: TextPlace): number {
    const font = this.#fonts[style.face].fontOf(text.codePointAt(0) ?? 0)
    this.#draw(`${this.#inks[style.ink]} rg`)
    this.pdf.font(font.file).fontSize(style.sizePt)
    this.pdf.text(text, x, baseline, { lineBreak: false, baseline: 'alphabetic', features: [] })
    return this.pdf.widthOfString(text, { features: [] })
  }

  /** Resources of the form that holds the number of pages. */
  #fontsOfTotal(): object {
    const digits = this.#fonts.regular.encode('0123456789', STYLE.footer.sizePt)
    return { Font: Object.fromEntries(digits.map(({ font }) => [font.id, font.reference])) }
  }

  #draw(operators: string): void {
    this.pdf.addContent(operators)
  }
}

/** A face of the report; what a template's font lacks, such as the signs of tones, is drawn in the usual one. */
function openFace(pdf: Kit, face: Face, fonts: FontFiles | undefined): PdfFont {
  const usual = new PdfFont(pdf, usualFonts()[face])
  return fonts === undefined ? usual : new PdfFont(pdf, fonts[face], usual)
}

/** pdfkit unpacks a picture with transparency later; until then nothing else may go to the file, or its bytes would differ. */
async function whenEmbedded(image: KitImage): Promise<void> {
  while (image.imgData !== null && image.imgData !== undefined) await setImmediate()
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
