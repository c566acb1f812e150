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
  const { table, name, appliedAt } = wordsOf(database)
  try {
    const rows = (await source.query(`SELECT ${name}, ${appliedAt} FROM ${table}`)) as RecordRow[]
    return new Map(rows.map((row) => [row.name, new Date(row.appliedAt)]))
  } catch (error) {
    if (isTableMissing(error)) return new Map()
    throw error
  }
}

/** Makes the table where it is missing. The moment is kept as ISO text in UTC, the same on every engine. */
export async function makeRecords(database: Database, source: Queryable): Promise<void> {
  const { table, name, appliedAt } = wordsOf(database)
  const columns = `${name} varchar(255) NOT NULL PRIMARY KEY, ${appliedAt} varchar(24) NOT NULL`
  await source.query(`CREATE TABLE IF NOT EXISTS ${table} (${columns})`)
}

export async function isApplied(database: Database, source: Queryable, migration: string): Promise<boolean> {
  const { table, name, first } = wordsOf(database)
  const rows = await source.query(`SELECT ${name} FROM ${table} WHERE ${name} = ${first}`, [migration])
  return (rows as RecordRow[]).length > 0
}

export async function recordApplied(database: Database, source: Queryable, migration: string): Promise<void> {
  const { table, name, appliedAt, first, second } = wordsOf(database)
  const sql = `INSERT INTO ${table} (${name}, ${appliedAt}) VALUES (${first}, ${second})`
  await source.query(sql, [migration, new Date().toISOString()])
}

export async function forgetApplied(database: Database, source: Queryable, migration: string): Promise<void> {
  const { table, name, first } = wordsOf(database)
  await source.query(`DELETE FROM ${table} WHERE ${name} = ${first}`, [migration])
}

interface RecordRow {
  readonly name: string
  readonly appliedAt: string
}

function wordsOf({ driver: { dialect } }: Database) {
  return {
    table: dialect.quote(TABLE),
    name: dialect.quote('name'),
    appliedAt: dialect.quote('appliedAt'),
    first: dialect.placeholder(1),
    second: dialect.placeholder(2),
  }
}

function isTableMissing(error: unknown): boolean {
  const { code, message } = driverError(error)
  if (code === '42P01' || code === 'ER_NO_SUCH_TABLE') return true
  return typeof message === 'string' && message.includes(`no such table: ${TABLE}`)
}
