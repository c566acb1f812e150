/** Which parts of a window are read poll by poll, and which whole days come from a roll-up. */
import { DAY_MS } from './schedule.js'

/** A stretch that is read poll by poll. */
export interface RawStretch {
  readonly cuts: readonly number[]
  /** For each piece between two cuts, the piece of the window that it belongs to. */
  readonly pieces: readonly number[]
}

/** Whole days that are added up already: from the first up to, not with, the second. */
export interface DayRange {
  readonly fromDay: number
  readonly toDay: number
  readonly piece: number
}

/** How a window is put together. */
export interface Plan {
  readonly raw: readonly RawStretch[]
  readonly days: readonly DayRange[]
}

/** Everything poll by poll. */
export function rawPlan(cuts: readonly number[]): Plan {
  return { raw: [{ cuts, pieces: cuts.slice(1).map((_, piece) => piece) }], days: [] }
}

/** The whole days of UTC before `toDay` from the roll-up, the rest of each piece poll by poll. */
export function rolledPlan(cuts: readonly number[], toDay: number): Plan {
  const days: DayRange[] = []
  const raw: { cuts: number[]; pieces: number[] }[] = []
  const add = (from: number, to: number, piece: number) => {
    if (from === to) return
    const last = raw.at(-1)
    if (last !== undefined && last.cuts.at(-1) === from) {
      last.cuts.push(to)
      last.pieces.push(piece)
    } else raw.push({ cuts: [from, to], pieces: [piece] })
  }
  for (let piece = 0; piece < cuts.length - 1; piece++) {
    const [from, to] = [cuts[piece] as number, cuts[piece + 1] as number]
    const first = Math.ceil(from / DAY_MS)
    const end = Math.min(toDay, Math.floor(to / DAY_MS))
    if (end <= first) {
      add(from, to, piece)
      continue
    }
    add(from, first * DAY_MS, piece)
    days.push({ fromDay: first, toDay: end, piece })
    add(end * DAY_MS, to, piece)
  }
  return { raw, days }
}
