/**
 * What the reports use of pdfkit 0.20: streams of objects, pages, embedded fonts, the logical structure. Its published
 * types lack half of this, and some of it is its inside; all of it stands in this file, so an upgrade is checked here.
 */

/** An object of the file. */
export interface KitReference {
  data: object
  end(content?: string): void
}

/** An element of the logical structure, such as a table row. */
export interface KitElement {
  add(child: KitElement | KitContent): void
  end(): void
}

/** A marked piece of a page. */
export interface KitContent {
  readonly refs: readonly unknown[]
}

export interface KitPage {
  readonly fonts: Record<string, KitReference>
  readonly xobjects: Record<string, KitReference>
  readonly structParentTreeKey: number
}

/**
 * An embedded font. pdfkit itself lays text out word by word, which costs 0.1 ms a word and keeps every word in memory;
 * report rows need neither kerning nor ligatures, so glyphs are looked up one by one.
 */
export interface KitFont {
  readonly id: string
  /** Thousandths of the size per unit of the font. */
  readonly scale: number
  readonly font: {
    hasGlyphForCodePoint(codePoint: number): boolean
    glyphForCodePoint(codePoint: number): { readonly id: number; readonly advanceWidth: number }
  }
  readonly subset: { includeGlyph(id: number): number }
  readonly widths: (number | undefined)[]
  readonly unicode: (readonly number[] | undefined)[]
  ref(): KitReference
}

/** A picture; `imgData` is null once all of it has gone to the file. */
export interface KitImage {
  readonly width: number
  readonly height: number
  readonly obj?: unknown
  readonly imgData: unknown
  embed(pdf: Kit): void
}

export interface KitTextOptions {
  readonly lineBreak: false
  readonly baseline: 'alphabetic'
  readonly features: readonly string[]
}

/** A document being written. */
export interface Kit {
  readonly page: KitPage
  readonly _font: KitFont
  readonly outline: { addItem(title: string, options: { readonly fit: true }): unknown }
  on(event: 'data', listener: (chunk: Uint8Array) => void): this
  once(event: 'end' | 'error', listener: (error?: Error) => void): this
  addPage(): void
  end(): void
  ref(data: object): KitReference
  addContent(operators: string): void
  /** Adds the operators of an SVG path, without painting it. */
  path(d: string): this
  openImage(bytes: Uint8Array): KitImage
  image(image: KitImage, x: number, y: number, options: { readonly fit: readonly [number, number] }): void
  font(source: string): this
  fontSize(sizePt: number): this
  widthOfString(text: string, options: Pick<KitTextOptions, 'features'>): number
  text(text: string, x: number, y: number, options: KitTextOptions): void
  struct(name: string, options?: { readonly alt?: string; readonly scope?: string }): KitElement
  addStructure(element: KitElement): void
  markStructureContent(name: string): KitContent
  markContent(name: 'Artifact'): void
  endMarkedContent(): void
  getStructParentTree(): { get(key: number): object; add(key: number, value: unknown): void }
}

export interface KitOptions {
  readonly title: string
  readonly date: Date
  /** Path of the font that is current first. */
  readonly font: string
}

/** Begins a document: A4, tagged, its dates and its identity made from the options alone. */
export function openKit({ title, date, font }: KitOptions): Kit {
  // Not `import()`: pdfkit is loaded when the first report is written, and CommonJS test runners cannot import lazily.
  const PdfKit: new (options: object) => Kit = require('pdfkit')
  return new PdfKit({
    autoFirstPage: false,
    size: 'A4',
    margin: 0,
    pdfVersion: '1.7',
    tagged: true,
    lang: 'en',
    displayTitle: true,
    font,
    fontLayoutCache: false,
    info: { Title: plainTitle(title), Creator: 'shardyard', CreationDate: date, ModDate: date },
  })
}

/** Reads a font as a document would. @throws when it is none */
export function readFont(bytes: Uint8Array): KitFont['font'] {
  const PdfKit: new (options: object) => Kit & { font(source: Uint8Array): Kit } = require('pdfkit')
  return new PdfKit({ autoFirstPage: false, font: null }).font(bytes)._font.font
}

/** pdfkit copies the title into XML as it is, and viewers show it above their windows. */
function plainTitle(title: string): string {
  return title.replaceAll(/[\p{Cc}\p{Cf}\p{Surrogate}<>&]/gu, ' ').trim()
}
