/** The figures of many measured values, in bounded memory. */

/** Values that are kept for percentiles: 8 bytes each. */
const KEPT_MAX = 500_000
const FIRST_ROOM = 1_024

/** What is told of measured values. A percentile is the lowest value that so many are not above: one that was measured. */
export interface Summary {
  readonly count: number
  readonly average: number
  readonly min: number
  readonly max: number
  readonly p50: number
  readonly p95: number
}

/** Finds the value at a place, from 0, of all that were added, in ascending order. */
export type ReadRank = (rank: number) => Promise<number>

/**
 * Takes values one by one. Percentiles are exact: values are kept up to a limit, and of more than that somebody else,
 * who has them all, is asked for the two that are wanted.
 */
export class MeasuredValues {
  readonly #keptMax: number
  #kept: Float64Array | undefined = new Float64Array(FIRST_ROOM)
  #count = 0
  #sum = 0
  /** What the sum has lost by rounding (Neumaier): the average depends on no order that matters. */
  #lost = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  constructor(keptMax = KEPT_MAX) {
    this.#keptMax = keptMax
  }

  get count(): number {
    return this.#count
  }

  add(value: number): void {
    const sum = this.#sum + value
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum
    this.#sum = sum
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    this.#keep(value)
    this.#count += 1
  }

  /** The figures of at least one value. */
  async summary(readRank: ReadRank): Promise<Summary> {
    const sorted = this.#kept?.subarray(0, this.#count).toSorted()
    const percentile = async (share: number) => {
      const rank = Math.max(0, Math.ceil(share * this.#count) - 1)
      return sorted === undefined ? readRank(rank) : (sorted[rank] ?? Number.NaN)
    }
    return {
      count: this.#count,
      average: this.#average(),
      min: this.#min,
      max: this.#max,
      p50: await percentile(0.5),
      p95: await percentile(0.95),
    }
  }

  /** Values near the largest double add up to infinity, though their average is none. */
  #average(): number {
    const average = (this.#sum + this.#lost) / this.#count
    return Number.isFinite(average) ? Math.min(this.#max, Math.max(this.#min, average)) : this.#min / 2 + this.#max / 2
  }

  #keep(value: number): void {
    if (this.#kept === undefined) return
    if (this.#count >= this.#keptMax) {
      this.#kept = undefined
      return
    }
    if (this.#count === this.#kept.length) {
      const larger = new Float64Array(Math.min(this.#keptMax, this.#kept.length * 2))
      larger.set(this.#kept)
      this.#kept = larger
    }
    this.#kept[this.#count] = value
  }
}
