/**
 * The order in which the pieces of a line are seen that has right-to-left letters.
 *
 * It is that of the Unicode Bidirectional Algorithm (UAX #9) for lines without marks of direction, which are left out of
 * what is printed: rules W4, W5 and W7 for numbers, N1 and N2 for what stands between words, L2 and L4 for the order. A
 * line has the direction of its first letter.
 */

const RTL = '\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc'
/** A letter that runs from right to left, in a regular expression; the digits of its script do not. */
export const RTL_LETTER = `(?:(?!\\p{Nd})[${RTL}])`

/** A stretch of a line that runs in one direction; its characters are in the order in which they are read. */
export interface DirectedPiece {
  readonly text: string
  readonly isRightToLeft: boolean
}

type Direction = 'left' | 'right'
type Kind = Direction | 'number' | 'neutral'

const AT_NUMBER = '[#$%\\u00a2-\\u00a5\\u00b0\\u2030\\u20a0-\\u20cf]*'
/** What stands for a letter that the font lacks is taken for one. */
const TOKENS = new RegExp(
  `(?<number>${AT_NUMBER}\\p{Nd}+(?:[.,:/+-]\\p{Nd}+)*${AT_NUMBER})|(?<right>${RTL_LETTER}(?:${RTL_LETTER}|\\p{M})*)` +
    `|(?<left>(?:(?![${RTL}])[\\p{L}\\ufffd]\\p{M}*)+)|(?<neutral>.)`,
  'gsu',
)
const HAS_RTL = new RegExp(`[${RTL}]`, 'u')

const PAIRS = ['()', '[]', '{}', '<>', '«»', '‹›']
const MIRRORED = new Map(PAIRS.flatMap(([open = '', close = '']) => [[open, close] as const, [close, open] as const]))

export function hasRightToLeft(line: string): boolean {
  return HAS_RTL.test(line)
}

/** The pieces of a line from left to right. */
export function piecesAsSeen(line: string): readonly DirectedPiece[] {
  const body = line.trimEnd()
  const tokens = Array.from(body.matchAll(TOKENS), ({ 0: text, groups = {} }) => ({ text, kind: kindOf(groups) }))
  const levels = levelsOf(tokens.map(({ kind }) => kind))
  let pieces: { text: string; readonly level: number }[] = []
  for (const [index, { text }] of tokens.entries()) {
    const level = levels[index] ?? 0
    const last = pieces.at(-1)
    if (last?.level === level) last.text += text
    else pieces.push({ text, level })
  }
  for (const level of [2, 1]) pieces = reversedFrom(pieces, level)
  const seen = pieces.map(({ text, level }) => ({ text, isRightToLeft: level === 1 }))
  return body === line ? seen : [...seen, { text: line.slice(body.length), isRightToLeft: false }]
}

/** What stands between words that run from right to left, as it is seen: the other way round, brackets turned. */
export function mirrored(text: string): string {
  return Array.from(text, (character) => MIRRORED.get(character) ?? character)
    .toReversed()
    .join('')
}

function kindOf(groups: Readonly<Record<string, string | undefined>>): Kind {
  if (groups['number'] !== undefined) return 'number'
  if (groups['right'] !== undefined) return 'right'
  return groups['left'] === undefined ? 'neutral' : 'left'
}

/** Even levels run from left to right, odd ones from right to left, each within the one below. */
function levelsOf(kinds: readonly Kind[]): number[] {
  const base = kinds.find((kind) => kind === 'left' || kind === 'right') as Direction
  let strong = base
  const settled = kinds.map((kind) => {
    if (kind === 'left' || kind === 'right') strong = kind
    // A number belongs to the words before it.
    return kind === 'number' && strong === 'left' ? 'left' : kind
  })
  const sideOf = (kind: Kind | undefined) => (kind === undefined ? base : kind === 'left' ? 'left' : 'right')
  return settled.map((kind, at) => {
    if (kind === 'number') return 2
    const before = settled.slice(0, at).findLast((one) => one !== 'neutral')
    const side = kind !== 'neutral' ? kind : between(sideOf(before), sideOf(nextOf(settled, at)), base)
    return side === 'right' ? 1 : base === 'right' ? 2 : 0
  })
}

function nextOf(kinds: readonly Kind[], at: number): Kind | undefined {
  return kinds.find((kind, index) => index > at && kind !== 'neutral')
}

function between(before: Direction, after: Direction, base: Direction): Direction {
  return before === after ? before : base
}

/** Turns round each sequence of pieces of at least a level. */
function reversedFrom<Piece extends { readonly level: number }>(pieces: readonly Piece[], level: number): Piece[] {
  const result: Piece[] = []
  let sequence: Piece[] = []
  for (const piece of pieces) {
    if (piece.level >= level) sequence.unshift(piece)
    else {
      result.push(...sequence, piece)
      sequence = []
    }
  }
  return [...result, ...sequence]
}
