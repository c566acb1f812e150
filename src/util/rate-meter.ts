const WINDOW_MS = 5_000

/** How fast a count grows, over the last seconds. */
export class RateMeter {
  readonly #seen: { readonly atMs: number; readonly count: number }[] = []

  /** Takes the count at a moment; answers its growth per second, undefined while there is nothing to tell it by. */
  at(count: number, atMs = performance.now()): number | undefined {
    this.#seen.push({ atMs, count })
    // One that is older than the window stays, so that there is always something to compare with.
    while ((this.#seen[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) this.#seen.shift()
    const first = this.#seen[0]
    if (first === undefined || atMs <= first.atMs) return undefined
    return ((count - first.count) / (atMs - first.atMs)) * 1_000
  }
}
