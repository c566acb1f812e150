import { reportFailed } from '../report-failed.js'
import type { Row, Table } from '../report-model.js'
import type { WriterOptions } from './report-writer.js'

const TELL_EVERY = 1_000

/** Goes through the rows of the tables that a format writes, no faster than they are written. */
export class RowReader {
  #rows = 0

  constructor(private readonly options: Pick<WriterOptions, 'signal' | 'onRows'>) {}

  /** Calls `write` with each row, in order; waits whenever `output` is behind. */
  async each(
    table: Table,
    output: { readonly isWaiting: boolean; flush(): Promise<void> },
    write: (row: Row) => void,
  ): Promise<void> {
    const first = this.#rows
    const take = (row: Row) => {
      if (row.length !== table.columns.length) throw unevenRow(table, row, this.#rows - first + 1)
      write(row)
      this.#rows += 1
      if (this.#rows % TELL_EVERY === 0) this.#tell()
    }
    // A list is not awaited row by row: that would cost more than most formats do.
    if (Symbol.iterator in table.rows) {
      for (const row of table.rows) {
        take(row)
        if (output.isWaiting) await output.flush()
      }
    } else {
      for await (const row of table.rows) {
        take(row)
        if (output.isWaiting) await output.flush()
      }
    }
    this.#tell()
  }

  #tell(): void {
    this.options.signal.throwIfAborted()
    this.options.onRows(this.#rows)
  }
}

function unevenRow({ name, columns }: Table, row: Row, number: number): Error {
  return reportFailed(`Row ${number} of the table "${name}" has ${row.length} cells for ${columns.length} columns.`)
}
