/** A batch of rows as the driver takes it: rows that give the same columns together. */
import { randomUUID } from 'node:crypto'
import type { EntityMetadata, ObjectLiteral } from 'typeorm'
import type { BulkRows, Conflict } from '../../drivers/driver.js'
import { optionError, type ResolvedBulkLoadOptions } from './bulk-load-options.js'
import { columnWriters, type ColumnWriter } from './column-writer.js'

type RowObject = Record<string, unknown>

/** Rows that give the same columns, and the objects they come from. */
export interface RowBatch {
  readonly rows: BulkRows
  readonly from: readonly RowObject[]
}

interface Group {
  /** Which columns its rows give. */
  readonly shape: number | string
  readonly columns: readonly ColumnWriter[]
  readonly values: unknown[]
  readonly from: RowObject[]
}

/** Whole numbers are exact up to so many bits. */
const BITS = Array.from({ length: 53 }, (_, index) => 2 ** index)

export class RowBatches {
  readonly #metadata: EntityMetadata
  readonly #options: ResolvedBulkLoadOptions
  readonly #columns: readonly ColumnWriter[]
  #key: readonly string[] | undefined

  constructor(metadata: EntityMetadata, options: ResolvedBulkLoadOptions) {
    this.#metadata = metadata
    this.#options = options
    this.#columns = columnWriters(metadata, options.onConflict === 'update' ? 'updated' : 'none')
  }

  /**
   * Rows that give the same columns go in together, so that a column left out gets its default. Where a row may meet
   * another one, all stay in their order, because it decides which of them counts.
   */
  *of(rows: readonly RowObject[]): Generator<RowBatch> {
    const staysInOrder = this.#options.onConflict !== 'error'
    const groups = new Map<number | string, Group>()
    let current: Group | undefined
    let values: unknown[] = []
    for (const row of rows) {
      if (this.#options.assignIds) this.#assignUuid(row)
      const start = values.length
      const shape = this.#append(row, values)
      if (current?.shape !== shape) {
        const moved = values.splice(start)
        if (current !== undefined && staysInOrder) {
          yield this.#batch(current)
          groups.clear()
        }
        current = groups.get(shape) ?? this.#groupOf(row, shape)
        groups.set(shape, current)
        values = current.values
        values.push(...moved)
      }
      current.from.push(row)
    }
    for (const group of groups.values()) yield this.#batch(group)
  }

  /** Appends a row's values; answers which columns it gives: a bit for each, or text when there are too many. */
  #append(row: RowObject, values: unknown[]): number | string {
    const columns = this.#columns
    let [bits, text] = [0, '']
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as ColumnWriter
      if (column.isOptional && row[column.property] === undefined) continue
      const value = column.valueOf(row)
      if (value === undefined) continue
      values.push(value)
      if (columns.length <= BITS.length) bits += BITS[index] ?? 0
      else text += `${index} `
    }
    return columns.length <= BITS.length ? bits : text
  }

  #groupOf(row: RowObject, shape: number | string): Group {
    const columns = this.#columns.filter((column) => column.valueOf(row) !== undefined)
    if (columns.length > 0) return { shape, columns, values: [], from: [] }
    throw optionError('rows', `A row gives none of the columns of ${this.#metadata.name}: ${JSON.stringify(row)}.`)
  }

  #batch({ columns, values, from }: Group): RowBatch {
    const numbered = this.#options.assignIds ? this.#numberedKey(columns) : undefined
    const rows = {
      table: this.#metadata.tableName,
      columns: columns.map(({ name }) => name),
      values,
      ...(this.#options.onConflict === 'error' ? {} : { conflict: this.#conflictOf(columns) }),
      ...(numbered === undefined ? {} : { numbered }),
    }
    return { rows, from }
  }

  /** The key that the database numbers, unless the rows give it. */
  #numberedKey(columns: readonly ColumnWriter[]): string | undefined {
    const key = numberedKeyOf(this.#metadata)
    return key === undefined || columns.some(({ name }) => name === key) ? undefined : key
  }

  #assignUuid(row: RowObject): void {
    for (const key of this.#metadata.primaryColumns) {
      if (key.generationStrategy !== 'uuid') continue
      const given: unknown = key.getEntityValue(row as ObjectLiteral)
      if (given === undefined || given === null) key.setEntityValue(row, randomUUID())
    }
  }

  #conflictOf(columns: readonly ColumnWriter[]): Conflict {
    if (this.#options.onConflict === 'ignore') return { do: 'ignore' }
    const key = (this.#key ??= this.#keyColumns(columns))
    const others = columns.filter(({ name, metadata }) => !key.includes(name) && !metadata.isPrimary)
    const namesOf = (kept: readonly ColumnWriter[]) => kept.map(({ name }) => name)
    return {
      do: 'update',
      key,
      columns: namesOf(others.filter(({ metadata }) => !metadata.isCreateDate && !metadata.isVersion)),
      counted: namesOf(others.filter(({ metadata }) => metadata.isVersion)),
    }
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
    const column =
      this.#metadata.findColumnWithPropertyName(property) ?? this.#metadata.findColumnWithPropertyPath(property)
    if (column !== undefined) return column.databaseName
    throw optionError('conflictKey', `${this.#metadata.name} has no property "${property}".`)
  }
}

/** The primary key that the database numbers; undefined when it does not. */
export function numberedKeyOf({ primaryColumns }: EntityMetadata): string | undefined {
  const isNumbered = (strategy: string | undefined) => strategy === 'increment' || strategy === 'identity'
  return primaryColumns.find((column) => isNumbered(column.generationStrategy))?.databaseName
}
