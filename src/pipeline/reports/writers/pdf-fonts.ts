import type { Kit, KitFont, KitReference } from './pdf-kit.js'
import type { Face } from './pdf-theme.js'

/** A character set in a font: its code in the page, its width in thousandths of the size, the font that has it. */
interface Glyph {
  readonly hex: string
  readonly advance: number
  readonly font: PdfFont
}

const FILES = {
  regular: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  bold: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
} as const satisfies Record<Face, string>

/** Stands for a character that the font lacks. */
export const STAND_IN = '\uFFFD'

/** The font files of a report's two faces. */
export type FontFiles = Readonly<Record<Face, string>>

/** Those that reports are set in; where a template names others, they stand in for what those lack. */
export function usualFonts(): FontFiles {
  return { regular: require.resolve(FILES.regular), bold: require.resolve(FILES.bold) }
}

/** A stretch of text in one font. */
export interface FontPiece {
  readonly font: PdfFont
  /** A hexadecimal PDF string, without its brackets. */
  readonly hex: string
  readonly width: number
}

/** One face of a document: measures text and encodes it. Another font may stand in for characters that it lacks. */
export class PdfFont {
  readonly id: string
  readonly #embedded: KitFont
  readonly #glyphs = new Map<number, Glyph>()

  constructor(
    pdf: Kit,
    readonly file: string,
    readonly spare?: PdfFont,
  ) {
    this.#embedded = pdf.font(file)['_font']
    this.id = this.#embedded.id
  }

  /** The font object that a page's resources name. */
  get reference(): KitReference {
    return this.#embedded.ref()
  }

  has(codePoint: number): boolean {
    return this.#isOwn(codePoint) || this.spare?.has(codePoint) === true
  }

  /** The font that draws a character: this one, or the one that stands in for it. */
  fontOf(codePoint: number): PdfFont {
    return this.#glyph(codePoint).font
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

  /** The text as stretches of one font each; mostly it is one. */
  encode(text: string, sizePt: number): readonly FontPiece[] {
    const pieces: FontPiece[] = []
    let [font, hex, thousandths]: [PdfFont, string, number] = [this, '', 0]
    for (const character of text) {
      const glyph = this.#glyph(character.codePointAt(0) ?? 0)
      if (glyph.font !== font) {
        if (hex !== '') pieces.push({ font, hex, width: (thousandths * sizePt) / 1000 })
        ;[font, hex, thousandths] = [glyph.font, '', 0]
      }
      hex += glyph.hex
      thousandths += glyph.advance
    }
    if (hex !== '') pieces.push({ font, hex, width: (thousandths * sizePt) / 1000 })
    return pieces
  }

  #isOwn(codePoint: number): boolean {
    return this.#embedded.font.hasGlyphForCodePoint(codePoint)
  }

  #glyph(codePoint: number): Glyph {
    const known = this.#glyphs.get(codePoint)
    if (known !== undefined) return known
    const glyph = this.#find(codePoint)
    this.#glyphs.set(codePoint, glyph)
    return glyph
  }

  #find(codePoint: number): Glyph {
    if (this.#isOwn(codePoint)) return this.#include(codePoint)
    if (this.spare !== undefined) return this.spare.#glyph(codePoint)
    return this.#glyph(STAND_IN.charCodeAt(0))
  }

  #include(codePoint: number): Glyph {
    const { font, subset, widths, unicode, scale } = this.#embedded
    const { id, advanceWidth } = font.glyphForCodePoint(codePoint)
    const code = subset.includeGlyph(id)
    const advance = advanceWidth * scale
    widths[code] ??= advance
    unicode[code] ??= [codePoint]
    return { hex: code.toString(16).padStart(4, '0'), advance, font: this }
  }
}
