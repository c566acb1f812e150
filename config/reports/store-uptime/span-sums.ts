/**
 * How long a store was to be open, and how long of that it was active, between the cuts of a window.
 *
 * 1. A poll's status holds until the next poll. Before the first poll that is known its status holds too.
 * 2. `upMs[i] <= businessMs[i]`, both in whole milliseconds, so that sums over neighbouring pieces are exact.
 */
import type { Spans } from './open-spans.js'

/** Polls in the order of their moments; of those at one moment the last counts. */
export interface Polls {
  readonly at: readonly number[]
  readonly values: readonly string[]
}

/** Of each piece between two cuts. */
export interface SpanSums {
  readonly businessMs: readonly number[]
  readonly upMs: readonly number[]
}

export const NO_POLLS: Polls = { at: [], values: [] }

/**
 * Adds up a window that begins and ends with a cut. Polls may begin before it.
 *
 * @param before status by the last poll at or before the first cut; undefined when there is none
 */
export function sumSpans(
  cuts: readonly number[],
  spans: Spans,
  { at, values }: Polls = NO_POLLS,
  before?: string,
): SpanSums {
  const upMs = cuts.slice(1).map(() => 0)
  const open = new OpenTime(spans)
  const end = cuts.at(-1) as number
  let isActive = (before ?? firstStatus({ at, values })) === 'active'
  let since = cuts[0] as number
  let piece = 0
  const add = (until: number) => {
    let from = since
    while (from < until) {
      const cut = cuts[piece + 1] as number
      if (cut <= from) {
        piece += 1
        continue
      }
      const to = Math.min(until, cut)
      upMs[piece] = (upMs[piece] as number) - open.before(from) + open.before(to)
      from = to
    }
  }
  for (let poll = 0; poll < at.length; poll++) {
    const isActiveNow = values[poll] === 'active'
    if (isActiveNow === isActive) continue
    const moment = Math.min(at[poll] as number, end)
    if (isActive) add(moment)
    else since = Math.max(moment, since)
    isActive = isActiveNow
  }
  if (isActive) add(end)
  return { businessMs: openBetween(cuts, spans), upMs }
}

/** What the polls say at the moment of the first. */
function firstStatus({ at, values }: Polls): string | undefined {
  let first = 0
  while (first + 1 < at.length && at[first + 1] === at[0]) first += 1
  return values[first]
}

function openBetween(cuts: readonly number[], spans: Spans): number[] {
  const open = new OpenTime(spans)
  const sums = cuts.map((cut) => open.before(cut))
  return sums.slice(1).map((sum, piece) => sum - (sums[piece] as number))
}

/** How much open time lies before a moment. Moments must be asked for in ascending order. */
class OpenTime {
  readonly #spans: Spans
  #at = 0
  #passedMs = 0

  constructor(spans: Spans) {
    this.#spans = spans
  }

  before(moment: number): number {
    const spans = this.#spans
    while (this.#at < spans.length && (spans[this.#at + 1] as number) <= moment) {
      this.#passedMs += (spans[this.#at + 1] as number) - (spans[this.#at] as number)
      this.#at += 2
    }
    if (this.#at >= spans.length) return this.#passedMs
    return this.#passedMs + Math.max(0, moment - (spans[this.#at] as number))
  }
}
