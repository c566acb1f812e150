/** Messages → records, one message a record. */
import { JsonRecords } from '../formats/json-record.js'
import type { SourceRecord } from '../formats/source-shape.js'
import { unitDecoder, unitText } from '../formats/text-encoding.js'
import { MESSAGE_SHAPE } from './planned-file.js'

const NONE: readonly never[] = Object.freeze([])
const { encoding } = MESSAGE_SHAPE

export class MessageRecords {
  /** One for all messages: all that is known of names is known by their array, so that equal ones share it. */
  readonly #json = new JsonRecords(MESSAGE_SHAPE)

  /** The record of a message; null is a message without any. */
  recordOf(position: number, raw: Buffer | null): SourceRecord {
    const place = { line: position, offset: position, length: raw?.length ?? 0 }
    if (raw === null) return { ...place, kind: 'blank', names: NONE, values: NONE, reasons: NONE }
    const text = unitText(raw, encoding)
    this.#json.load(unitDecoder(raw, text, encoding), 0)
    return this.#json.record({ from: 0, to: text.length, ...place })
  }
}
