/** The text format of COPY. */
import { ByteText, plainBytes } from './byte-text.js'
import { CachedMoment } from './cached-moment.js'
import type { BulkRows } from './driver.js'

const TAB = 9
const LF = 10
const PLAIN = plainBytes('\\')
const SPECIAL = /[\\\t\n\r]/
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** The rows as text. With `leads` each is led by a number of its own; with `hasGaps` by a gap for one. */
export function copyText(
  { columns, values, late }: BulkRows,
  { leads, hasGaps = false }: { readonly leads?: readonly number[]; readonly hasGaps?: boolean } = {},
): ByteText {
  const width = columns.length
  const lateColumn = late === undefined ? -1 : columns.indexOf(late)
  const text = new ByteText()
  const cells = new CopyCells(text)
  for (let at = 0, row = 0; at < values.length; row++, at += width) {
    if (hasGaps) text.gap()
    if (leads !== undefined) text.number(leads[row] ?? 0)
    if (hasGaps || leads !== undefined) text.byte(TAB)
    for (let column = 0; column < width; column++) {
      if (column === lateColumn) text.gap()
      else cells.add(values[at + column])
      text.byte(column + 1 === width ? LF : TAB)
    }
  }
  return text
}

/** Writes a value into a text that is filled. */
export function writeCopyCell(text: ByteText, value: unknown): void {
  new CopyCells(text).add(value)
}

class CopyCells {
  readonly #text: ByteText
  readonly #moment = new CachedMoment(momentText)

  constructor(text: ByteText) {
    this.#text = text
  }

  add(value: unknown): void {
    if (typeof value === 'string') this.#string(value)
    else if (typeof value === 'number') this.#text.number(value)
    else if (value === null || value === undefined) this.#text.writePlain('\\N', ANY)
    else if (value instanceof Uint8Array) this.#bytes(value)
    else if (value instanceof Date) this.#string(this.#moment.text(value))
    else this.#string(plainText(value))
  }

  #string(value: string): void {
    if (this.#text.writePlain(value, PLAIN)) return
    this.#text.write(
      SPECIAL.test(value) ? value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character) : value,
    )
  }

  /** Bytes that can be seen mean themselves: half of what hex needs. */
  #bytes(value: Uint8Array): void {
    if (this.#text.writeBytes(value, PLAIN)) return
    this.#text.write(`\\\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`)
  }
}

const ANY = plainBytes('')

/** A value in the text form of its type. */
function plainText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Date) return momentText(value)
  if (Array.isArray(value)) return arrayText(value)
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  return JSON.stringify(value)
}

/** As pg writes it: with the wall clock of this process, which is all that a column without a time zone keeps. */
function momentText(moment: Date): string {
  const offset = -moment.getTimezoneOffset()
  if (offset === 0) return moment.toISOString()
  const local = new Date(moment.getTime() + offset * 60_000).toISOString().slice(0, -1)
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60]
  return `${local}${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}

/** The value of an array column: `{"a",NULL,{"b"}}`. */
function arrayText(values: readonly unknown[]): string {
  const parts = values.map((value) => {
    if (value === null || value === undefined) return 'NULL'
    if (Array.isArray(value)) return arrayText(value)
    return `"${plainText(value).replace(/["\\]/g, '\\$&')}"`
  })
  return `{${parts.join(',')}}`
}
