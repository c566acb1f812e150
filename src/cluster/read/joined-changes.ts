/**
 * Points in time that an engine has joined into one text: of each its moment and its value, with a boundary between two.
 * The text comes as bytes, which are compared four at once: most points repeat the one before, and cost no more than that.
 */
import { randomBytes } from 'node:crypto'
import { MOMENT_LENGTH, readMoment } from './read-moments.js'

/** Points, by index. */
export interface Changes {
  /** Milliseconds since 1970, ascending. */
  readonly at: readonly number[]
  /** No two that follow each other are the same. */
  readonly values: readonly string[]
}

/** Between two points. It comes by chance, as those of MIME do, so that no value was written to have it within. */
export const BOUNDARY = `\u001f${randomBytes(6).toString('base64url')}`

/** What may be the rest of a moment that is written longer. */
const MOMENT_GOES_ON = /^[\d+\-Z ]/
const WORD_BYTES = 4
/** Of a text that has more values the others are read anew each time. */
const KNOWN_MAX = 8

/**
 * The points that differ from the one before. Undefined when they cannot be told so: a moment is written another way, a
 * value begins like the rest of one, or they are not in order, which engines keep but do not promise.
 */
export function readJoinedChanges(text: Buffer): (Changes & { readonly points: number }) | undefined {
  const [at, values]: [number[], string[]] = [[], []]
  const view = new DataView(text.buffer, text.byteOffset, text.length)
  const known: Known[] = []
  let current: Known | undefined
  let [points, last] = [0, 0]
  for (let [place, end] = [0, 0]; end < text.length; place = end + BOUNDARY.length) {
    const from = place + MOMENT_LENGTH
    if (from > text.length) return undefined
    const here = knownAt(view, from, current, known) ?? valueAt(text, from)
    end = from + here.bytes
    if (current !== undefined) {
      const order = compare(view, place, last, MOMENT_LENGTH)
      if (order < 0 || (order === 0 && here.value < current.value)) return undefined
    }
    last = place
    points += 1
    if (here.value === current?.value) continue
    const moment = readMoment(text.toString('latin1', place, from))
    if (moment === undefined || MOMENT_GOES_ON.test(here.value)) return undefined
    current = here
    if (here.from === from && known.length < KNOWN_MAX) known.push(here)
    at.push(moment)
    values.push(here.value)
  }
  return { at, values, points }
}

/** A value, and where it stands in the text. */
interface Known {
  readonly value: string
  readonly from: number
  readonly bytes: number
}

/** The value that begins at a place, when it is the one that holds or one of those that did. */
function knownAt(view: DataView, from: number, current: Known | undefined, known: readonly Known[]): Known | undefined {
  if (current === undefined || isAlike(view, from, current.from, current.bytes + BOUNDARY.length)) return current
  for (const one of known) if (isAlike(view, from, one.from, one.bytes + BOUNDARY.length)) return one
  return undefined
}

function valueAt(text: Buffer, from: number): Known {
  const found = text.indexOf(BOUNDARY, from)
  const end = found < 0 ? text.length : found
  return { value: text.toString('utf8', from, end), from, bytes: end - from }
}

function isAlike(view: DataView, a: number, b: number, length: number): boolean {
  return a + length <= view.byteLength && compare(view, a, b, length) === 0
}

/** Which of two stretches of at least four bytes is greater: above, below or at zero. */
function compare(view: DataView, a: number, b: number, length: number): number {
  // The last word may overlap the one before, which is the same in both by then.
  const lastWord = length - WORD_BYTES
  for (let at = 0; at < lastWord; at += WORD_BYTES) {
    const difference = view.getUint32(a + at) - view.getUint32(b + at)
    if (difference !== 0) return difference
  }
  return view.getUint32(a + lastWord) - view.getUint32(b + lastWord)
}
