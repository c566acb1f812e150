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

/** Path of a face's font file. */
export function fontFile(face: Face): string {
  return require.resolve(FILES[face])
}

/** One face of a document: measures text and encodes it. */
export class PdfFont {
  readonly id: string
  readonly #embedded: KitFont
  readonly #glyphs = new Map<number, Glyph>()

  constructor(pdf: Kit, face: Face) {
    this.#embedded = pdf.font(fontFile(face))['_font']
    this.id = this.#embedded.id
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
    const glyph = this.has(codePoint) ? this.#include(codePoint) : this.#glyph(STAND_IN.charCodeAt(0))
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
