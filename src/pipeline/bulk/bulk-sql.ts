import type { Connection, Dialect, Row } from '../../drivers/driver.js'

interface SqlContext {
  readonly connection: Connection
  readonly dialect: Dialect
}

/** Rows and keys come in powers of two, so that few different statements are prepared. */
const ROWS_MAX = 128
const KEYS_MAX = 256

/** Inserts rows in as few statements as the engine's parameter limit allows. */
export async function insertRows(
  { connection, dialect }: SqlContext,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  const most = Math.max(1, Math.min(ROWS_MAX, Math.floor(dialect.parametersMax / columns.length)))
  for (let from = 0; from < rows.length; ) {
    const chunk = rows.slice(from, from + 2 ** Math.floor(Math.log2(Math.min(most, rows.length - from))))
    from += chunk.length
    await connection.execute(insertSql(dialect, table, columns, chunk.length), chunk.flat())
  }
}

/** Rows whose `column` has one of the values; with `scope`, only lines of that source and entity. */
export async function selectIn(
  { connection, dialect }: SqlContext,
  table: string,
  columns: readonly string[],
  column: string,
  values: readonly unknown[],
  scope?: { readonly source: string; readonly entity: string; readonly where: string },
): Promise<readonly Row[]> {
  const q = dialect.quote
  const distinct = [...new Set(values)]
  const found: Row[] = []
  for (let from = 0; from < distinct.length; from += KEYS_MAX) {
    const chunk = distinct.slice(from, from + KEYS_MAX)
    const padded = 2 ** Math.ceil(Math.log2(chunk.length))
    while (chunk.length < padded) chunk.push(chunk[0])
    const scoped = scope === undefined ? [] : [scope.source, scope.entity]
    const marks = chunk.map((_, index) => dialect.placeholder(scoped.length + index + 1)).join(', ')
    const own =
      scope === undefined
        ? ''
        : `${q('source')} = ${dialect.placeholder(1)} AND ${q('entity')} = ${dialect.placeholder(2)} AND `
    const sql = `SELECT ${columns.map(q).join(', ')} FROM ${q(table)} WHERE ${own}${q(column)} IN (${marks})${scope?.where ?? ''}`
    found.push(...(await connection.query(sql, [...scoped, ...chunk])))
  }
  return found
}

const statementsByDialect = new WeakMap<Dialect, Map<string, string>>()

function insertSql(dialect: Dialect, table: string, columns: readonly string[], rows: number): string {
  const statements = statementsByDialect.get(dialect) ?? new Map<string, string>()
  statementsByDialect.set(dialect, statements)
  const key = `${table} ${columns.join()} ${rows}`
  let sql = statements.get(key)
  if (sql === undefined) {
    const row = (from: number) => `(${columns.map((_, index) => dialect.placeholder(from + index + 1)).join(', ')})`
    const values = Array.from({ length: rows }, (_, index) => row(index * columns.length)).join(', ')
    sql = `INSERT INTO ${dialect.quote(table)} (${columns.map(dialect.quote).join(', ')}) VALUES ${values}`
    statements.set(key, sql)
  }
  return sql
}
