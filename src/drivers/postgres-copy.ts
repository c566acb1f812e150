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
 * One COPY of rows that are all in memory. The pg package calls its methods, as it does those of its own queries;
 * `done` tells how many rows were copied.
 */
export class CopyQuery {
  readonly done: Promise<number>
  readonly #sql: string
  readonly #bulk: BulkRows
  readonly #isNumbered: boolean
  #copied = 0
  #resolve: (copied: number) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  /** With `isNumbered` each row is led by its number, from 0. */
  constructor(sql: string, bulk: BulkRows, { isNumbered }: { readonly isNumbered: boolean }) {
    this.#sql = sql
    this.#bulk = bulk
    this.#isNumbered = isNumbered
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  submit(wire: PgWire): void {
    wire.query(this.#sql)
  }
  handleCopyInResponse(wire: PgWire): void {
    for (const text of copyTexts(this.#bulk, this.#isNumbered)) wire.sendCopyFromChunk(Buffer.from(text))
    wire.endCopyFrom()
  }
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
      text += copyText(values[at])
      text += at + 1 < end ? '\t' : '\n'
    }
    if (text.length < MESSAGE_CHARACTERS) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

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
      if (value === null || value === undefined) return '\\N'
      if (value instanceof Date) return value.toISOString()
      if (value instanceof Uint8Array)
        return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
      return escaped(JSON.stringify(value))
  }
}

function escaped(text: string): string {
  return SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character) : text
}
