/** COPY FROM STDIN: rows as text, and the query object that carries them through the pg package. */
import type { BulkRows } from './driver.js'

/** The part of pg's connection that sends a COPY. */
interface PgWire {
  query(sql: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** Text that is sent in one message, in characters; about what fits the socket's buffers. */
const MESSAGE_CHARACTERS = 64 * 1024

/**
 * One COPY of rows that are all in memory, their text made with it, not when it is sent. The pg package calls its methods, as it does those of its own queries;
 * `done` tells how many rows were copied.
 */
export class CopyQuery {
  readonly done: Promise<number>
  readonly #sql: string
  readonly #chunks: readonly Buffer[]
  #copied = 0
  #resolve: (copied: number) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  /** With `isNumbered` each row is led by its number, from 0. */
  constructor(sql: string, bulk: BulkRows, { isNumbered }: { readonly isNumbered: boolean }) {
    this.#sql = sql
    this.#chunks = Array.from(copyTexts(bulk, isNumbered), (text) => Buffer.from(text))
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Sends everything at once: when the server refuses the COPY it ignores the rows, as the protocol has it do. */
  submit(wire: PgWire): void {
    wire.query(this.#sql)
    for (const chunk of this.#chunks) wire.sendCopyFromChunk(chunk)
    wire.endCopyFrom()
  }
  handleCopyInResponse(): void {}
  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#copied = Number(/^COPY (\d+)$/.exec(text)?.[1] ?? 0)
  }
  handleReadyForQuery(): void {
    this.#resolve(this.#copied)
  }
  handleError(error: unknown): void {
    this.#reject(error)
  }
}

function* copyTexts({ columns, values }: BulkRows, isNumbered: boolean): Generator<string> {
  const width = columns.length
  let text = ''
  for (let at = 0, row = 0; at < values.length; row++) {
    if (isNumbered) text += `${row}\t`
    for (const end = at + width; at < end; at++) {
      const value = values[at]
      text += typeof value === 'string' && !SPECIAL.test(value) ? value : copyText(value)
      text += at + 1 < end ? '\t' : '\n'
    }
    if (text.length < MESSAGE_CHARACTERS) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

/** ASCII that can be seen, but for the backslash. */
const PRINTABLE = /^[ -[\]-~]*$/
const SPECIAL = /[\\\t\n\r]/
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** A value in the text format of COPY. */
export function copyText(value: unknown): string {
  switch (typeof value) {
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'string':
      return escaped(value)
    default:
      return value === null || value === undefined ? '\\N' : escaped(plainText(value))
  }
}

/** A value in the text form of its type. */
function plainText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Date) return momentText(value)
  if (Array.isArray(value)) return arrayText(value)
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
    const text = bytes.toString('latin1')
    // Bytes without a backslash mean themselves: half of what hex needs.
    return PRINTABLE.test(text) ? text : `\\x${bytes.toString('hex')}`
  }
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

function escaped(text: string): string {
  return SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character) : text
}
