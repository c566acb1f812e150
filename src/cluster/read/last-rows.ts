/** The last row up to a moment of each of many keys: one seek in an index each, however long the history is. */
import type { Row } from '../../drivers/driver.js'
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { SqlText, whereSql, type Condition } from './conditions.js'
import { readTable } from './read-table.js'

/** What {@link lastRows} reads. */
export interface LastRowsOptions<Entity, Name extends keyof Entity & string> {
  /** Properties to read. */
  readonly columns: readonly Name[]
  /** The property that tells whose rows they are; an index should begin with it, and go on with `orderBy`. */
  readonly key: keyof Entity & string
  readonly keys: readonly unknown[]
  /** What the last one is the greatest of, first to last. */
  readonly orderBy: readonly [keyof Entity & string, ...(keyof Entity & string)[]]
  /** The greatest value of the first of `orderBy` that counts. */
  readonly upTo: unknown
}

/** Engines refuse, or are slow to plan, longer ones. */
const SELECTS_MAX = 50

/** The last row of each key up to a value, in no order; keys without one have none. */
export async function lastRows<Entity extends object, Name extends keyof Entity & string>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  { columns, key, keys, orderBy, upTo }: LastRowsOptions<Entity, Name>,
): Promise<readonly Pick<Entity, Name>[]> {
  const table = readTable(cluster, entity)
  const { quote: q } = table.dialect
  const read = columns.map((name) => table.column(name))
  const list = read.map(({ property, selectSql }) => `${selectSql} AS ${q(property)}`).join(', ')
  const order = orderBy.map((name) => `${table.column(name).sql} DESC`).join(', ')
  const all: Row[] = []
  for (let from = 0; from < keys.length; from += SELECTS_MAX) {
    const text = new SqlText(table)
    const selects = keys.slice(from, from + SELECTS_MAX).map((value, at) => {
      const conditions: readonly Condition<Entity>[] = [
        [key, '=', value],
        [orderBy[0], '<=', upTo],
      ]
      const where = whereSql(table, conditions, text)
      return `SELECT * FROM (SELECT ${list} FROM ${table.sql} WHERE ${where} ORDER BY ${order} LIMIT 1) AS ${q(`last${at}`)}`
    })
    for (const row of await table.query(selects.join(' UNION ALL '), text.parameters)) {
      all.push(Object.fromEntries(read.map(({ property, decode }) => [property, decode(row[property])])))
    }
  }
  return all as Pick<Entity, Name>[]
}
