/** INSERT statements of many rows as text, which MySQL and MariaDB take in faster than parameters. */
import { isAscii } from 'node:buffer'
import { ByteText, plainBytes } from './byte-text.js'
import { CachedMoment } from './cached-moment.js'
import type { BulkRows, Conflict } from './driver.js'
import { insertInto } from './multi-row-insert.js'
import { mysqlDialect } from './mysql-dialect.js'

/** Far below the smallest max_allowed_packet in use; a longer row is sent alone. */
const BYTES_MAX = 512 * 1024
const ROWS_MAX = 10_000

/** A statement, and how many rows it has. */
export interface InsertText {
  readonly rows: number
  /** The statement with the values of the late column, those of its rows. */
  readonly sql: (late: readonly unknown[]) => string
}

/** The statements for the rows. */
export function* insertTexts(bulk: BulkRows): Generator<InsertText> {
  const { columns, values } = bulk
  const head = `${insertInto(mysqlDialect, bulk)} VALUES `
  const tail = onDuplicateKey(bulk.columns, bulk.conflict)
  const lateColumn = bulk.late === undefined ? -1 : columns.indexOf(bulk.late)
  for (let at = 0; at < values.length; ) {
    const text = new ByteText()
    const literals = new Literals(text)
    text.write(head)
    let rows = 0
    while (at < values.length && rows < ROWS_MAX && text.sizeBytes < BYTES_MAX) {
      if (rows > 0) text.byte(COMMA)
      text.byte(OPEN)
      for (let column = 0; column < columns.length; column++) {
        if (column > 0) text.byte(COMMA)
        if (column === lateColumn) text.gap()
        else literals.add(values[at + column])
      }
      text.byte(CLOSE)
      at += columns.length
      rows += 1
    }
    text.write(tail)
    yield { rows, sql: (late) => textOf(lateColumn < 0 ? text : text.filled(late, writeLiteral)) }
  }
}

const OPEN = 40
const CLOSE = 41
const COMMA = 44
const QUOTE = 39

function textOf(text: ByteText): string {
  const bytes = Buffer.concat(text.end())
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8')
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
const PLAIN = plainBytes(`'\\`)
const ANY = plainBytes('')

function writeLiteral(text: ByteText, value: unknown): void {
  new Literals(text).add(value)
}

/** Values as they stand in a statement; the session reads backslashes as escapes. */
class Literals {
  readonly #text: ByteText
  readonly #moment = new CachedMoment(momentText)

  constructor(text: ByteText) {
    this.#text = text
  }

  add(value: unknown): void {
    if (typeof value === 'string') this.#quoted(value)
    else if (typeof value === 'number') this.#text.number(value)
    else if (value === null || value === undefined) this.#text.writePlain('NULL', ANY)
    else if (typeof value === 'bigint') this.#text.write(String(value))
    else if (typeof value === 'boolean') this.#text.write(value ? '1' : '0')
    else if (value instanceof Date) this.#quoted(this.#moment.text(value))
    else if (value instanceof Uint8Array) this.#bytes(value)
    else this.#quoted(JSON.stringify(value))
  }

  #quoted(value: string): void {
    const text = this.#text
    text.byte(QUOTE)
    if (!text.writePlain(value, PLAIN)) text.write(value.replace(SPECIAL, '\\$&'))
    text.byte(QUOTE)
  }

  /** Bytes that can be seen mean themselves: half of what hex needs. */
  #bytes(bytes: Uint8Array): void {
    const text = this.#text
    if (!isPlain(bytes)) {
      return text.write(`x'${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}'`)
    }
    text.writePlain(`_binary'`, ANY)
    text.writeBytes(bytes, PLAIN)
    text.byte(QUOTE)
  }
}

/** A moment in UTC, which sessions keep theirs in. */
export function momentText(moment: Date): string {
  return moment.toISOString().slice(0, 23).replace('T', ' ')
}

function isPlain(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if (PLAIN[bytes[index] ?? 0] !== 1) return false
  return true
}
