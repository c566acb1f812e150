/**
 * The part of a load that goes to one database: a connection, a transaction, and the rows of the next batch.
 *
 * 1. One batch is on its way while the next one is readied; it is sent when the one before has been written.
 * 2. Nothing is committed, and nothing more is sent, after a batch has failed.
 */
import type { EntityMetadata } from 'typeorm'
import type { SendRows, Connection } from '../../drivers/driver.js'
import { ShardyardError } from '../../errors.js'
import type { Database } from '../database.js'
import type { ResolvedBulkLoadOptions } from './bulk-load-options.js'
import { numberedKeyOf, RowBatches, type RowBatch } from './row-batches.js'
import type { RowCheck } from './row-check.js'

type RowObject = Record<string, unknown>

export interface LoadTargetOptions extends ResolvedBulkLoadOptions {
  readonly check: RowCheck | undefined
  /** True when the load is to end soon: it was aborted, or the cluster is closed. */
  readonly isEnding: () => boolean
}

/** Which rows of the load a batch has. */
interface Range {
  readonly first: number
  readonly last: number
  readonly count: number
}

/** How long a statement or a lock is waited for, and how long when the load is to end. */
const WAIT_MS = 60_000
const ENDING_WAIT_MS = 1_000

export class LoadTarget {
  /** Rows that were added, written and committed so far. */
  rows = 0
  written = 0
  committed = 0
  readonly #database: Database
  readonly #metadata: EntityMetadata
  readonly #options: LoadTargetOptions
  readonly #batches: RowBatches
  readonly #batch: RowObject[] = []
  readonly #numbers: number[] = []
  #last = 0
  #connection: Connection | undefined
  #underWay: Promise<void> | undefined
  #isOpen = false
  #isCommitting = false
  #hasGivenIds = false
  /** Rows of the open transaction. */
  #pending = 0

  constructor(database: Database, metadata: EntityMetadata, options: LoadTargetOptions) {
    this.#database = database
    this.#metadata = metadata
    this.#options = options
    this.#batches = new RowBatches(metadata, options)
  }

