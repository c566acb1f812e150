/** Messages → records, one message a record. */
import { readChunk } from '../formats/read-chunk.js'
import type { SourceRecord } from '../formats/source-shape.js'
import { MESSAGE_SHAPE } from './planned-file.js'

/** Lists of keys that are remembered at most. */
const NAMES_MAX = 1_000

export class MessageRecords {
  /** All that is known of names is known by their array, so that equal ones share it. */
  readonly #names = new Map<string, readonly string[]>()

  /** The record of a message; null is a message without any. */
  recordOf(position: number, raw: Buffer | null): SourceRecord {
    const place = { line: position, offset: position, length: raw?.length ?? 0 }
    const blank: SourceRecord = { ...place, kind: 'blank', names: [], values: [], reasons: [] }
    if (raw === null) return blank
    const chunk = { offset: 0, length: raw.length, line: 1, records: 1 }
    const [record] = readChunk(raw, chunk, MESSAGE_SHAPE)
    return record === undefined ? blank : { ...record, ...place, names: this.#shared(record.names) }
  }

  #shared(names: readonly string[]): readonly string[] {
    const id = JSON.stringify(names)
    const known = this.#names.get(id)
    if (known !== undefined) return known
    if (this.#names.size >= NAMES_MAX) this.#names.clear()
    this.#names.set(id, names)
    return names
  }
}
