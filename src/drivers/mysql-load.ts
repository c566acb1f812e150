/**
 * Rows as LOAD DATA LOCAL takes them, straight from memory: MariaDB takes in a line in half the time of one of INSERT.
 *
 * LOCAL skips or bends what does not fit and only counts it. A load whose count is not perfect must be undone and done
 * by INSERT, which says what is wrong in the words of the server, or takes it.
 */
import { ByteText, plainBytes } from './byte-text.js'
import { CachedMoment } from './cached-moment.js'
import type { BulkRows, Row } from './driver.js'
import { mysqlDialect } from './mysql-dialect.js'
import { momentText } from './mysql-insert.js'

/** Below, the statements around a load cost more than it saves. */
const ROWS_MIN = 200

/** Types into which a text goes as the same value as a literal does; not BIT and ENUM, which read numbers otherwise. */
const TYPES = new Set(
  (
    'tinyint smallint mediumint int bigint decimal float double char varchar tinytext text mediumtext longtext ' +
    'binary varbinary tinyblob blob mediumblob longblob date datetime timestamp time'
  ).split(' '),
)

const SERVER = `SELECT VERSION() AS version, @@local_infile AS local, @@innodb_autoinc_lock_mode AS numbering`
const COLUMN_TYPES =
  'SELECT DISTINCT data_type AS type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?'

/** Which tables a connection may load, as far as it has learned that. */
export class LoadableTables {
  readonly #query: (sql: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>
  readonly #tables = new Map<string, boolean>()
  #server: { readonly mayLoad: boolean; readonly numbersInOrder: boolean } | undefined

  constructor(query: (sql: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>) {
    this.#query = query
  }

  mayLoad({ table, numbered, conflict, values, columns }: BulkRows): boolean {
    if (this.#tables.get(table) !== true || values.length < ROWS_MIN * columns.length) return false
    if (conflict !== undefined && conflict.do !== 'error') return false
    return numbered === undefined || this.#server?.numbersInOrder === true
  }

  /** Asks the server, the first time that a table gets many rows. */
  async learn({ table, values, columns }: BulkRows): Promise<void> {
    if (this.#tables.has(table) || values.length < ROWS_MIN * columns.length) return
    this.#server ??= await this.#askServer()
    this.#tables.set(table, this.#server.mayLoad && (await this.#hasPlainTypes(table)))
  }

  /** The server or the client does not let anything be loaded. */
  forbid(): void {
    this.#server = { mayLoad: false, numbersInOrder: false }
    for (const table of this.#tables.keys()) this.#tables.set(table, false)
  }

  async #askServer() {
    const [row] = await this.#query(SERVER)
    const mayLoad = /mariadb/i.test(String(row?.['version'])) && Number(row?.['local']) === 1
    // In the mode 2 the numbers of a load may have those of another one in between.
    return { mayLoad, numbersInOrder: Number(row?.['numbering'] ?? 2) < 2 }
  }

  async #hasPlainTypes(table: string): Promise<boolean> {
    const rows = await this.#query(COLUMN_TYPES, [table])
    return rows.length > 0 && rows.every(({ type }) => TYPES.has(String(type)))
  }
}

/** The statement that reads the rows. */
export function loadStatement({ table, columns }: BulkRows): string {
  const { quote } = mysqlDialect
  return (
    `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${quote(table)} CHARACTER SET binary ` +
    String.raw`FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' ` +
    `(${columns.map(quote).join(', ')})`
  )
}

/** The rows as it reads them, with a gap for each value of the late column. */
export function loadText({ columns, values, late }: BulkRows): ByteText {
  const lateColumn = late === undefined ? -1 : columns.indexOf(late)
  const text = new ByteText()
  const cells = new LoadCells(text)
  for (let at = 0; at < values.length; at += columns.length) {
    for (let column = 0; column < columns.length; column++) {
      if (column === lateColumn) text.gap()
      else cells.add(values[at + column])
      text.byte(column + 1 === columns.length ? LF : TAB)
    }
  }
  return text
}

/** Writes a value into a text that is filled. */
export function writeLoadCell(text: ByteText, value: unknown): void {
  new LoadCells(text).add(value)
}

const TAB = 9
const LF = 10
const BACKSLASH = 92
const PLAIN = plainBytes('\\')
const ANY = plainBytes('')
const SPECIAL = /[\\\t\n\r\0]/
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' }

class LoadCells {
  readonly #text: ByteText
  readonly #moment = new CachedMoment(momentText)

  constructor(text: ByteText) {
    this.#text = text
  }

  add(value: unknown): void {
    if (typeof value === 'string') this.#string(value)
    else if (typeof value === 'number') this.#text.number(value)
    else if (value === null || value === undefined) this.#text.writePlain('\\N', ANY)
    else if (typeof value === 'bigint') this.#text.write(String(value))
    else if (typeof value === 'boolean') this.#text.write(value ? '1' : '0')
    else if (value instanceof Date) this.#string(this.#moment.text(value))
    else if (value instanceof Uint8Array) this.#bytes(value)
    else this.#string(JSON.stringify(value))
  }

  #string(value: string): void {
    if (this.#text.writePlain(value, PLAIN)) return
    const isSpecial = SPECIAL.test(value)
    this.#text.write(isSpecial ? value.replace(/[\\\t\n\r\0]/g, (character) => ESCAPES[character] ?? '') : value)
  }

  #bytes(value: Uint8Array): void {
    if (this.#text.writeBytes(value, PLAIN)) return
    for (const byte of value) {
      const escape = ESCAPED_BYTES[byte]
      if (escape !== undefined) this.#text.byte(BACKSLASH)
      this.#text.byte(escape ?? byte)
    }
  }
}

/** What stands behind a backslash for a byte that would end a cell or a row. */
const ESCAPED_BYTES: Readonly<Record<number, number | undefined>> = Object.fromEntries(
  Object.entries(ESCAPES).map(([character, escape]) => [character.charCodeAt(0), escape.charCodeAt(1)]),
)
