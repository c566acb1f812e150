import { invalidEncoding, recordReason } from './format-reasons.js'
import { JsonChecker } from './json-check.js'
import type { FormatReason, SourceRecord, SourceShape } from './source-shape.js'
import { unitDecoder, type UnitDecoder } from './text-encoding.js'

const NONE: readonly never[] = Object.freeze([])
/** Lists of keys that are remembered at most. */
const NAMES_MAX = 1_000

/** Where a JSON record is: in the text, and in the file. */
export interface JsonPlace {
  readonly from: number
  readonly to: number
  readonly line: number
  readonly offset: number
  readonly length: number
}

/** Turns stretches of text into records; those with equal keys in equal order share one array of names. */
export class JsonRecords {
  readonly #shape: SourceShape
  readonly #checker: JsonChecker
  #decoder = unitDecoder(Buffer.alloc(0), '', 'utf-8')
  #chunkOffset = 0
  readonly #known = new Map<string, readonly string[]>()
  #last: readonly string[] = NONE

  constructor(shape: SourceShape) {
    this.#shape = shape
    this.#checker = new JsonChecker(shape.limits)
  }

  /** Goes on with another text, which begins at that byte of its file. */
  load(decoder: UnitDecoder, chunkOffset: number): void {
    this.#decoder = decoder
    this.#chunkOffset = chunkOffset
  }

  /** The record that stands in a stretch of the text that was loaded last. */
  record({ from, to, line, offset, length }: JsonPlace): SourceRecord {
    const text = this.#decoder.decode(from, to)
    const { invalidAt } = this.#decoder
    if (invalidAt !== -1) {
      const reasons = [invalidEncoding([], this.#chunkOffset + invalidAt, this.#shape.encoding)]
      return { line, offset, length, kind: 'data', names: NONE, values: NONE, reasons }
    }
    const { value, reasons } = this.#checker.check(text)
    if (reasons.length > 0) return { line, offset, length, kind: 'data', names: NONE, values: NONE, reasons }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { line, offset, length, kind: 'data', names: NONE, values: NONE, reasons: [notAnObject(value)] }
    }
    const names = this.#namesOf(value)
    return { line, offset, length, kind: 'data', names, values: Object.values(value), reasons: NONE }
  }

  #namesOf(value: object): readonly string[] {
    const keys = Object.keys(value)
    if (isSame(keys, this.#last)) return this.#last
    const id = JSON.stringify(keys)
    const known = this.#known.get(id)
    this.#last = known ?? keys
    if (known === undefined) {
      if (this.#known.size >= NAMES_MAX) this.#known.clear()
      this.#known.set(id, keys)
    }
    return this.#last
  }
}

function isSame(keys: readonly string[], names: readonly string[]): boolean {
  if (keys.length !== names.length) return false
  for (let at = 0; at < keys.length; at++) if (keys[at] !== names[at]) return false
  return true
}

function notAnObject(value: unknown): FormatReason {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`
  return recordReason('NOT_AN_OBJECT', `The record is ${kind}, not an object.`, 'Write it as { "name": value, … }.')
}
