/** Tells whether anything was committed to an SQLite file, by any connection of any process. */
import { statSync } from 'node:fs'
import type { CommitWatch } from './driver.js'
import { openSqlite, type SqliteHandle, type SqliteOptions } from './sqlite-handle.js'

/**
 * `PRAGMA data_version` is another number after each commit of another connection; this one never writes, so all of
 * them are others. The number means nothing to any other connection.
 */
export class SqliteWatch implements CommitWatch {
  readonly isShared = false
  readonly #file: string
  readonly #node: string
  readonly #handle: SqliteHandle

  private constructor(file: string, node: string, handle: SqliteHandle) {
    this.#file = file
    this.#node = node
    this.#handle = handle
  }

  static async open(options: SqliteOptions): Promise<SqliteWatch> {
    const handle = await openSqlite({ ...options, readonly: true, fileMustExist: true })
    return new SqliteWatch(options.database, nodeOf(options.database), handle)
  }

  async version(): Promise<string> {
    // The handle stays with its file when another one takes the name.
    if (nodeOf(this.#file) !== this.#node) throw new Error(`"${this.#file}" is another file now.`)
    const [row] = await this.#handle.all('SELECT data_version AS version FROM pragma_data_version', [])
    return `${this.#node} ${String(row?.['version'])}`
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

function nodeOf(file: string): string {
  const { dev, ino, birthtimeMs } = statSync(file)
  return `${dev} ${ino} ${birthtimeMs}`
}
