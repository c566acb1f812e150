/**
 * The order in which chunks are written: in each database one after the other, as they stand in their files, whatever
 * thread has read them. So a value that two records share goes to the earlier one, however many threads there are.
 */
const WAKE_MS = 500

/** A database that is left out for now: every chunk passes it. */
const PASSED = 2_147_483_647

export class ChunkOrder {
  /** For each database the number of the next chunk. */
  readonly #next: Int32Array

  constructor(buffer: SharedArrayBuffer) {
    this.#next = new Int32Array(buffer)
  }

  static bufferFor(databases: number, first: number): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer(databases * Int32Array.BYTES_PER_ELEMENT)
    new Int32Array(buffer).fill(first)
    return buffer
  }

  /** Waits until it is the chunk's turn; false when the database is left out. `mayGoOn` throws to end the wait. */
  async take(database: number, sequence: number, mayGoOn: () => Promise<void>): Promise<boolean> {
    for (;;) {
      const next = Atomics.load(this.#next, database)
      if (next === PASSED) return false
      if (next >= sequence) return true
      await Atomics.waitAsync(this.#next, database, next, WAKE_MS).value
      await mayGoOn()
    }
  }

  /** Ends the chunk's turn, also when it had nothing for the database. */
  pass(database: number, sequence: number): void {
    if (Atomics.compareExchange(this.#next, database, sequence, sequence + 1) !== sequence) return
    Atomics.notify(this.#next, database)
  }

  /** Leaves a database out: its chunks are written later. */
  leaveOut(database: number): void {
    Atomics.store(this.#next, database, PASSED)
    Atomics.notify(this.#next, database)
  }

  isLeftOut(database: number): boolean {
    return Atomics.load(this.#next, database) === PASSED
  }

  /** Takes a database in again, from that chunk on. */
  restart(database: number, sequence: number): void {
    Atomics.store(this.#next, database, sequence)
    Atomics.notify(this.#next, database)
  }
}