  /** Keeps a row; true when it is time to write. */
  add(row: RowObject, number: number): boolean {
    const { check, batchRows, commitEvery } = this.#options
    this.rows += 1
    this.#batch.push(row)
    this.#last = number
    if (check !== undefined || this.#numbers.length === 0) this.#numbers.push(number)
    return this.#batch.length >= Math.min(batchRows, commitEvery - this.#pending)
  }

  /** Sends the rows that were added, and commits when a transaction is full; answers how many it sent. */
  async write(): Promise<number> {
    const rows = this.#batch.splice(0)
    const numbers = this.#numbers.splice(0)
    if (rows.length === 0) return 0
    const range = { first: numbers[0] ?? 0, last: this.#last, count: rows.length }
    await this.#options.check?.require(rows, numbers)
    const connection = await this.#begin()
    try {
      for (const batch of this.#batches.of(rows)) {
        const send = connection.prepareInsert(batch.rows)
        await this.settle()
        this.#underWay = this.#take(send, batch, range)
        // Whoever settles it hears of the error; until then it is no unhandled one.
        this.#underWay.catch(() => undefined)
      }
    } catch (error) {
      throw this.#explained(error, range)
    }
    this.#pending += rows.length
    if (this.#pending >= this.#options.commitEvery) await this.#commit()
    return rows.length
  }

  /** Waits for the batch that is on its way. */
  async settle(): Promise<void> {
    const underWay = this.#underWay
    this.#underWay = undefined
    await underWay
  }

  async commit(): Promise<void> {
    if (this.#isOpen) await this.#commit()
    await this.#connection?.flush()
  }

  async rollback(): Promise<void> {
    this.#isOpen = false
    await this.settle().catch(() => undefined)
    await this.#connection?.rollback()
  }

  async close(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    await connection?.close()
  }

  async #take(send: SendRows, { rows, from }: RowBatch, range: Range): Promise<void> {
    try {
      const { written, ids } = await send()
      this.written += written
      const [key] = this.#metadata.primaryColumns
      for (const [index, id] of ids.entries()) {
        const row = from[index]
        if (row !== undefined) key?.setEntityValue(row, id)
      }
    } catch (error) {
      throw this.#explained(error, range)
    }
    const key = numberedKeyOf(this.#metadata)
    if (key !== undefined && rows.columns.includes(key)) this.#hasGivenIds = true
  }

  async #begin(): Promise<Connection> {
    const { driver, dataSource } = this.#database
    const waitMs = () => (this.#options.isEnding() && !this.#isCommitting ? ENDING_WAIT_MS : WAIT_MS)
    try {
      this.#connection ??= await driver.connect(driver.connectionSpec(dataSource.options), waitMs, {
        isLoad: true,
      })
      if (!this.#isOpen) await this.#connection.begin()
    } catch (cause) {
      throw this.#down(cause)
    }
    this.#isOpen = true
    return this.#connection
  }

  async #commit(): Promise<void> {
    await this.settle()
    const connection = await this.#begin()
    await this.#continueIds(connection)
    this.#isOpen = false
    // Once asked, the answer is waited for: without it nobody knows what is stored.
    this.#isCommitting = true
    try {
      await connection.commit()
    } catch (cause) {
      if (cause instanceof ShardyardError || this.#database.driver.faultOf(cause).kind !== 'unavailable') throw cause
      throw new ShardyardError(
        'SY_COMMIT_UNKNOWN',
        `The connection to "${this.#database.name}" was lost during COMMIT; whether its last ${this.#pending} rows are stored is not known.`,
        { cause, details: { database: this.#database.name, rows: this.#pending } },
      )
    } finally {
      this.#isCommitting = false
    }
    this.committed += this.#pending
    this.#pending = 0
  }

  /** Given ids do not move the sequence of every engine. Before the commit: no row is stored that a next id meets. */
  async #continueIds(connection: Connection): Promise<void> {
    const key = numberedKeyOf(this.#metadata)
    if (key === undefined || !this.#hasGivenIds) return
    try {
      await this.#database.driver.continueIds(connection, this.#metadata.tableName, key)
    } catch (error) {
      throw this.#database.driver.faultOf(error).kind === 'unavailable' ? this.#down(error) : error
    }
    this.#hasGivenIds = false
  }

  #explained(error: unknown, { first, last, count }: Range): unknown {
    if (error instanceof ShardyardError) return error
    const { driver, name } = this.#database
    if (driver.faultOf(error).kind === 'unavailable') return this.#down(error)
    const where = `${first === last ? `Row ${first}` : `Rows ${first} to ${last}`} of the load went to "${name}".`
    const table = driver.dialect.quote(this.#metadata.tableName)
    const translated = this.#database.translated(error, `INSERT INTO ${table} `, undefined)
    const details = { database: name, first, last, count }
    if (translated instanceof ShardyardError) {
      const { code, message, cause } = translated
      return new ShardyardError(code, `${message}. ${where}`, { cause, details: { ...translated.details, ...details } })
    }
    return new ShardyardError('SY_LOAD_FAILED', `The load failed: ${messageOf(error)}. ${where}`, {
      cause: error,
      details,
    })
  }

  #down(cause: unknown): unknown {
    if (cause instanceof ShardyardError) return cause
    const { name, address } = this.#database
    return new ShardyardError(
      'SY_DATABASE_DOWN',
      `Database "${name}" (${address}) failed during the load: ${messageOf(cause)}.`,
      { cause, details: { database: name } },
    )
  }
}

/** What an error says; a refused connection of Node says it only in its parts. */
export function messageOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined
  const inner = first ?? error
  return inner instanceof Error ? inner.message.replace(/\.$/, '') : String(inner)
}
