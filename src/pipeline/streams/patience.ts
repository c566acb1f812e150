const RETRY_MIN_MS = 250
const RETRY_MAX_MS = 5_000
/** So long must it go well before a trouble is over: what connects and crashes again and again is no use. */
const CALM_MS = 10_000

/** How long to wait before the next attempt, and when to give up. */
export class Patience {
  readonly #waitMs: number
  #troubledAt: number | undefined
  #lastTroubleAt = 0
  #retryMs = RETRY_MIN_MS

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /** Milliseconds until the next attempt; undefined when trouble has lasted too long. */
  next(): number | undefined {
    const now = performance.now()
    this.#lastTroubleAt = now
    this.#troubledAt ??= now
    if (now - this.#troubledAt >= this.#waitMs) return undefined
    const retryMs = this.#retryMs
    this.#retryMs = Math.min(RETRY_MAX_MS, retryMs * 2)
    return retryMs
  }

  /** Something went well. */
  calm(): void {
    if (performance.now() - this.#lastTroubleAt < CALM_MS) return
    this.#troubledAt = undefined
    this.#retryMs = RETRY_MIN_MS
  }
}
