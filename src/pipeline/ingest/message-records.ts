/** Messages → records, one message a record. */
import { JsonRecords } from '../formats/json-record.js'
import type { SourceRecord } from '../formats/source-shape.js'
import { unitDecoder, unitText } from '../formats/text-encoding.js'
import { MESSAGE_SHAPE } from './planned-file.js'
import type { RawBytes } from './record-hash.js'

/** A record with the bytes of its message. */
export type MessageRecord = SourceRecord & RawBytes

const NONE: readonly never[] = Object.freeze([])
const NOTHING = Buffer.alloc(0)
const { encoding } = MESSAGE_SHAPE

export class MessageRecords {
  /** One for all messages: all that is known of names is known by their array, so that equal ones share it. */
  readonly #json = new JsonRecords(MESSAGE_SHAPE)

  /** The record of a message; null is a message without any. */
  recordOf(position: number, raw: Buffer | null): MessageRecord {
    const line = position
    const offset = position
    if (raw === null) {
      return { line, offset, length: 0, kind: 'blank', names: NONE, values: NONE, reasons: NONE, bytes: NOTHING }
    }
    const { length } = raw
    const text = unitText(raw, encoding)
    this.#json.load(unitDecoder(raw, text, encoding), 0)
    const { kind, names, values, reasons } = this.#json.record({ from: 0, to: text.length, line, offset, length })
    // Written out: to spread an object costs as much as to read the message.
    return { line, offset, length, kind, names, values, reasons, bytes: raw }
  }
}
