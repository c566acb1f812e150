/** Lets the database count and add up the rows of an entity, group by group, and reads the groups page by page. */
import type { Row } from '../../drivers/driver.js'
import { checkInteger } from '../../util/check-option.js'
import { decimalOf } from '../../util/fixed-point.js'
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { seekSql, SqlText, whereSql, type Condition } from './conditions.js'
import { readTable, requireFilled, type ReadColumn, type ReadTable } from './read-table.js'

/** Options of {@link groupPages}. */
export interface GroupPagesOptions<Entity, By extends keyof Entity & string, Sum extends keyof Entity & string> {
  /** Columns that are never null; rows that are equal in them are a group. None makes one group of all. */
  readonly by: readonly By[]
  /** Whole numbers and exact decimals that are added up. @defaultValue none */
  readonly sums?: readonly Sum[]
  /** @defaultValue none */
  readonly where?: readonly Condition<Entity>[]
  /** Groups in a statement. @defaultValue 5000, and from statement to statement twice as many up to 40000 */
  readonly pageRows?: number
  readonly signal?: AbortSignal
}

/** What is told of a group. */
export interface RowGroup<Key, Sum extends string> {
  readonly key: Key
  readonly count: number
  /** Exact, as decimal text. */
  readonly sums: Readonly<Record<Sum, string>>
}

/** Where no index leads with the key, each statement reads the whole table: many groups are told by few of them. */
const PAGE_ROWS = { first: 5_000, most: 40_000 } as const

/**
 * The groups of an entity's rows in the order of their key, with exact sums. Text is grouped byte by byte on every
 * engine. Where an index leads with the key, a page costs the rows of its groups.
 *
 * @throws SY_OPTION_INVALID for a column that is not there, or one of the key that may be null
 * @example
 * const options = { by: ['productId'], sums: ['quantity'] } as const
 * for await (const page of groupPages(cluster, Order, options)) for (const { key, sums } of page) { … }
 */
export async function* groupPages<
  Entity extends object,
  By extends keyof Entity & string,
  Sum extends keyof Entity & string = never,
>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  options: GroupPagesOptions<Entity, By, Sum>,
): AsyncGenerator<RowGroup<Pick<Entity, By>, Sum>[], void, undefined> {
  const { signal, by, sums = [], where = [] } = options
  const asked = options.pageRows
  let pageRows = checkInteger('pageRows', asked ?? PAGE_ROWS.first, { min: 1, max: 100_000 })
  const table = readTable(cluster, entity)
  const columns = { by: by.map((name) => table.column(name)), sums: sums.map((name) => table.column(name)) }
  requireFilled(table.entity, columns.by)
  for (let after: readonly unknown[] | undefined; ; ) {
    signal?.throwIfAborted()
    const { sql, parameters } = statement(table, columns, { where, after, pageRows })
    const rows = await table.query(sql, parameters)
    // Without a key there is one group, also of no rows.
    const groups = rows.map((row) => groupOf<Pick<Entity, By>, Sum>(columns, row)).filter(({ count }) => count > 0)
    if (groups.length > 0) yield groups
    const last = rows.at(-1)
    if (last === undefined || rows.length < pageRows || by.length === 0) return
    after = columns.by.map((_, index) => last[`key ${index}`])
    if (asked === undefined) pageRows = Math.min(PAGE_ROWS.most, pageRows * 2)
  }
}

interface GroupColumns {
  readonly by: readonly ReadColumn[]
  readonly sums: readonly ReadColumn[]
}

function statement(
  table: ReadTable,
  { by, sums }: GroupColumns,
  wanted: {
    readonly where: readonly Condition<never>[] | readonly Condition<object>[]
    readonly after: readonly unknown[] | undefined
    readonly pageRows: number
  },
): { sql: string; parameters: readonly unknown[] } {
  const { dialect } = table
  const text = new SqlText(table)
  const named = (expression: string, name: string) => `${expression} AS ${dialect.quote(name)}`
  const selected = [
    ...by.map(({ exactSql }, index) => named(exactSql, `by ${index}`)),
    ...by.map((column, index) => named(keySql(table, column), `key ${index}`)),
    ...sums.map((column, index) => named(sumSql(table, column), `sum ${index}`)),
    named('COUNT(*)', 'rows'),
  ]
  const where = whereSql(table, wanted.where, text)
  const keys = by.map(({ exactSql }) => exactSql)
  const seek = wanted.after === undefined ? '' : ` AND ${seekSql(table, keys, wanted.after, text)}`
  const grouped =
    keys.length === 0 ? '' : ` GROUP BY ${keys.join(', ')} ORDER BY ${keys.join(', ')} LIMIT ${wanted.pageRows}`
  const sql = `SELECT ${selected.join(', ')} FROM ${table.sql} WHERE ${where}${seek}${grouped}`
  return { sql, parameters: text.parameters }
}

function keySql({ dialect }: ReadTable, { kind, exactSql }: ReadColumn): string {
  return kind === 'instant' ? dialect.asText(exactSql) : exactSql
}

function sumSql({ dialect }: ReadTable, { kind, sql, metadata }: ReadColumn): string {
  if (kind === 'decimal') return dialect.asText(dialect.sumUnits(sql, metadata.scale ?? 0))
  return dialect.asText(`SUM(${sql})`)
}

function sumOf({ kind, metadata }: ReadColumn, value: unknown): string {
  // Nothing but nulls adds up to null.
  const text = value === null ? '0' : String(value)
  return kind === 'decimal' ? decimalOf(BigInt(text), metadata.scale ?? 0) : text
}

function groupOf<Key, Sum extends string>({ by, sums }: GroupColumns, row: Row): RowGroup<Key, Sum> {
  const key = Object.fromEntries(by.map(({ property, decode }, index) => [property, decode(row[`by ${index}`])]))
  const added = sums.map((column, index) => [column.property, sumOf(column, row[`sum ${index}`])] as const)
  return {
    key: key as Key,
    count: Number(row['rows']),
    sums: Object.fromEntries(added) as Record<Sum, string>,
  }
}
