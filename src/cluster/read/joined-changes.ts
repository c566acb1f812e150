/** Points in time that an engine has joined into two texts: their moments without anything between, and their values. */
import { MOMENT_LENGTH, readMoment } from './read-moments.js'

/** Points, by index. */
export interface Changes {
  /** Milliseconds since 1970, ascending. */
  readonly at: readonly number[]
  /** No two that follow each other are the same. */
  readonly values: readonly string[]
}

/** Between two values; in a value itself it shows, as then there are more values than moments. */
export const SEPARATOR = '\u001f'
const SEPARATOR_CODE = SEPARATOR.charCodeAt(0)

/**
 * The points that differ from the one before. Undefined when they cannot be told so: a moment is written another way, a
 * value has the separator in it, or they are not in order, which engines keep but do not promise.
 */
export function readJoinedChanges(moments: string, texts: string): (Changes & { readonly points: number }) | undefined {
  const [at, values]: [number[], string[]] = [[], []]
  let [place, textPlace] = [0, 0]
  let value: string | undefined
  let [month, minute] = [-1, -1]
  for (; place < moments.length; place += MOMENT_LENGTH) {
    if (textPlace > texts.length) return undefined
    const next = valueAt(texts, textPlace, value)
    textPlace += next.length + 1
    const [monthHere, minuteHere] = [monthAt(moments, place), minuteAt(moments, place)]
    const isPlainlyLater = monthHere === month && minuteHere > minute
    month = monthHere
    minute = minuteHere
    if (place > 0 && !isPlainlyLater) {
      const [before, here] = [readMoment(moments, place - MOMENT_LENGTH), readMoment(moments, place)]
      if (before === undefined || here === undefined || here < before) return undefined
      if (here === before && next < (value ?? '')) return undefined
    }
    if (next === value) continue
    value = next
    const moment = readMoment(moments, place)
    if (moment === undefined) return undefined
    at.push(moment)
    values.push(next)
  }
  const isWhole = place === moments.length && textPlace === texts.length + 1
  return isWhole ? { at, values, points: place / MOMENT_LENGTH } : undefined
}

/** The value that begins at a place; one that repeats the one before is the same string, which takes no memory. */
function valueAt(texts: string, from: number, before: string | undefined): string {
  if (before !== undefined && texts.startsWith(before, from)) {
    const end = from + before.length
    if (end === texts.length || texts.charCodeAt(end) === SEPARATOR_CODE) return before
  }
  const end = texts.indexOf(SEPARATOR, from)
  return texts.slice(from, end < 0 ? texts.length : end)
}

/** Year and month. */
function monthAt(moments: string, place: number): number {
  return (pairAt(moments, place) * 100 + pairAt(moments, place + 2)) * 100 + pairAt(moments, place + 5)
}

/** Day, hour and minute; later ones are greater. */
function minuteAt(moments: string, place: number): number {
  return (pairAt(moments, place + 8) * 100 + pairAt(moments, place + 11)) * 100 + pairAt(moments, place + 14)
}

function pairAt(text: string, at: number): number {
  return text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528
}
