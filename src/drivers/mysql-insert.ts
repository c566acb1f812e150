/** INSERT statements of many rows as text, which MySQL and MariaDB take in faster than parameters. */
import type { BulkRows, Conflict } from './driver.js'
import { insertInto } from './multi-row-insert.js'
import { mysqlDialect } from './mysql-dialect.js'

/** Far below the smallest max_allowed_packet in use; a longer row is sent alone. */
const CHARACTERS_MAX = 512 * 1024
const ROWS_MAX = 10_000

/** A statement, and how many rows it has. */
export interface InsertText {
  readonly sql: string
  readonly rows: number
}

/** The statements for the rows. */
export function* insertTexts(bulk: BulkRows): Generator<InsertText> {
  const { columns, values } = bulk
  const head = `${insertInto(mysqlDialect, bulk)} VALUES `
  const tail = onDuplicateKey(bulk.columns, bulk.conflict)
  let [sql, rows] = [head, 0]
  for (let at = 0; at < values.length; ) {
    sql += rows === 0 ? '(' : ', ('
    for (const end = at + columns.length; at < end; at++) {
      const value = values[at]
      // Appended piece by piece: text that is put together first is copied once more.
      if (typeof value === 'string' && !SPECIAL.test(value)) {
        sql += "'"
        sql += value
        sql += "'"
      } else sql += mysqlLiteral(value)
      if (at + 1 < end) sql += ', '
    }
    sql += ')'
    rows += 1
    if (rows < ROWS_MAX && sql.length < CHARACTERS_MAX && at < values.length) continue
    yield { sql: sql + tail, rows }
    ;[sql, rows] = [head, 0]
  }
}

function onDuplicateKey(columns: readonly string[], conflict: Conflict | undefined): string {
  const q = mysqlDialect.quote
  switch (conflict?.do) {
    case undefined:
    case 'error':
      return ''
    case 'ignore': {
      // INSERT IGNORE would also let values that do not fit pass, cut to what fits.
      const first = q(columns[0] ?? '')
      return ` ON DUPLICATE KEY UPDATE ${first} = ${first}`
    }
    case 'update': {
      const written = conflict.columns.length > 0 ? conflict.columns : conflict.key
      const sets = [
        ...written.map((column) => `${q(column)} = VALUES(${q(column)})`),
        ...(conflict.counted ?? []).map((column) => `${q(column)} = ${q(column)} + 1`),
      ]
      return ` ON DUPLICATE KEY UPDATE ${sets.join(', ')}`
    }
    default:
      return conflict satisfies undefined
  }
}

/** All that can end a literal; the rest of a text may stand in it as it is. */
const SPECIAL = /['\\]/g

/** ASCII that can be seen. */
const PRINTABLE = /^[ -~]*$/

/** A value as it stands in a statement; the session reads backslashes as escapes. */
export function mysqlLiteral(value: unknown): string {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return String(value)
    case 'boolean':
      return value ? '1' : '0'
    case 'string':
      return quoted(value)
    default:
      if (value === null || value === undefined) return 'NULL'
      if (value instanceof Date) return `'${value.toISOString().slice(0, 23).replace('T', ' ')}'`
      if (value instanceof Uint8Array) {
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
        const text = bytes.toString('latin1')
        // Half of what hex needs.
        return PRINTABLE.test(text) ? `_binary${quoted(text)}` : `x'${bytes.toString('hex')}'`
      }
      return quoted(JSON.stringify(value))
  }
}

function quoted(text: string): string {
  return `'${text.replace(SPECIAL, '\\$&')}'`
}
