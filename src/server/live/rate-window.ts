const WINDOW_MS = 3_000

interface Sample {
  readonly atMs: number
  readonly totals: ReadonlyMap<string, number>
}

/** Rates over the last seconds: what is written in large chunks comes in steps. */
export class RateWindow {
  readonly #totals = new Map<string, number>()
  readonly #samples: Sample[] = []

  add(name: string, count: number): void {
    this.#totals.set(name, (this.#totals.get(name) ?? 0) + count)
  }

  /** For each name how many have come in a second of late; takes the next sample. */
  sample(atMs: number): Readonly<Record<string, number>> {
    this.#samples.push({ atMs, totals: new Map(this.#totals) })
    while ((this.#samples[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) this.#samples.shift()
    const [first] = this.#samples
    const seconds = first === undefined ? 0 : (atMs - first.atMs) / 1000
    const rates: Record<string, number> = {}
    for (const [name, total] of this.#totals) {
      const since = total - (first?.totals.get(name) ?? 0)
      if (since > 0 && seconds > 0) rates[name] = Math.round(since / seconds)
    }
    return rates
  }

  clear(): void {
    this.#totals.clear()
    this.#samples.length = 0
  }
}
