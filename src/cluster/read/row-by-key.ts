import type { Row } from '../../drivers/driver.js'
import { SqlText, whereSql, type Condition } from './conditions.js'
import { entityFields } from './entity-fields.js'
import type { ReadTable } from './read-table.js'

/**
 * The row of a key with all its fields, as the class has them; undefined when there is none. With `isLocked`, in a
 * transaction, nobody else changes it before the end.
 */
export async function rowByKey(
  table: ReadTable,
  key: Readonly<Record<string, unknown>>,
  { isLocked = false } = {},
): Promise<Row | undefined> {
  const columns = entityFields(table).map(({ name }) => table.column(name))
  const text = new SqlText(table)
  const conditions = Object.entries(key).map(([name, value]): Condition<Row> => [name, '=', value])
  const where = whereSql(table, conditions, text)
  const selected = columns.map(({ selectSql, property }) => `${selectSql} AS ${table.dialect.quote(property)}`)
  const lock = isLocked ? table.dialect.lockRows : ''
  const sql = `SELECT ${selected.join(', ')} FROM ${table.sql} WHERE ${where}${lock}`
  const rows = await table.query(sql, text.parameters)
  const [row] = rows
  if (row === undefined) return undefined
  return Object.fromEntries(columns.map(({ property, decode }) => [property, decode(row[property])]))
}
