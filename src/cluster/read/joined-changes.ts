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

/**
 * The points that differ from the one before. Undefined when they cannot be told so: a moment is written another way, a
 * value begins like the rest of one, or they are not in order, which engines keep but do not promise.
 */
export function readJoinedChanges(text: Buffer): (Changes & { readonly points: number }) | undefined {
  const [at, values]: [number[], string[]] = [[], []]
  const view = new DataView(text.buffer, text.byteOffset, text.length)
  let [points, last] = [0, 0]
  let value: string | undefined
  /** Where the value stands that was the last to differ, and its length. */
  let [known, knownBytes] = [0, 0]
  for (let [place, end] = [0, 0]; end < text.length; place = end + BOUNDARY.length) {
    const from = place + MOMENT_LENGTH
    if (from > text.length) return undefined
    const isRepeated = value !== undefined && isAlike(view, from, known, knownBytes + BOUNDARY.length)
    end = isRepeated ? from + knownBytes : endOfValue(text, from)
    const here = isRepeated ? (value as string) : text.toString('utf8', from, end)
    if (value !== undefined) {
      const order = compare(view, place, last, MOMENT_LENGTH)
      if (order < 0 || (order === 0 && here < value)) return undefined
    }
    last = place
    points += 1
    if (here === value) continue
    const moment = readMoment(text.toString('latin1', place, from))
    if (moment === undefined || MOMENT_GOES_ON.test(here)) return undefined
    value = here
    known = from
    knownBytes = end - from
    at.push(moment)
    values.push(here)
  }
  return { at, values, points }
}

function endOfValue(text: Buffer, from: number): number {
  const end = text.indexOf(BOUNDARY, from)
  return end < 0 ? text.length : end
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
