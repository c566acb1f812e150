/**
 * Latencies counted by value, rounded to three digits: exact enough for a percentile, small enough to keep for a
 * million, and the sum of two counts is the count of both.
 */
export class LatencyCounts {
  readonly #times = new Map<number, number>()

  constructor(entries: Iterable<readonly [us: number, times: number]> = []) {
    for (const [us, times] of entries) this.add(us, times)
  }

  add(us: number, times = 1): void {
    const rounded = threeDigits(us)
    this.#times.set(rounded, (this.#times.get(rounded) ?? 0) + times)
  }

  /** Ascending by latency. */
  entries(): [us: number, times: number][] {
    return [...this.#times].toSorted(([a], [b]) => a - b)
  }

  /** What was counted since the last call. */
  take(): [us: number, times: number][] {
    const entries = this.entries()
    this.#times.clear()
    return entries
  }

  /** The latency below which the share `q` (0 to 1) lies, in microseconds; 0 when nothing was counted. */
  quantile(q: number): number {
    const entries = this.entries()
    const total = entries.reduce((sum, [, times]) => sum + times, 0)
    let seen = 0
    for (const [us, times] of entries) {
      seen += times
      if (seen >= q * total) return us
    }
    return 0
  }

  /** How many lie in each bucket, the last one being open. */
  histogram(upToUs: readonly number[]): number[] {
    const counts = upToUs.map(() => 0)
    for (const [us, times] of this.#times) {
      const bucket = upToUs.findIndex((limit) => us <= limit)
      const index = bucket < 0 ? counts.length - 1 : bucket
      counts[index] = (counts[index] ?? 0) + times
    }
    return counts
  }
}

function threeDigits(us: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, us))) - 2)
  return Math.round(us / unit) * unit
}
