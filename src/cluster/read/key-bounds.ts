/** Which keys a table has, each with its least and greatest value of another column, found by seeks in an index. */
import type { ObjectLiteral } from 'typeorm'
import type { Dialect } from '../../drivers/driver.js'
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { homeOf, isInstant, rawColumns, readRows, type RawColumn } from './raw-values.js'
import { readTable } from './read-table.js'

/** One key. Moments are milliseconds since 1970. */
export interface KeyBounds<Key, Value> {
  readonly key: Key
  readonly first: Value
  readonly last: Value
}

/** What {@link keyBounds} looks at. */
export interface KeyBoundsOptions<Entity> {
  /** A property; an index should begin with it, and go on with `of`. */
  readonly key: keyof Entity & string
  /** The property whose bounds are wanted. */
  readonly of: keyof Entity & string
  readonly signal?: AbortSignal
}

/** Keeps a recursion shallow, and few keys in memory. */
const PAGE_KEYS = 500

/**
 * Every value of `key`, page by page in the order of the database. It costs a seek or three for each key, not a look
 * at each row: a table with many rows a key answers at once.
 */
export async function* keyBounds<Entity extends ObjectLiteral, Key = string, Value = number>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  { key, of, signal }: KeyBoundsOptions<Entity>,
): AsyncGenerator<readonly KeyBounds<Key, Value>[]> {
  const { database, metadata } = homeOf(cluster, entity)
  const table = readTable(cluster, entity)
  const { dataSource, driver } = database
  const [keyColumn, ofColumn] = rawColumns(dataSource, metadata, [key, of]) as [RawColumn, RawColumn]
  const names = { table: metadata.tableName, key: keyColumn.metadata.databaseName, of: ofColumn.metadata.databaseName }
  const read = (value: string) => (isInstant(ofColumn.metadata) ? driver.dialect.instantMs(value) : value)
  const sqlOf = driver.dialect.seeksGroups ? groupsSql : seeksSql
  for (let after: unknown; ; ) {
    signal?.throwIfAborted()
    const isFirst = after === undefined
    const rows = [...(await table.query(sqlOf(driver.dialect, names, { isFirst, read }), isFirst ? [] : [after]))]
    const columns = [
      { ...keyColumn, property: 'key' },
      { ...ofColumn, property: 'first' },
      { ...ofColumn, property: 'last' },
    ]
    readRows(columns, rows)
    if (rows.length > 0) yield rows as unknown as KeyBounds<Key, Value>[]
    if (rows.length < PAGE_KEYS) return
    after = rows.at(-1)?.['key']
  }
}

/** Names as the database has them. */
interface Names {
  readonly table: string
  readonly key: string
  readonly of: string
}

interface Page {
  readonly isFirst: boolean
  /** How a bound is read. */
  readonly read: (value: string) => string
}

function groupsSql({ quote: q, placeholder: p }: Dialect, names: Names, { isFirst, read }: Page): string {
  const [key, of] = [q(names.key), q(names.of)]
  return (
    `SELECT ${key} AS ${q('key')}, ${read(`MIN(${of})`)} AS ${q('first')}, ${read(`MAX(${of})`)} AS ${q('last')} ` +
    `FROM ${q(names.table)}${isFirst ? '' : ` WHERE ${key} > ${p(1)}`} GROUP BY ${key} ORDER BY ${key} LIMIT ${PAGE_KEYS}`
  )
}

/** Each key is sought behind the one before. */
function seeksSql({ quote: q, placeholder: p }: Dialect, names: Names, { isFirst, read }: Page): string {
  const [table, key, of] = [q(names.table), q(names.key), q(names.of)]
  const least = (condition: string) => `(SELECT MIN(${key}) FROM ${table}${condition})`
  const whose = `FROM ${table} WHERE ${key} = found.k`
  return (
    `WITH RECURSIVE found (k, n) AS (SELECT ${least(isFirst ? '' : ` WHERE ${key} > ${p(1)}`)}, 1 ` +
    `UNION ALL SELECT ${least(` WHERE ${key} > found.k`)}, found.n + 1 FROM found ` +
    `WHERE found.k IS NOT NULL AND found.n < ${PAGE_KEYS}) SELECT found.k AS ${q('key')}, ` +
    `${read(`(SELECT MIN(${of}) ${whose})`)} AS ${q('first')}, ${read(`(SELECT MAX(${of}) ${whose})`)} AS ${q('last')} ` +
    'FROM found WHERE found.k IS NOT NULL'
  )
}
