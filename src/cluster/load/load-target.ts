/** The part of a load that goes to one database: a connection, a transaction, and the rows of the next batch. */
import type { EntityMetadata } from 'typeorm'
import type { BulkRows, Conflict, Connection } from '../../drivers/driver.js'
import { ShardyardError } from '../../errors.js'
import type { Database } from '../database.js'
import { optionError, type ResolvedBulkLoadOptions } from './bulk-load-options.js'
import { columnWriters, type ColumnWriter } from './column-writer.js'
import type { RowCheck } from './row-check.js'

type RowObject = Record<string, unknown>

/** How long a statement or a lock is waited for. */
const WAIT_MS = 60_000
/** Whole numbers are exact up to so many bits. */
const BITS = 53

export class LoadTarget {
  /** Rows that were added, written and committed so far. */
  rows = 0
  written = 0
  committed = 0
  readonly #database: Database
  readonly #metadata: EntityMetadata
  readonly #options: ResolvedBulkLoadOptions & { readonly check: RowCheck | undefined }
  readonly #columns: readonly ColumnWriter[]
  readonly #batch: RowObject[] = []
  readonly #numbers: number[] = []
  #conflict: Conflict | undefined
  #connection: Connection | undefined
  #isOpen = false
  /** Rows of the open transaction. */
  #pending = 0

  constructor(
    database: Database,
    metadata: EntityMetadata,
    options: ResolvedBulkLoadOptions & { readonly check: RowCheck | undefined },
  ) {
    this.#database = database
    this.#metadata = metadata
    this.#options = options
    this.#columns = columnWriters(metadata, options.onConflict === 'update' ? 'updated' : 'none')
  }

