import { cutFields, type FieldSource } from './csv-fields.js'
import { invalidEncoding, refusal, recordReason } from './format-reasons.js'
import { lineRulesOf } from './line-rules.js'
import { LineRecords } from './line-records.js'
import type { FormatReason, SourceChunk, SourceRecord, SourceShape } from './source-shape.js'
import { unitBytesOf, unitDecoder, unitText, type UnitDecoder } from './text-encoding.js'

const SPACE = 32
const TAB = 9
const CR = 13
const NONE: readonly never[] = Object.freeze([])

/** Reads the records of one chunk of a CSV file. */
export function readCsvChunk(bytes: Buffer, chunk: SourceChunk, shape: SourceShape): SourceRecord[] {
  return new CsvChunk(bytes, chunk, shape).read()
}

class CsvChunk implements FieldSource {
  readonly text: string
  readonly delimiter: string
  readonly fieldsMax: number
  readonly #bytes: Buffer
  readonly #chunk: SourceChunk
  readonly #shape: SourceShape
  readonly #names: readonly string[]
  readonly #unitBytes: number
  readonly #decoder: UnitDecoder
  readonly #blankDelimiter: number
  #invalid: FormatReason[] = []

  constructor(bytes: Buffer, chunk: SourceChunk, shape: SourceShape) {
    this.text = unitText(bytes, shape.encoding)
    this.delimiter = shape.delimiter
    this.#bytes = bytes
    this.#chunk = chunk
    this.#shape = shape
    this.#names = shape.header ?? NONE
    this.fieldsMax = this.#names.length + 1
    this.#unitBytes = unitBytesOf(shape.encoding)
    this.#decoder = unitDecoder(bytes, this.text, shape.encoding)
    // With one column a delimiter is a mistake, not an empty row.
    this.#blankDelimiter = this.#names.length > 1 ? shape.delimiter.charCodeAt(0) : SPACE
  }

  read(): SourceRecord[] {
    const records: SourceRecord[] = []
    const found = new LineRecords(lineRulesOf(this.#shape))
    found.load(this.text, { isEnd: true })
    let { line } = this.#chunk
    for (let from = 0; from < this.text.length; from = found.next) {
      found.find(from)
      records.push(this.#record(from, line, found))
      line += found.lines
    }
    return records
  }

  #record(from: number, line: number, found: LineRecords): SourceRecord {
    const { end } = found
    const offset = this.#chunk.offset + from * this.#unitBytes
    const length = Math.min(end * this.#unitBytes, this.#bytes.length) - from * this.#unitBytes
    const names = this.#names
    if (found.problem !== null) {
      const reasons = [refusal(found.problem, this.#shape.limits)]
      return { line, offset, length, kind: 'data', names, values: NONE, reasons }
    }
    if (this.#isBlank(from, end)) return { line, offset, length, kind: 'blank', names, values: NONE, reasons: NONE }
    const values = found.isQuoted ? this.#cut(from, end) : this.#split(from, end)
    const reasons = this.#reasons(values)
    const kind = reasons.length === 0 && this.#isHeader(values) ? 'header' : 'data'
    return { line, offset, length, kind, names, values, reasons }
  }

  /** Without quotes the record is decoded at once: a delimiter is one ASCII character, whatever stands beside it. */
  #split(from: number, end: number): string[] {
    const record = this.#decoder.decode(from, end)
    if (this.#decoder.invalidAt !== -1) return this.#cut(from, end)
    return record.split(this.delimiter, this.fieldsMax)
  }

  #cut(from: number, end: number): string[] {
    return cutFields(this, from, end)
  }

  decode(from: number, to: number, field: number): string {
    const value = this.#decoder.decode(from, to)
    const { invalidAt } = this.#decoder
    if (invalidAt !== -1) {
      const name = this.#names[field]
      const path = name === undefined ? [] : [name]
      this.#invalid.push(invalidEncoding(path, this.#chunk.offset + invalidAt, this.#shape.encoding))
    }
    return value
  }

  /** All that is wrong with the fields cut last. */
  #reasons(values: readonly string[]): readonly FormatReason[] {
    const count = countReason(values, this.#names)
    if (count === undefined && this.#invalid.length === 0) return NONE
    const reasons = count === undefined ? this.#invalid : [count, ...this.#invalid]
    this.#invalid = []
    return reasons
  }

  #isBlank(from: number, end: number): boolean {
    for (let at = from; at < end; at++) {
      const code = this.text.charCodeAt(at)
      if (code !== this.#blankDelimiter && code !== SPACE && code !== TAB && code !== CR) return false
    }
    return true
  }

  #isHeader(values: readonly string[]): boolean {
    return values[0] === this.#names[0] && values.every((value, index) => value === this.#names[index])
  }
}

function countReason(values: readonly string[], names: readonly string[]): FormatReason | undefined {
  if (values.length === names.length) return undefined
  if (values.length > names.length) {
    return recordReason(
      'TOO_MANY_FIELDS',
      `The record has more than the ${names.length} fields of the header.`,
      'Put fields that hold the delimiter in quotes, or remove what is too much.',
    )
  }
  return recordReason(
    'TOO_FEW_FIELDS',
    `The record has ${values.length} of the ${names.length} fields of the header.`,
    'Add the missing fields; an empty field still needs its delimiter.',
  )
}
