/** Points that are made to fail while a process runs: a few numbers that its threads share, set by one and asked by all. */
import { isDrawn, unavailable, type FaultPoint } from './faults.js'

/** A point that fails: with which probability, out of 100, and until when. */
export interface LiveFault {
  readonly point: string
  readonly share: number
  readonly until: Date
}

/** For each point: the share, 0 when it works; the second of 1970 after which it works again; how often it was passed. */
const WIDTH = 3
const [SHARE, UNTIL, SEEN] = [0, 1, 2]

export class FaultCells {
  readonly buffer: SharedArrayBuffer
  readonly #names: readonly string[]
  readonly #cells: Uint32Array

  /** Without a buffer all points work; with the one of other cells of the same names both are the same. */
  constructor(names: readonly string[], buffer?: SharedArrayBuffer) {
    this.#names = names
    this.buffer = buffer ?? new SharedArrayBuffer(names.length * WIDTH * Uint32Array.BYTES_PER_ELEMENT)
    this.#cells = new Uint32Array(this.buffer)
  }

  /** Makes a point fail; it has to be one of the names. */
  set(point: string, { share, seconds }: { readonly share: number; readonly seconds: number }): void {
    const at = this.#at(point)
    Atomics.store(this.#cells, at + SHARE, 0)
    Atomics.store(this.#cells, at + UNTIL, Math.ceil(Date.now() / 1000) + seconds)
    Atomics.store(this.#cells, at + SEEN, 0)
    Atomics.store(this.#cells, at + SHARE, share)
  }

  clear(point: string): void {
    Atomics.store(this.#cells, this.#at(point) + SHARE, 0)
  }

  /** Those that fail now. */
  list(): readonly LiveFault[] {
    return this.#names.flatMap((point, index) => {
      const at = index * WIDTH
      if (!this.#isOn(at)) return []
      const [share, until] = [Atomics.load(this.#cells, at + SHARE), Atomics.load(this.#cells, at + UNTIL)]
      return [{ point, share, until: new Date(until * 1000) }]
    })
  }

  /** Fails at the points that are to, as when their database is down; by a draw that a seed repeats. */
  pointOf(seed = 1): FaultPoint {
    const places = new Map(this.#names.map((name, index) => [name, index * WIDTH]))
    return (point) => {
      const at = places.get(point)
      if (at === undefined || !this.#isOn(at)) return
      const seen = Atomics.add(this.#cells, at + SEEN, 1) + 1
      if (isDrawn({ point, seen, share: Atomics.load(this.#cells, at + SHARE) }, seed)) throw unavailable()
    }
  }

  #isOn(at: number): boolean {
    return Atomics.load(this.#cells, at + SHARE) > 0 && Atomics.load(this.#cells, at + UNTIL) * 1000 > Date.now()
  }

  #at(point: string): number {
    const index = this.#names.indexOf(point)
    if (index < 0) throw new RangeError(`There is no point "${point}".`)
    return index * WIDTH
  }
}
