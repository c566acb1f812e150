import type { Kit, KitFont, KitReference } from './pdf-kit.js'
import type { Face } from './pdf-theme.js'

/** A character set in a font: its code in the page, its width in thousandths of the size. */
interface Glyph {
  readonly hex: string
  readonly advance: number
}

const FILES = {
  regular: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  bold: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
} as const satisfies Record<Face, string>

/** Stands for a character that the font lacks. */
export const STAND_IN = '\uFFFD'

/** The fonts of a report: the files of its two faces, and what they are called for people. */
export interface FontFiles extends Readonly<Record<Face, string>> {
  readonly name: string
}

/** Those that reports are set in unless a template names others. */
export function usualFonts(): FontFiles {
  return { regular: require.resolve(FILES.regular), bold: require.resolve(FILES.bold), name: 'DejaVu Sans' }
}

/** One face of a document: measures text and encodes it. */
export class PdfFont {
  readonly id: string
  readonly #standIn: number
  readonly #embedded: KitFont
  readonly #glyphs = new Map<number, Glyph>()

  constructor(
    pdf: Kit,
    readonly file: string,
  ) {
    this.#embedded = pdf.font(file)['_font']
    this.id = this.#embedded.id
    const standIns = [STAND_IN, '?', ' '].map((character) => character.charCodeAt(0))
    this.#standIn = standIns.find((codePoint) => this.has(codePoint)) ?? 0
  }

  /** What is printed for a character that the font lacks. */
  get standIn(): string {
    return String.fromCharCode(this.#standIn)
  }

  /** The font object that a page's resources name. */
  get reference(): KitReference {
    return this.#embedded.ref()
  }

  has(codePoint: number): boolean {
    return this.#embedded.font.hasGlyphForCodePoint(codePoint)
  }

  /** Width of one character in thousandths of the size. */
  advance(codePoint: number): number {
    return this.#glyph(codePoint).advance
  }

  width(text: string, sizePt: number): number {
    let thousandths = 0
    for (const character of text) thousandths += this.#glyph(character.codePointAt(0) ?? 0).advance
    return (thousandths * sizePt) / 1000
  }

  /** The text as a hexadecimal PDF string, without its brackets. */
  encode(text: string): string {
    let hex = ''
    for (const character of text) hex += this.#glyph(character.codePointAt(0) ?? 0).hex
    return hex
  }

  #glyph(codePoint: number): Glyph {
    const known = this.#glyphs.get(codePoint)
    if (known !== undefined) return known
    const glyph =
      this.has(codePoint) || codePoint === this.#standIn ? this.#include(codePoint) : this.#glyph(this.#standIn)
    this.#glyphs.set(codePoint, glyph)
    return glyph
  }

  #include(codePoint: number): Glyph {
    const { font, subset, widths, unicode, scale } = this.#embedded
    const { id, advanceWidth } = font.glyphForCodePoint(codePoint)
    const code = subset.includeGlyph(id)
    const advance = advanceWidth * scale
    widths[code] ??= advance
    unicode[code] ??= [codePoint]
    return { hex: code.toString(16).padStart(4, '0'), advance }
  }
}
