/** The table in which each database keeps which migrations were applied to it. */
import type { Database } from '../../cluster/database.js'
import { driverError } from '../../drivers/driver.js'

/** Names of applied migrations, and when that was. */
export type Applied = ReadonlyMap<string, Date>

/** What statements are sent through: a DataSource, or the runner of a transaction. */
interface Queryable {
  query(sql: string, parameters?: unknown[]): Promise<unknown>
}

const TABLE = 'shardyard_migrations'

/** The records of a database; nothing is made where there are none yet. */
export async function readApplied(database: Database, source: Queryable = database.dataSource): Promise<Applied> {
  if (!database.exists) return new Map()
  const { quote } = database.driver.dialect
  try {
    const sql = `SELECT ${quote('name')}, ${quote('appliedAt')} FROM ${quote(TABLE)}`
    const rows = (await source.query(sql)) as { name: string; appliedAt: string }[]
    return new Map(rows.map(({ name, appliedAt }) => [name, new Date(appliedAt)]))
  } catch (error) {
    if (isTableMissing(error)) return new Map()
    throw error
  }
}

/** Makes the table where it is missing. The moment is kept as ISO text in UTC, the same on every engine. */
export async function makeRecords({ driver }: Database, source: Queryable): Promise<void> {
  const { quote } = driver.dialect
  await source.query(
    `CREATE TABLE IF NOT EXISTS ${quote(TABLE)} (` +
      `${quote('name')} varchar(255) NOT NULL PRIMARY KEY, ${quote('appliedAt')} varchar(24) NOT NULL)`,
  )
}

export async function isApplied({ driver }: Database, source: Queryable, name: string): Promise<boolean> {
  const { quote, placeholder } = driver.dialect
  const sql = `SELECT 1 AS found FROM ${quote(TABLE)} WHERE ${quote('name')} = ${placeholder(1)}`
  return ((await source.query(sql, [name])) as unknown[]).length > 0
}

export async function recordApplied({ driver }: Database, source: Queryable, name: string): Promise<void> {
  const { quote, placeholder } = driver.dialect
  const columns = `${quote('name')}, ${quote('appliedAt')}`
  const sql = `INSERT INTO ${quote(TABLE)} (${columns}) VALUES (${placeholder(1)}, ${placeholder(2)})`
  await source.query(sql, [name, new Date().toISOString()])
}

export async function forgetApplied({ driver }: Database, source: Queryable, name: string): Promise<void> {
  const { quote, placeholder } = driver.dialect
  await source.query(`DELETE FROM ${quote(TABLE)} WHERE ${quote('name')} = ${placeholder(1)}`, [name])
}

function isTableMissing(error: unknown): boolean {
  const { code, message } = driverError(error)
  return code === '42P01' || code === 'ER_NO_SUCH_TABLE' || String(message ?? '').includes(`no such table: ${TABLE}`)
}
