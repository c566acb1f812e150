import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { SqlText, whereSql, type Condition } from './conditions.js'
import { readTable } from './read-table.js'

/** The lowest and the highest value of a column, as the class has them; undefined when no row has one. */
export async function columnRange<Entity extends object, Name extends keyof Entity & string>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  name: Name,
  where: readonly Condition<Entity>[] = [],
): Promise<{ readonly min: NonNullable<Entity[Name]>; readonly max: NonNullable<Entity[Name]> } | undefined> {
  const table = readTable(cluster, entity)
  const { exactSql, selectSql, sql, decode } = table.column(name)
  const text = new SqlText(table)
  const selected = (of: string) => (selectSql === sql ? of : table.dialect.asText(of))
  const bounds = ['MIN', 'MAX'].map((bound) => `${selected(`${bound}(${exactSql})`)} AS ${table.dialect.quote(bound)}`)
  const condition = whereSql(table, where, text)
  const [row] = await table.query(`SELECT ${bounds.join(', ')} FROM ${table.sql} WHERE ${condition}`, text.parameters)
  if (row === undefined || row['MIN'] === null) return undefined
  type Value = NonNullable<Entity[Name]>
  return { min: decode(row['MIN']) as Value, max: decode(row['MAX']) as Value }
}
