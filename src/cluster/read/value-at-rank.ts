import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { SqlText, whereSql, type Condition } from './conditions.js'
import { readTable } from './read-table.js'

/** The value that stands at a place, from 0, when the rows are sorted by it; the database sorts, and answers one value. */
export async function valueAtRank<Entity extends object, Name extends keyof Entity & string>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  name: Name,
  { rank, where }: { readonly rank: number; readonly where: readonly Condition<Entity>[] },
): Promise<Entity[Name] | undefined> {
  const table = readTable(cluster, entity)
  const { sql, selectSql, decode } = table.column(name)
  const text = new SqlText(table)
  const condition = whereSql(table, where, text)
  const value = `${selectSql} AS ${table.dialect.quote('value')}`
  const statement = `SELECT ${value} FROM ${table.sql} WHERE ${condition} ORDER BY ${sql} LIMIT 1 OFFSET ${Math.trunc(rank)}`
  const [row] = await table.query(statement, text.parameters)
  return row === undefined ? undefined : (decode(row['value']) as Entity[Name])
}
