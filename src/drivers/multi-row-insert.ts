/** INSERT statements of many rows, for the engines whose fastest way they are. */
import type { BulkRows, Dialect } from './driver.js'

/** Rows come in powers of two, so that few different statements are prepared. */
const ROWS_MAX = 128

/** How many rows the next statement takes. */
export function rowsOfStatement(dialect: Dialect, columns: number, rowsLeft: number): number {
  const most = Math.max(1, Math.min(ROWS_MAX, Math.floor(dialect.parametersMax / columns), rowsLeft))
  return 2 ** Math.floor(Math.log2(most))
}

const statementsByDialect = new WeakMap<Dialect, Map<string, string>>()

/** The statement for so many rows, with a parameter for each value. */
export function insertSql(dialect: Dialect, bulk: Omit<BulkRows, 'values'>, rows: number, conflict: string): string {
  const statements = statementsByDialect.get(dialect) ?? new Map<string, string>()
  statementsByDialect.set(dialect, statements)
  const key = `${rows} ${bulk.table} ${bulk.columns.join()}${conflict}`
  let sql = statements.get(key)
  if (sql === undefined) {
    const row = (from: number) =>
      `(${bulk.columns.map((_, index) => dialect.placeholder(from + index + 1)).join(', ')})`
    const values = Array.from({ length: rows }, (_, index) => row(index * bulk.columns.length)).join(', ')
    sql = `${insertInto(dialect, bulk)} VALUES ${values}${conflict}`
    statements.set(key, sql)
  }
  return sql
}

/** `INSERT INTO table (columns)`. */
export function insertInto(dialect: Dialect, { table, columns }: Omit<BulkRows, 'values'>): string {
  return `INSERT INTO ${dialect.quote(table)} (${columns.map(dialect.quote).join(', ')})`
}

/** The conflict clause that SQLite and PostgreSQL share. */
export function onConflict(dialect: Dialect, { table, conflict }: Pick<BulkRows, 'table' | 'conflict'>): string {
  const q = dialect.quote
  switch (conflict?.do) {
    case undefined:
    case 'error':
      return ''
    case 'ignore':
      return ' ON CONFLICT DO NOTHING'
    case 'update': {
      const sets = [
        ...conflict.columns.map((column) => `${q(column)} = excluded.${q(column)}`),
        ...(conflict.counted ?? []).map((column) => `${q(column)} = ${q(table)}.${q(column)} + 1`),
      ]
      const then = sets.length === 0 ? 'NOTHING' : `UPDATE SET ${sets.join(', ')}`
      return ` ON CONFLICT (${conflict.key.map(q).join(', ')}) DO ${then}`
    }
    default:
      return conflict satisfies undefined
  }
}
