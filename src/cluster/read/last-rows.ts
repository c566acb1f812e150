/** The last row up to a moment of each of many keys: one seek in an index each, however long the history is. */
import type { ObjectLiteral } from 'typeorm'
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { homeOf, isInstant, rawColumns, readRows, type RawColumn, type RawRow } from './raw-values.js'
import { readTable } from './read-table.js'

/** What {@link lastRows} reads. */
export interface LastRowsOptions<Entity, Name extends keyof Entity & string> {
  /** Properties to read; with `key`. */
  readonly columns: readonly Name[]
  /** The property that tells whose rows they are; an index should begin with it, and go on with `orderBy`. */
  readonly key: Name
  readonly keys: readonly unknown[]
  /** What the last one is the greatest of, first to last. */
  readonly orderBy: readonly Name[]
  /** The greatest value of the first of `orderBy` that counts. */
  readonly upTo: unknown
}

/** Engines refuse, or are slow to plan, longer ones. */
const SELECTS_MAX = 50

/** The last row of each key up to a value, in no order; keys without one have none. */
export async function lastRows<Entity extends ObjectLiteral, Name extends keyof Entity & string>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  { columns, key, keys, orderBy, upTo }: LastRowsOptions<Entity, Name>,
): Promise<readonly RawRow<Entity, Name>[]> {
  const { database, metadata } = homeOf(cluster, entity)
  const table = readTable(cluster, entity)
  const { dataSource, driver } = database
  const { quote: q, placeholder: p, instantMs } = driver.dialect
  const raw = rawColumns(dataSource, metadata, columns)
  const nameOf = (property: Name) => q(columnOf(raw, property).metadata.databaseName)
  const list = raw.map(({ metadata: column, property }) => {
    const name = q(column.databaseName)
    return `${isInstant(column) ? instantMs(name) : name} AS ${q(property)}`
  })
  const [first] = orderBy.map(nameOf)
  const order = orderBy.map((property) => `${nameOf(property)} DESC`).join(', ')
  const limit = dataSource.driver.preparePersistentValue(upTo, columnOf(raw, orderBy[0] ?? key).metadata) as unknown
  const all: Record<string, unknown>[] = []
  for (let from = 0; from < keys.length; from += SELECTS_MAX) {
    const some = keys.slice(from, from + SELECTS_MAX)
    const selects = some.map(
      (_, at) =>
        `SELECT * FROM (SELECT ${list.join(', ')} FROM ${q(metadata.tableName)} WHERE ${nameOf(key)} = ${p(2 * at + 1)} ` +
        `AND ${first} <= ${p(2 * at + 2)} ORDER BY ${order} LIMIT 1) AS ${q(`last${at}`)}`,
    )
    const parameters = some.flatMap((value) => [value, limit])
    const rows = [...(await table.query(selects.join(' UNION ALL '), parameters))]
    readRows(raw, rows)
    for (const row of rows) all.push(row)
  }
  return all as unknown as RawRow<Entity, Name>[]
}

function columnOf(raw: readonly RawColumn[], property: string): RawColumn {
  const column = raw.find((one) => one.property === property)
  if (column === undefined) throw new TypeError(`lastRows: \`columns\` must have ${JSON.stringify(property)}.`)
  return column
}
