/**
 * The connections of this process to one SQLite file.
 *
 * 1. A unit of work has a connection to itself from its first statement to its end.
 * 2. At most one of them writes: writers queue here, first come first served, before they touch the file.
 * 3. A writer waits for its turn before it takes a connection, so waiting writers never starve readers of them.
 */
import type { QueryRunner } from 'typeorm'
import { ShardyardError } from '../errors.js'
import { WaitQueue } from '../util/wait-queue.js'
import { WaitSign } from './wait-sign.js'
import { busyError, openSqlite, type SqliteHandle, type SqliteOptions } from './sqlite-handle.js'

export type Release = () => void

/** The part of TypeORM's logger that is told of statements which do not pass through TypeORM. */
export interface StatementLogger {
  logQuery(sql: string, parameters?: unknown[], runner?: QueryRunner): unknown
}

export class SqlitePool {
  readonly options: SqliteOptions
  readonly logger: StatementLogger
  /** By which loads see that somebody waits here. */
  readonly sign: WaitSign
  readonly #sizeMax: number
  readonly #free: SqliteHandle[] = []
  readonly #all = new Set<SqliteHandle>()
  readonly #connectionWaiters = new WaitQueue<SqliteHandle | undefined>()
  readonly #writers = new WaitQueue<void>()
  #opening = 0
  #isWriting = false
  #isClosed = false

  constructor(options: SqliteOptions, sizeMax: number, logger: StatementLogger) {
    this.options = options
    this.logger = logger
    this.sign = new WaitSign(options.database)
    // Every connection to `:memory:` would be a database of its own.
    this.#sizeMax = options.database === ':memory:' ? 1 : sizeMax
  }

  /** Makes a pool usable that was closed, as it is after an opening that failed. */
  reopen(): void {
    this.#isClosed = false
  }

  /** A connection that lies idle, for the caller alone; undefined when there is none. */
  acquireIdle(): SqliteHandle | undefined {
    this.#requireOpen()
    return this.#free.pop()
  }

  /** A connection for the caller alone, until {@link giveBack}. */
  async acquire(): Promise<SqliteHandle> {
    this.#requireOpen()
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#all.size + this.#opening < this.#sizeMax) return this.#open()
    const served = await this.#connectionWaiters.wait(this.options.waitMs, () => this.#late())
    return served ?? this.acquire()
  }

  giveBack(handle: SqliteHandle): void {
    if (this.#isClosed || handle.isInTransaction() === true) return this.discard(handle)
    if (!this.#connectionWaiters.serve(handle)) this.#free.push(handle)
  }

  /** Closes a connection whose settings are no longer those of the others. */
  discard(handle: SqliteHandle): void {
    if (this.options.database === ':memory:' && !this.#isClosed) {
      if (handle.isInTransaction() === true) void handle.exec('ROLLBACK')
      if (!this.#connectionWaiters.serve(handle)) this.#free.push(handle)
      return
    }
    // Closing the pool has closed it already.
    if (!this.#all.delete(handle)) return
    void handle.close()
    this.#connectionWaiters.serve(undefined)
  }

  /** Waits for the turn to write; the answer ends it. */
  async lockForWriting(): Promise<Release> {
    if (this.#isWriting) await this.#writers.wait(this.options.waitMs, () => this.#late())
    this.#isWriting = true
    let isReleased = false
    const release = () => {
      if (isReleased) return
      isReleased = true
      if (!this.#writers.serve()) this.#isWriting = false
    }
    if (this.#isClosed) {
      release()
      this.#requireOpen()
    }
    return release
  }

  /** Prepared statements remember the schema they were made for. */
  forgetStatements(): void {
    for (const handle of this.#all) handle.statements.clear()
  }

  /** Closes every connection, also those in use: what they have not committed is rolled back. Who waits is refused. */
  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#connectionWaiters.serve(undefined)) continue
    while (this.#writers.length > 0) this.#writers.serve()
    const handles = [...this.#all]
    this.#all.clear()
    this.#free.length = 0
    await Promise.all(handles.map(async (handle) => handle.close()))
    this.sign.remove()
  }

  async #open(): Promise<SqliteHandle> {
    this.#opening += 1
    try {
      const handle = await openSqlite(this.options)
      this.#all.add(handle)
      if (this.#isClosed) this.discard(handle)
      this.#requireOpen()
      return handle
    } finally {
      this.#opening -= 1
    }
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new ShardyardError('SY_CLUSTER_CLOSED', `"${this.options.database}" is closed.`)
  }

  #late(): Error {
    return busyError(this.options.database, this.options.waitMs)
  }
}