  /** Keeps a row; true when it is time to write. */
  add(row: RowObject, number: number): boolean {
    this.rows += 1
    this.#batch.push(row)
    if (this.#options.check !== undefined || this.#numbers.length === 0) this.#numbers.push(number)
    return this.#batch.length >= this.#options.batchRows
  }

  /** Writes the rows that were added, and commits when a transaction is full. */
  async write(): Promise<void> {
    const rows = this.#batch.splice(0)
    const numbers = this.#numbers.splice(0)
    if (rows.length === 0) return
    await this.#options.check?.require(rows, numbers)
    await this.#begin()
    for (const bulk of this.#shapes(rows)) {
      try {
        const { written, ids } = await this.#require().insert(bulk.rows)
        this.written += written
        for (const [index, id] of ids.entries()) {
          const row = bulk.from[index]
          const [key] = this.#metadata.primaryColumns
          if (row !== undefined) key?.setEntityValue(row, id)
        }
      } catch (error) {
        throw this.#explained(error, numbers[0] ?? 0, rows.length)
      }
    }
    this.#pending += rows.length
    if (this.#pending >= this.#options.commitEvery) await this.#commit()
  }

  async commit(): Promise<void> {
    if (this.#isOpen) await this.#commit()
    await this.#continueIds()
    await this.#connection?.flush()
  }

  async rollback(): Promise<void> {
    this.#isOpen = false
    await this.#connection?.rollback()
  }

  async close(): Promise<void> {
    await this.#connection?.close()
    this.#connection = undefined
  }

  /** Rows that give the same columns go in together, so that a column left out gets its default. */
  *#shapes(rows: readonly RowObject[]): Generator<{ readonly rows: BulkRows; readonly from: readonly RowObject[] }> {
    let values: unknown[] = []
    let from: RowObject[] = []
    let columns: ColumnWriter[] | undefined
    let shape: string | number = -1
    for (const row of rows) {
      const start = values.length
      const given = this.#append(row, values)
      if (given !== shape) {
        const added = values.splice(start)
        if (columns !== undefined) yield { rows: this.#bulk(columns, values), from }
        ;[values, from, shape] = [added, [], given]
        columns = this.#columns.filter((column) => column.valueOf(row) !== undefined)
      }
      from.push(row)
    }
    if (columns !== undefined) yield { rows: this.#bulk(columns, values), from }
  }

  /** Appends a row's values; answers which columns it gives: a bit for each, or text when there are too many. */
  #append(row: RowObject, values: unknown[]): number | string {
    const columns = this.#columns
    let [bits, text] = [0, '']
    for (let index = 0; index < columns.length; index++) {
      const value = columns[index]?.valueOf(row)
      if (value === undefined) continue
      values.push(value)
      if (columns.length <= BITS) bits += 2 ** index
      else text += `${index} `
    }
    return columns.length <= BITS ? bits : text
  }

  #bulk(columns: readonly ColumnWriter[], values: readonly unknown[]): BulkRows {
    const numbered = this.#options.assignIds ? this.#generatedKey(columns) : undefined
    return {
      table: this.#metadata.tableName,
      columns: columns.map(({ name }) => name),
      values,
      ...(this.#options.onConflict === 'error' ? {} : { conflict: this.#conflictOf(columns) }),
      ...(numbered === undefined ? {} : { numbered }),
    }
  }

  /** The key that the database numbers, unless the rows give it. */
  #generatedKey(columns: readonly ColumnWriter[]): string | undefined {
    const [key] = this.#metadata.primaryColumns
    if (key?.generationStrategy !== 'increment') return undefined
    return columns.some(({ metadata }) => metadata === key) ? undefined : key.databaseName
  }

  #conflictOf(columns: readonly ColumnWriter[]): Conflict {
    if (this.#options.onConflict === 'ignore') return { do: 'ignore' }
    this.#conflict ??= { do: 'update', key: this.#keyColumns(columns), columns: [] }
    const { key } = this.#conflict as Extract<Conflict, { do: 'update' }>
    const written = columns.filter(
      ({ name, metadata }) => !key.includes(name) && !metadata.isPrimary && !metadata.isCreateDate,
    )
    return { do: 'update', key, columns: written.map(({ name }) => name) }
  }

  #keyColumns(columns: readonly ColumnWriter[]): readonly string[] {
    const { conflictKey } = this.#options
    if (conflictKey !== undefined) return (conflictKey as readonly string[]).map((property) => this.#columnOf(property))
    const { primaryColumns, indices, uniques, name } = this.#metadata
    const isGiven = primaryColumns.every((key) => columns.some(({ metadata }) => metadata === key))
    if (isGiven) return primaryColumns.map((key) => key.databaseName)
    const keys = [...uniques, ...indices.filter((index) => index.isUnique)].map((unique) => unique.columns)
    if (keys.length === 1) return (keys[0] ?? []).map((key) => key.databaseName)
    throw optionError(
      'conflictKey',
      `Say by which properties onConflict: 'update' finds a stored ${name}: conflictKey: ['…']. ` +
        `Without its id there ${keys.length === 0 ? 'is no unique key' : `are ${keys.length} unique keys`}.`,
    )
  }

  #columnOf(property: string): string {
    const column = this.#metadata.findColumnWithPropertyName(property)
    if (column !== undefined) return column.databaseName
    throw optionError('conflictKey', `${this.#metadata.name} has no property "${property}".`)
  }

  async #begin(): Promise<void> {
    if (this.#isOpen) return
    const { driver, dataSource } = this.#database
    try {
      this.#connection ??= await driver.connect(driver.connectionSpec(dataSource.options), () => WAIT_MS)
      await this.#connection.begin()
    } catch (cause) {
      throw this.#down(cause)
    }
    this.#isOpen = true
  }

  async #commit(): Promise<void> {
    this.#isOpen = false
    try {
      await this.#require().commit()
    } catch (cause) {
      if (cause instanceof ShardyardError || this.#database.driver.faultOf(cause).kind !== 'unavailable') throw cause
      throw new ShardyardError(
        'SY_COMMIT_UNKNOWN',
        `The connection to "${this.#database.name}" was lost during COMMIT; whether its last ${this.#pending} rows are stored is not known.`,
        { cause, details: { database: this.#database.name, rows: this.#pending } },
      )
    }
    this.committed += this.#pending
    this.#pending = 0
  }

  /** Given ids do not move the sequence of every engine. */
  async #continueIds(): Promise<void> {
    const key = this.#metadata.primaryColumns.find((column) => column.generationStrategy === 'increment')
    if (key === undefined || this.rows === 0) return
    const runner = this.#database.admittedRunner()
    try {
      await this.#database.driver.continueIds(runner, this.#metadata.tableName, key.databaseName)
    } finally {
      await runner.release()
    }
  }

  #require(): Connection {
    if (this.#connection === undefined) throw new Error('A load writes after its begin.')
    return this.#connection
  }

  #explained(error: unknown, first: number, count: number): unknown {
    const { driver, name } = this.#database
    const where = `Rows ${first} to ${this.rows - 1} of the load were being written to "${name}".`
    const table = driver.dialect.quote(this.#metadata.tableName)
    const translated = this.#database.translated(error, `INSERT INTO ${table} `, undefined)
    if (translated instanceof ShardyardError) {
      const { code, message, cause, details } = translated
      return new ShardyardError(code, `${message}. ${where}`, {
        cause,
        details: { ...details, database: name, first, count },
      })
    }
    return driver.faultOf(error).kind === 'unavailable' ? this.#down(error) : error
  }

  #down(cause: unknown): unknown {
    if (cause instanceof ShardyardError) return cause
    const { name, address } = this.#database
    const message = cause instanceof Error ? cause.message : String(cause)
    return new ShardyardError(
      'SY_DATABASE_DOWN',
      `Database "${name}" (${address}) failed during the load: ${message}.`,
      {
        cause,
        details: { database: name },
      },
    )
  }
}
