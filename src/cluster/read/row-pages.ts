/** Reads the rows of an entity page by page in the order of a key, in the memory of one page. */
import type { Row } from '../../drivers/driver.js'
import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { seekSql, SqlText, stored, whereSql, type Condition } from './conditions.js'
import { asIs, readTable, requireFilled, type ReadColumn, type ReadTable } from './read-table.js'

/** Options of {@link rowPages}. */
export interface RowPagesOptions<Entity, Name extends keyof Entity & string> {
  /** What is read of each row. */
  readonly columns: readonly Name[]
  /** Columns that are never null; rows that are equal in them come in the order of the primary key. @defaultValue the primary key */
  readonly orderBy?: readonly (keyof Entity & string)[]
  /** Compares text byte by byte, so that every engine has the same order; the engine's own may have an index. @defaultValue false */
  readonly isByteOrder?: boolean
  /** Begins after this key: values for `orderBy`, or for `orderBy` and the primary key. @defaultValue at the first row */
  readonly after?: readonly unknown[]
  /** @defaultValue none */
  readonly where?: readonly Condition<Entity>[]
  /** @defaultValue 5000 */
  readonly pageRows?: number
  readonly signal?: AbortSignal
}

const PAGE_ROWS = 5_000
/** Stands before the name of a part of the key, where it is selected beside the columns. */
const KEY = 'key '

/**
 * The rows of an entity in pages, in the order of a key. Values are as the class has them: an instant is a Date, money
 * an exact string; a whole number of 64 bits without a transformer is text on every engine.
 *
 * Each page is a statement of its own that begins after the last key of the one before. So a long read holds neither a
 * connection nor a snapshot: a row is read once at most while its key stays, and rows written meanwhile may be seen.
 *
 * @throws SY_OPTION_INVALID for a column that is not there, or one of the key that may be null
 * @example
 * for await (const page of rowPages(cluster, Order, { columns: ['userId', 'quantity'], orderBy: ['userId'] })) { … }
 */
export async function* rowPages<Entity extends object, Name extends keyof Entity & string>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  options: RowPagesOptions<Entity, Name>,
): AsyncGenerator<Pick<Entity, Name>[], void, undefined> {
  const { signal } = options
  const pageRows = checkInteger('pageRows', options.pageRows ?? PAGE_ROWS, { min: 1, max: 100_000 })
  const table = readTable(cluster, entity)
  const walk = new KeyWalk(table, options as unknown as WalkOptions, pageRows)
  for (let after = walk.first(options.after); ; ) {
    signal?.throwIfAborted()
    const { sql, parameters } = walk.statement(after)
    const rows = await table.query(sql, parameters)
    const last = rows.at(-1)
    if (last === undefined) return
    after = walk.keyOf(last)
    yield walk.decoded(rows) as Pick<Entity, Name>[]
    if (rows.length < pageRows) return
  }
}

interface WalkOptions {
  readonly columns: readonly string[]
  readonly orderBy?: readonly string[]
  readonly isByteOrder?: boolean
  readonly where?: readonly Condition<object>[]
}

/** The statements that walk a key. */
class KeyWalk {
  readonly #table: ReadTable
  readonly #options: WalkOptions
  readonly #columns: readonly ReadColumn[]
  readonly #key: readonly ReadColumn[]
  /** Under which names a row has its key. */
  readonly #keyNames: readonly string[]
  /** Whether rows are selected as they are wanted. */
  readonly #isDecoded: boolean
  readonly #pageRows: number

  constructor(table: ReadTable, options: WalkOptions, pageRows: number) {
    this.#table = table
    this.#options = options
    this.#columns = options.columns.map((property) => table.column(property))
    this.#key = keyColumns(table, options.orderBy ?? [])
    // Where a row stands is told by the database's own value: a Date has fewer digits than some columns.
    this.#keyNames = this.#key.map((column, index) =>
      this.#columns.includes(column) && column.kind !== 'instant' ? column.property : KEY + index,
    )
    const names = new Set(options.columns)
    this.#isDecoded =
      this.#columns.every(({ decode }) => decode === asIs) && this.#keyNames.every((name) => names.has(name))
    this.#pageRows = pageRows
  }

  /** A key that was given, as the engine keeps it. */
  first(after: readonly unknown[] | undefined): readonly unknown[] | undefined {
    return after?.map((value, index) => {
      const column = this.#key[index]
      if (column !== undefined) return stored(this.#table, column, value)
      throw new ShardyardError('SY_OPTION_INVALID', `\`after\` has more values than the key (${this.#key.length}).`)
    })
  }

  statement(after: readonly unknown[] | undefined): { sql: string; parameters: readonly unknown[] } {
    const text = new SqlText(this.#table)
    const where = whereSql(this.#table, this.#options.where ?? [], text)
    const seek =
      after === undefined
        ? ''
        : ` AND ${seekSql(
            this.#table,
            this.#key.slice(0, after.length).map((column) => this.#ordered(column)),
            after,
            text,
          )}`
    const order = this.#key.map((column) => this.#ordered(column)).join(', ')
    const sql = `SELECT ${this.#selected()} FROM ${this.#table.sql} WHERE ${where}${seek} ORDER BY ${order}`
    return { sql: `${sql} LIMIT ${this.#pageRows}`, parameters: text.parameters }
  }

  keyOf(row: Row): readonly unknown[] {
    return this.#keyNames.map((name) => row[name])
  }

  decoded(rows: readonly Row[]): readonly Row[] {
    if (this.#isDecoded) return rows
    const columns = this.#columns.map(({ property, decode }) => [property, decode] as const)
    return rows.map((row) => {
      const decoded: Row = {}
      for (const [property, decode] of columns) decoded[property] = decode(row[property])
      return decoded
    })
  }

  #selected(): string {
    const { dialect } = this.#table
    const columns = this.#columns.map(({ property, selectSql }) => `${selectSql} AS ${dialect.quote(property)}`)
    const key = this.#key.flatMap(({ kind, sql, selectSql, property }, index) => {
      const name = this.#keyNames[index] as string
      const value = kind === 'instant' ? dialect.asText(sql) : selectSql
      return name === property ? [] : [`${value} AS ${dialect.quote(name)}`]
    })
    return [...columns, ...key].join(', ')
  }

  #ordered({ sql, kind }: ReadColumn): string {
    return this.#options.isByteOrder === true && kind === 'text' ? this.#table.dialect.byteOrder(sql) : sql
  }
}

/** The columns of a key; the primary key makes it unique where no index says that it is. */
function keyColumns(table: ReadTable, orderBy: readonly string[]): readonly ReadColumn[] {
  const { primaryColumns, indices, uniques } = table.metadata
  const uniqueKeys = [...indices.filter(({ isUnique, where }) => isUnique && where === undefined), ...uniques]
  const isUnique = uniqueKeys.some(({ columns }) => columns.every(({ propertyPath }) => orderBy.includes(propertyPath)))
  const primary = isUnique ? [] : primaryColumns.map(({ propertyPath }) => propertyPath)
  const key = [...new Set([...orderBy, ...primary])].map((property) => table.column(property))
  requireFilled(table.entity, key)
  return key
}
