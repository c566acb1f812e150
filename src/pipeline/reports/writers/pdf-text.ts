import { formatCount } from '../look/print-value.js'
import { hasRightToLeft, mirrored, piecesAsSeen, RTL_LETTER } from './pdf-bidi.js'
import { type PdfFont, STAND_IN } from './pdf-fonts.js'
import type { TextStyle } from './pdf-theme.js'

const PLAIN = /^[\n\u0020-\u007e]*$/
// Controls, bidi marks and overrides, and characters without a shape: nothing that could move other text may be printed.
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Variation_Selector}]/gu
// A letter may carry a few marks; a tower of them would be drawn over the rows above.
const MARK_TOWER = /(\p{M}{3})\p{M}+/gu
// Right-to-left runs and letters with marks on them need the font's own layout.
const SHAPED = new RegExp(
  `${RTL_LETTER}(?:(?:${RTL_LETTER}|[\\p{M} ])*(?:${RTL_LETTER}|\\p{M}))?|\\P{M}\\p{M}+|\\p{M}+`,
  'gu',
)
const TRAILING = / +$/
const BREAKS_AFTER = new Set([' ', '-', '/'])

const SCRIPTS = [
  ['emoji', /\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}/u],
  ...['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Devanagari', 'Bengali', 'Tamil', 'Ethiopic'].map(
    (name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const,
  ),
] as const satisfies readonly (readonly [string, RegExp])[]

/** Counts the characters a report could not print. */
export class MissingCharacters {
  readonly #counts = new Map<string, number>()

  add(character: string): void {
    const script = SCRIPTS.find(([, pattern]) => pattern.test(character))?.[0] ?? 'other'
    this.#counts.set(script, (this.#counts.get(script) ?? 0) + 1)
  }

  /** One sentence for the end of the report; undefined when everything was printed. */
  note(): string | undefined {
    const counts = [...this.#counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    if (counts.length === 0) return undefined
    const total = counts.reduce((sum, [, count]) => sum + count, 0)
    const list = counts.map(([script, count]) => `${script} ${formatCount(count)}`).join(', ')
    const verb = total === 1 ? 'character is' : 'characters are'
    return `${formatCount(total)} ${verb} printed as ${STAND_IN} because the report's font, DejaVu Sans, lacks them: ${list}.`
  }
}

/** The text without what has no shape of its own. */
export function stripText(text: string): string {
  return text.normalize('NFC').replaceAll(UNPRINTABLE, '').replaceAll(MARK_TOWER, '$1…')
}

/** What may stand on a page: strips what has no shape, and puts a stand-in for what the font lacks. Line breaks stay. */
export function cleanText(text: string, font: PdfFont, missing: MissingCharacters): string {
  if (PLAIN.test(text)) return text
  let clean = ''
  for (const character of stripText(text)) {
    const codePoint = character.codePointAt(0) ?? 0
    if (character === '\n' || font.has(codePoint)) clean += character
    else {
      missing.add(character)
      clean += STAND_IN
    }
  }
  return clean
}

/** A piece of a line, drawn in one go. */
export interface TextRun {
  readonly text: string
  /** Whether the font's own layout must place the glyphs. */
  readonly isShaped: boolean
}

/** Splits a line into what is drawn glyph by glyph and what must be laid out, from left to right as it is seen. */
export function splitRuns(line: string): readonly TextRun[] {
  if (PLAIN.test(line)) return [{ text: line, isShaped: false }]
  if (!hasRightToLeft(line)) return runsOf(line)
  return piecesAsSeen(line).flatMap(({ text, isRightToLeft }) => {
    if (!isRightToLeft) return runsOf(text)
    const runs = runsOf(text).map((run) => (run.isShaped ? run : { ...run, text: mirrored(run.text) }))
    return runs.toReversed()
  })
}

/** In the order in which they are read. */
function runsOf(line: string): readonly TextRun[] {
  const runs: TextRun[] = []
  let end = 0
  for (const match of line.matchAll(SHAPED)) {
    if (match.index > end) runs.push({ text: line.slice(end, match.index), isShaped: false })
    end = match.index + match[0].length
    runs.push({ text: match[0], isShaped: true })
  }
  if (end < line.length) runs.push({ text: line.slice(end), isShaped: false })
  return runs
}

/**
 * Breaks text into lines of at most `widthPt`; a word that is too long by itself is broken where it must be. A space at
 * the end of a line stays, or the words beside it would be one for those who listen to the page.
 */
export function wrapText(text: string, font: PdfFont, style: TextStyle, widthPt: number): string[] {
  if (!text.includes('\n') && font.width(text, style.sizePt) <= widthPt) return [text]
  const width = (widthPt * 1000) / style.sizePt
  const paragraphs = text.split('\n')
  const last = paragraphs.length - 1
  return paragraphs.flatMap((part, index) => wrapParagraph(index < last ? `${part} ` : part, font, width))
}

/** Every turn of the loop takes one character, and a line holds at least one: it ends for any text and any width. */
function wrapParagraph(text: string, font: PdfFont, width: number): string[] {
  const lines: string[] = []
  let [start, at, used, breakAt, usedAtBreak] = [0, 0, 0, 0, 0]
  for (const character of text) {
    const advance = font.advance(character.codePointAt(0) ?? 0)
    if (used + advance > width && at > start && character !== ' ') {
      const end = breakAt > start ? breakAt : at
      lines.push(text.slice(start, end).replace(TRAILING, ' '))
      used -= breakAt > start ? usedAtBreak : used
      start = end
    }
    at += character.length
    used += advance
    if (BREAKS_AFTER.has(character)) [breakAt, usedAtBreak] = [at, used]
  }
  lines.push(text.slice(start).replace(TRAILING, ' '))
  return lines
}

/** The text in one line: what does not fit is replaced by an ellipsis. */
export function fitText(text: string, font: PdfFont, style: TextStyle, widthPt: number): string {
  const line = text.replaceAll('\n', ' ')
  if (font.width(line, style.sizePt) <= widthPt) return line
  const [first = ''] = wrapText(line.replaceAll(' ', '\u00a0'), font, style, widthPt - font.width('…', style.sizePt))
  return `${first.replaceAll('\u00a0', ' ').trimEnd()}…`
}
