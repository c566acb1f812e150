/**
 * Turns to write among the threads of one process, for engines with one writer a file: a thread that ends its turn
 * wakes the next one at once, where asking SQLite again and again would waste the time in between.
 */
const WAKE_MS = 1_000

export class WriterTurns {
  /** For each database the number of the thread whose turn it is, or 0. */
  readonly #holders: Int32Array

  constructor(buffer: SharedArrayBuffer) {
    this.#holders = new Int32Array(buffer)
  }

  static bufferFor(databases: number): SharedArrayBuffer {
    return new SharedArrayBuffer(Math.max(1, databases) * Int32Array.BYTES_PER_ELEMENT)
  }

  async take(database: number, thread: number): Promise<void> {
    for (;;) {
      const holder = Atomics.compareExchange(this.#holders, database, 0, thread)
      if (holder === 0 || holder === thread) return
      // Woken by `end`; the limit only guards against a thread that died between two steps.
      await Atomics.waitAsync(this.#holders, database, holder, WAKE_MS).value
    }
  }

  /** Ends the thread's turn; nothing happens when it has none. */
  end(database: number, thread: number): void {
    if (Atomics.compareExchange(this.#holders, database, thread, 0) === thread)
      Atomics.notify(this.#holders, database, 1)
  }

  /** Ends every turn of a thread that has died. */
  endAll(thread: number): void {
    for (let database = 0; database < this.#holders.length; database++) this.end(database, thread)
  }
}
