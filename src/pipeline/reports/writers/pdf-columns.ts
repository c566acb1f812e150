import type { PdfDocument } from './pdf-document.js'
import { STYLE, type TextStyle } from './pdf-theme.js'

/** Space at both sides of a cell. */
export const PAD_X = 6
/** A column is as wide as its widest word, up to this: longer words are broken. */
const WORD_PT_MAX = 60
/** What a sum of widths may be off: a word that fits exactly would be broken for it. */
const SLACK_PT = 0.1

/** A column of a table before its width is known. */
export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
  /** Narrowest width in points. @defaultValue what the longest word of the title needs */
  readonly minPt?: number
}

/** What a column would like: its narrowest width, and the one where nothing wraps. */
export interface ColumnWish {
  readonly least: number
  readonly natural: number
  /** Whether width that nobody needs goes here; figures look lost in wide columns. */
  readonly takesSpare: boolean
}

/** What a column would like, by its title and its first cells. */
export function wishOf(doc: PdfDocument, column: Column, cells: readonly string[]): ColumnWish {
  const widest = (style: TextStyle, texts: readonly string[]) =>
    texts.reduce((most, text) => Math.max(most, doc.width(text, style)), 0)
  const words = cells.flatMap((cell) => cell.split(/\s/))
  const lines = cells.flatMap((cell) => cell.split('\n'))
  const word = Math.max(widest(STYLE.header, column.title.split(' ')), widest(STYLE.total, words))
  const title = Math.min(widest(STYLE.header, [column.title]), WORD_PT_MAX)
  return {
    least: Math.max(Math.min(word, WORD_PT_MAX), column.minPt ?? 0) + 2 * PAD_X + SLACK_PT,
    natural: Math.max(title, widest(STYLE.total, lines)) + 2 * PAD_X,
    takesSpare: column.align === 'left',
  }
}

/**
 * Shares the width of a table. When everything fits, what is left over goes to the columns that take it; when not, the
 * narrow columns keep what they need and the wide ones share the rest.
 */
export function shareWidth(wishes: readonly ColumnWish[], total: number): number[] {
  const least = wishes.map((wish) => wish.least)
  const natural = wishes.map((wish) => Math.max(wish.natural, wish.least))
  const spare = total - sum(natural)
  if (spare >= 0) return spread(wishes, natural, spare)
  if (sum(least) >= total) return least.map((width) => (width * total) / sum(least))
  const cap = findCap(natural, least, total)
  return natural.map((width, index) => Math.max(least[index] ?? 0, Math.min(width, cap)))
}

function spread(wishes: readonly ColumnWish[], natural: readonly number[], spare: number): number[] {
  const takes = wishes.some((wish) => wish.takesSpare) ? wishes.map((wish) => wish.takesSpare) : wishes.map(() => true)
  const taking = sum(natural.filter((_, index) => takes[index]))
  return natural.map((width, index) => (takes[index] === true ? width + (spare * width) / taking : width))
}

/** The cap under which the columns fill the width exactly; the sum grows with the cap, so halving finds it. */
function findCap(natural: readonly number[], least: readonly number[], total: number): number {
  let [low, high] = [0, Math.max(...natural)]
  for (let step = 0; step < 40; step += 1) {
    const cap = (low + high) / 2
    const used = sum(natural.map((width, index) => Math.max(least[index] ?? 0, Math.min(width, cap))))
    if (used > total) high = cap
    else low = cap
  }
  return low
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
