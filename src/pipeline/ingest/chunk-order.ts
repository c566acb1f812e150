/**
 * The order in which chunks are written: in each database as they stand in their files, whatever thread has read them.
 * So a value that two records share goes to the earlier one, however many threads there are.
 *
 * A chunk has two turns in a database: one for its rows, one for its commit. So its lines and its commit go along with
 * the rows of the next chunk, which waits in the database itself where the two meet.
 *
 * 1. A chunk writes its rows when all before it have written theirs, and commits when all before it have committed.
 * 2. A chunk that fails after its turn for rows takes the turn back: the generation changes, and the chunks after it
 *    that have written rows since roll back and wait again. So no row comes before one of an earlier chunk.
 */
const WAKE_MS = 500

/** A database that is left out for now: every chunk passes it. */
const PASSED = 2_147_483_647

/** Thrown when an earlier chunk has taken its turn back: what was written since is to be rolled back and done again. */
export class TurnLost extends Error {}

export class ChunkOrder {
  /** For each database the number of the next chunk that may write rows. */
  readonly #rows: Int32Array
  /** For each database the number of the next chunk that may commit. */
  readonly #commits: Int32Array
  /** For each database how often a turn was taken back. */
  readonly #generations: Int32Array

  constructor(buffer: SharedArrayBuffer) {
    const all = new Int32Array(buffer)
    const databases = all.length / 3
    this.#rows = all.subarray(0, databases)
    this.#commits = all.subarray(databases, 2 * databases)
    this.#generations = all.subarray(2 * databases)
  }

  static bufferFor(databases: number): SharedArrayBuffer {
    return new SharedArrayBuffer(3 * databases * Int32Array.BYTES_PER_ELEMENT)
  }

  /** The turns of a chunk in a database. `mayGoOn` throws to end a wait. */
  turnOf(database: number, sequence: number, options: TurnOptions): ChunkTurn {
    const cells = { rows: this.#rows, commits: this.#commits, generations: this.#generations }
    return new ChunkTurn(cells, { database, sequence }, options)
  }

  /** Leaves a database out: its chunks are written later. */
  leaveOut(database: number): void {
    this.restart(database, PASSED)
  }

  /** Takes a database in again, from that chunk on. */
  restart(database: number, sequence: number): void {
    for (const cells of [this.#rows, this.#commits]) {
      Atomics.store(cells, database, sequence)
      Atomics.notify(cells, database)
    }
  }
}

interface Cells {
  readonly rows: Int32Array
  readonly commits: Int32Array
  readonly generations: Int32Array
}

interface ChunkPlace {
  readonly database: number
  readonly sequence: number
}

export interface TurnOptions {
  readonly mayGoOn: () => Promise<void>
  /** Where one connection at a time can write, the next chunk waits for the commit. */
  readonly hasOneWriter: boolean
}

/** The turns of one chunk in one database, over all its attempts. */
export class ChunkTurn {
  readonly #cells: Cells
  readonly #place: ChunkPlace
  readonly #options: TurnOptions
  #generation = 0

  constructor(cells: Cells, place: ChunkPlace, options: TurnOptions) {
    this.#cells = cells
    this.#place = place
    this.#options = options
  }

  /** Waits until the chunk may write its rows; false when the database is left out. */
  async rows(): Promise<boolean> {
    const { database, sequence } = this.#place
    const { rows, generations } = this.#cells
    // An attempt before this one may have gone further.
    this.takeBack()
    for (;;) {
      // Asked first: who takes a turn back changes it last.
      this.#generation = Atomics.load(generations, database)
      const next = Atomics.load(rows, database)
      if (next === PASSED) return false
      if (next >= sequence) return true
      await this.#wait(rows, next)
    }
  }

  /** Whether the database is left out for now. */
  get isLeftOut(): boolean {
    return Atomics.load(this.#cells.rows, this.#place.database) === PASSED
  }

  /** Lets the next chunk write its rows. */
  rowsWritten(): void {
    if (!this.#options.hasOneWriter && !this.#isLost) this.#pass(this.#cells.rows)
  }

  /** Waits until the chunk may commit. @throws TurnLost */
  async commit(): Promise<void> {
    const { database, sequence } = this.#place
    const { commits } = this.#cells
    for (;;) {
      const next = Atomics.load(commits, database)
      if (this.#isLost || next === PASSED) throw new TurnLost()
      if (next >= sequence) return
      await this.#wait(commits, next)
    }
  }

  /** Ends both turns, the later one first: who is let in by the other may be through at once. Not before `commit`. */
  done(): void {
    this.#pass(this.#cells.commits)
    this.#pass(this.#cells.rows)
  }

  /** Takes both turns with nothing to write. */
  async skip(): Promise<void> {
    while (await this.rows()) {
      this.rowsWritten()
      try {
        await this.commit()
        return this.done()
      } catch (error) {
        if (!(error instanceof TurnLost)) throw error
      }
    }
  }

  /** After a failure: those that have come after this chunk are to wait for it again. */
  takeBack(): void {
    const { database, sequence } = this.#place
    const { rows, commits, generations } = this.#cells
    for (;;) {
      const next = Atomics.load(rows, database)
      if (next <= sequence || next === PASSED) return
      if (Atomics.compareExchange(rows, database, next, sequence) === next) break
    }
    Atomics.add(generations, database, 1)
    Atomics.notify(commits, database)
  }

  get #isLost(): boolean {
    return Atomics.load(this.#cells.generations, this.#place.database) !== this.#generation
  }

  #pass(cells: Int32Array): void {
    const { database, sequence } = this.#place
    if (Atomics.compareExchange(cells, database, sequence, sequence + 1) !== sequence) return
    Atomics.notify(cells, database)
  }

  async #wait(cells: Int32Array, value: number): Promise<void> {
    await Atomics.waitAsync(cells, this.#place.database, value, WAKE_MS).value
    await this.#options.mayGoOn()
  }
}
