/** The rows of a table that a format for people shows: streamed, at most `shownMax`, and what is said of the rest. */
import { formatCount } from '../look/print-value.js'
import type { Row, Table } from '../report-model.js'

/** Rows that are looked at before the columns of a table get their widths. */
const SAMPLE_ROWS = 50
const REPORTED_ROWS = 500

/** Counts the rows of a whole report. */
export class RowCount {
  rows = 0

  constructor(private readonly onRows: (rows: number) => void) {}

  add(): void {
    this.rows += 1
    if (this.rows % REPORTED_ROWS === 0) this.onRows(this.rows)
  }

  end(): void {
    this.onRows(this.rows)
  }
}

/** The rows of one table, gone through once. Whoever opens it closes it. */
export class ShownRows {
  /** The first rows; `all` begins with them too. */
  sample: readonly Row[] = []
  /** How many `all` has given. */
  shown = 0
  #isCut = false
  readonly #max: number

  private constructor(
    private readonly table: Table,
    private readonly reader: Iterator<Row> | AsyncIterator<Row>,
    private readonly signal: AbortSignal,
  ) {
    this.#max = table.shownMax ?? Number.POSITIVE_INFINITY
  }

  static async open(table: Table, signal: AbortSignal): Promise<ShownRows> {
    const { rows } = table
    const reader =
      table.shownMax === 0
        ? [].values()
        : Symbol.asyncIterator in rows
          ? rows[Symbol.asyncIterator]()
          : rows[Symbol.iterator]()
    const shown = new ShownRows(table, reader, signal)
    try {
      shown.sample = await shown.#takeSample()
    } catch (error) {
      await shown.close()
      throw error
    }
    return shown
  }

  async *all(): AsyncGenerator<Row> {
    for (const row of this.sample) {
      this.shown += 1
      yield row
    }
    while (this.shown < this.#max) {
      this.signal.throwIfAborted()
      const next = await this.reader.next()
      if (next.done === true) return
      this.shown += 1
      yield next.value
    }
    // Where nobody has counted, one row more tells whether there are others.
    if (this.#max > 0 && this.table.rowCount === undefined) this.#isCut = (await this.reader.next()).done !== true
  }

  /** Whether there is nothing to show, and nothing that is not shown. */
  get isEmpty(): boolean {
    return this.sample.length === 0 && (this.table.rowCount ?? 0) === 0 && this.#max > 0
  }

  /** What is not shown, as a sentence; known once `all` has ended. */
  note(): string | undefined {
    const { rowCount, whenCut } = this.table
    const remedy = whenCut === undefined || this.shown < this.#max ? '' : `; ${whenCut}`
    if (rowCount !== undefined && this.shown < rowCount)
      return `${formatCount(this.shown)} of ${formatCount(rowCount)} rows shown${remedy}.`
    if (rowCount === undefined && this.#max === 0) return `No rows shown${remedy}.`
    return this.#isCut ? `The first ${formatCount(this.shown)} rows are shown; there are more${remedy}.` : undefined
  }

  async close(): Promise<void> {
    await this.reader.return?.()
  }

  async #takeSample(): Promise<Row[]> {
    const rows: Row[] = []
    while (rows.length < Math.min(SAMPLE_ROWS, this.#max)) {
      this.signal.throwIfAborted()
      const next = await this.reader.next()
      if (next.done === true) break
      rows.push(next.value)
    }
    return rows
  }
}
