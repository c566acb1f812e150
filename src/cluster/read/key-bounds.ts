/** Which keys a table has, each with its least and greatest value of another column, found by seeks in an index. */
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { scopeSql, SqlText } from './conditions.js'
import { readTable, type ReadTable } from './read-table.js'

/** One key, and the bounds of the other column, as the class has them. */
export interface KeyBounds<Key, Value> {
  readonly key: Key
  readonly first: Value
  readonly last: Value
}

/** What {@link keyBounds} looks at. */
export interface KeyBoundsOptions<Key, Of> {
  /** A property; an index should begin with it, and go on with `of`. */
  readonly key: Key
  /** The property whose bounds are wanted. */
  readonly of: Of
  readonly signal?: AbortSignal
}

/** Keeps a recursion shallow, and few keys in memory. */
const PAGE_KEYS = 500

/**
 * Every value of `key`, page by page in the order of the database. It costs a seek or three for each key, not a look
 * at each row: a table with many rows a key answers at once.
 */
export async function* keyBounds<
  Entity extends object,
  Key extends keyof Entity & string,
  Of extends keyof Entity & string,
>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  { key, of, signal }: KeyBoundsOptions<Key, Of>,
): AsyncGenerator<readonly KeyBounds<Entity[Key], Entity[Of]>[]> {
  const table = readTable(cluster, entity)
  const [keyColumn, ofColumn] = [table.column(key), table.column(of)]
  const sqlOf = table.dialect.seeksGroups ? groupsSql : seeksSql
  for (let after: unknown; ; ) {
    signal?.throwIfAborted()
    const text = new SqlText(table)
    const rows = await table.query(sqlOf(table, { key: keyColumn.sql, of: ofColumn.sql, after }, text), text.parameters)
    const page = rows.map(({ key: found, first, last }) => ({
      key: keyColumn.decode(found) as Entity[Key],
      first: ofColumn.decode(first) as Entity[Of],
      last: ofColumn.decode(last) as Entity[Of],
    }))
    if (page.length > 0) yield page
    if (rows.length < PAGE_KEYS) return
    after = rows.at(-1)?.['key']
  }
}

interface Page {
  /** Names as the database has them, quoted. */
  readonly key: string
  readonly of: string
  /** The key before the first; undefined at the beginning. */
  readonly after: unknown
}

/** ` WHERE …` of the rows that there are for TypeORM, and of what else is asked. */
function where(table: ReadTable, text: SqlText, condition?: string): string {
  const all = [...(condition === undefined ? [] : [condition]), ...scopeSql(table, text)]
  return all.length === 0 ? '' : ` WHERE ${all.join(' AND ')}`
}

function groupsSql(table: ReadTable, { key, of, after }: Page, text: SqlText): string {
  const { quote: q } = table.dialect
  const rows = `${table.sql}${where(table, text, after === undefined ? undefined : `${key} > ${text.value(after)}`)}`
  return (
    `SELECT ${key} AS ${q('key')}, MIN(${of}) AS ${q('first')}, MAX(${of}) AS ${q('last')} ` +
    `FROM ${rows} GROUP BY ${key} ORDER BY ${key} LIMIT ${PAGE_KEYS}`
  )
}

/** Each key is sought behind the one before. What begins with WITH might write, and would wait for its turn. */
function seeksSql(table: ReadTable, { key, of, after }: Page, text: SqlText): string {
  const { quote: q } = table.dialect
  const least = (condition?: string) => `(SELECT MIN(${key}) FROM ${table.sql}${where(table, text, condition)})`
  const bound = (name: string) => `(SELECT ${name}(${of}) FROM ${table.sql}${where(table, text, `${key} = found.k`)})`
  return (
    `SELECT * FROM (WITH RECURSIVE found (k, n) AS (SELECT ${least(after === undefined ? undefined : `${key} > ${text.value(after)}`)}, 1 ` +
    `UNION ALL SELECT ${least(`${key} > found.k`)}, found.n + 1 FROM found ` +
    `WHERE found.k IS NOT NULL AND found.n < ${PAGE_KEYS}) SELECT found.k AS ${q('key')}, ` +
    `${bound('MIN')} AS ${q('first')}, ${bound('MAX')} AS ${q('last')} FROM found WHERE found.k IS NOT NULL) AS bounds`
  )
}
