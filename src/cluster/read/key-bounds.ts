/** Which keys a table has, each with its least and greatest value of another column, found by seeks in an index. */
import type { ObjectLiteral } from 'typeorm'
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { homeOf, isInstant, rawColumns, readRows, type RawColumn } from './raw-values.js'

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

/** Below the depth at which MySQL and MariaDB stop a recursion: 1,000. */
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
  const { dataSource, driver } = database
  const [keyColumn, ofColumn] = rawColumns(dataSource, metadata, [key, of]) as [RawColumn, RawColumn]
  const parts = { table: metadata.tableName, key: keyColumn.metadata, of: ofColumn.metadata }
  const { quote: q, instantMs, placeholder } = driver.dialect
  const read = (value: string) => (isInstant(parts.of) ? instantMs(value) : value)
  const [table, name, bound] = [q(parts.table), q(parts.key.databaseName), q(parts.of.databaseName)]
  const least = (condition: string) => `SELECT MIN(${name}) FROM ${table}${condition}`
  const whose = `FROM ${table} WHERE ${name} = found.k`
  for (let after: unknown; ; ) {
    signal?.throwIfAborted()
    const start = after === undefined ? least('') : least(` WHERE ${name} > ${placeholder(1)}`)
    const rows: Record<string, unknown>[] = await dataSource.query(
      `WITH RECURSIVE found (k, n) AS (SELECT (${start}), 1 UNION ALL SELECT (${least(` WHERE ${name} > found.k`)}), ` +
        `found.n + 1 FROM found WHERE found.k IS NOT NULL AND found.n < ${PAGE_KEYS}) ` +
        `SELECT found.k AS ${q(key)}, ${read(`(SELECT MIN(${bound}) ${whose})`)} AS ${q('first')}, ` +
        `${read(`(SELECT MAX(${bound}) ${whose})`)} AS ${q('last')} FROM found WHERE found.k IS NOT NULL`,
      after === undefined ? [] : [after],
    )
    readRows([keyColumn, { ...ofColumn, property: 'first' }, { ...ofColumn, property: 'last' }], rows)
    if (rows.length > 0) yield rows.map((row) => ({ key: row[key], first: row['first'], last: row['last'] })) as never
    if (rows.length < PAGE_KEYS) return
    after = rows.at(-1)?.[key]
  }
}
