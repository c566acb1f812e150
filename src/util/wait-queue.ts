/** Waiters that are served one after the other, first come first served, each for a limited time. */
export class WaitQueue<T> {
  readonly #waiters: { resolve: (value: T) => void; timer: NodeJS.Timeout | undefined }[] = []

  get length(): number {
    return this.#waiters.length
  }

  /** Resolves with what {@link serve} hands over, or rejects with `late()` after `limitMs`. */
  wait(limitMs: number, late: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, timer: undefined as NodeJS.Timeout | undefined }
      waiter.timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
        reject(late())
      }, limitMs)
      this.#waiters.push(waiter)
    })
  }

  /** Hands `value` to the one that has waited longest; false when nobody waits. */
  serve(value: T): boolean {
    const waiter = this.#waiters.shift()
    if (waiter === undefined) return false
    clearTimeout(waiter.timer)
    waiter.resolve(value)
    return true
  }
}
