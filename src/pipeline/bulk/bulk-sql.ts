import type { Connection, Dialect, Row } from '../../drivers/driver.js'

interface SqlContext {
  readonly connection: Connection
  readonly dialect: Dialect
}

/** Keys come in powers of two, so that few different statements are prepared. */
const KEYS_MAX = 256

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
