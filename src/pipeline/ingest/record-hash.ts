/** The content hash by which a record is known again. */
import { createHash, hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { SourceRecord } from '../formats/source-shape.js'
import type { Dedupe } from './ingest-plan.js'
import { findMoment, type RoughMoment } from './time-in-bytes.js'

/**
 * Bits of a SHA-256 in two numbers that are exact, and narrow in an index. The first one begins with the moment that is
 * written in the record, if there is one: what comes one after the other stands side by side in the index, which
 * changes few of its pages then, however large it is.
 */
export type RecordHash = readonly [hash1: number, hash2: number]

/** Bytes of a source, the first of which stands at `offset`; the record is among them. */
export interface RawBytes {
  readonly bytes: Buffer
  readonly offset: number
}

interface Stretch {
  readonly from: number
  readonly to: number
}

const VERSION = 'shardyard record 1'
/** Where a moment is looked for: at the beginning of a record. */
const MOMENT_BYTES = 256
/** The first number: milliseconds, which begin again after fifty days, above bits of the digest. */
const [MOMENTS, BELOW] = [2 ** 32, 2 ** 21]

/**
 * Hashes records. The hash also covers what gives the bytes their meaning: the entity, the names of CSV columns, and
 * what is compared; so the same line under another header is another record.
 */
export class RecordHasher {
  readonly #entity: string
  readonly #dedupe: Dedupe
  readonly #scopes = new WeakMap<readonly string[], Buffer>()
  #scratch = Buffer.alloc(4096)
  readonly #beginnings: Buffer[] = []
  readonly #moment: RoughMoment = { ms: 0, withinMs: 1 }
  /** The scope that stands at the beginning of the scratch. */
  #written: Buffer | undefined

  constructor(entity: string, dedupe: Dedupe) {
    this.#entity = entity
    this.#dedupe = dedupe
  }

  /** `isNamed` when the names of the record stand outside of it, as in CSV. */
  of(record: SourceRecord, { bytes, offset }: RawBytes, isNamed: boolean): RecordHash {
    if (this.#dedupe === 'canonical') {
      const text = Buffer.from(canonicalText(record))
      return this.#digest(NO_NAMES, text, { from: 0, to: text.length })
    }
    const from = record.offset - offset
    return this.#digest(isNamed ? record.names : NO_NAMES, bytes, { from, to: from + record.length })
  }

  #digest(names: readonly string[], bytes: Buffer, { from, to }: Stretch): RecordHash {
    const scope = this.#scopeOf(names)
    const length = scope.length + to - from
    if (this.#scratch.length < length) {
      this.#scratch = Buffer.alloc(length * 2)
      this.#written = undefined
      this.#beginnings.length = 0
    }
    if (this.#written !== scope) this.#scratch.set(scope)
    this.#written = scope
    copyBytes(bytes, { from, to }, { target: this.#scratch, at: scope.length })
    // As text of one-byte characters, which costs less than another buffer.
    const digest = hash('sha256', this.#beginning(length), 'latin1' as 'hex')
    const upper = this.#upperHalf(scope.length, length, number48(digest, 12))
    return [upper * BELOW + (number24(digest, 0) % BELOW), number48(digest, 6) * 32 + (digest.charCodeAt(3) >> 3)]
  }

  /** Bits of the digest, in which the moment of the record stands as finely as it is written. */
  #upperHalf(from: number, to: number, bits: number): number {
    const moment = this.#moment
    if (!findMoment(this.#scratch, from, Math.min(to, from + MOMENT_BYTES), moment)) return bits % MOMENTS
    const ms = (moment.ms + (bits % moment.withinMs)) % MOMENTS
    return ms < 0 ? ms + MOMENTS : ms
  }

  /** The scratch up to a length. Records are of few lengths, and a view costs more than a look for it. */
  #beginning(length: number): Buffer {
    return (this.#beginnings[length] ??= this.#scratch.subarray(0, length))
  }

  /** 32 bytes for all that does not differ from record to record. */
  #scopeOf(names: readonly string[]): Buffer {
    let scope = this.#scopes.get(names)
    if (scope === undefined) {
      scope = createHash('sha256')
        .update(JSON.stringify([VERSION, this.#entity, this.#dedupe, names]))
        .digest()
      this.#scopes.set(names, scope)
    }
    return scope
  }
}

/** Short stretches byte by byte: a call into the runtime costs more. */
const SHORT = 256

function copyBytes(
  bytes: Buffer,
  { from, to }: Stretch,
  { target, at }: { readonly target: Buffer; readonly at: number },
): void {
  if (to - from > SHORT) return void bytes.copy(target, at, from, to)
  for (let index = from; index < to; index++) target[at + index - from] = bytes[index] ?? 0
}

function number48(text: string, from: number): number {
  return number24(text, from) * 2 ** 24 + number24(text, from + 3)
}

function number24(text: string, from: number): number {
  return (text.charCodeAt(from) << 16) | (text.charCodeAt(from + 1) << 8) | text.charCodeAt(from + 2)
}

const NO_NAMES: readonly string[] = Object.freeze([])

/** The record as JSON that is the same for the same content (RFC 8785). */
function canonicalText({ names, values }: SourceRecord): string {
  return canonicalize(Object.fromEntries(names.map((name, index) => [name, values[index]]))) ?? ''
}
