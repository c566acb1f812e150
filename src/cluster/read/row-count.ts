import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { SqlText, whereSql } from './conditions.js'
import { readTable } from './read-table.js'

/** How many rows an entity has. @throws SY_SCHEMA_DRIFT without its table */
export async function rowCount(cluster: Cluster, entity: PlacedEntity): Promise<number> {
  const table = readTable(cluster, entity)
  const text = new SqlText(table)
  const where = whereSql(table, [], text)
  const sql = `SELECT COUNT(*) AS ${table.dialect.quote('rows')} FROM ${table.sql} WHERE ${where}`
  const rows = await table.query(sql, text.parameters)
  return Number(rows[0]?.['rows'])
}
