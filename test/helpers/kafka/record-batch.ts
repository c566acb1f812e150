import { crc32c } from './crc32c'
import { WireReader, WireWriter } from './wire'

export interface LogRecord {
  readonly timestamp: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly { readonly key: Buffer; readonly value: Buffer | null }[]
}

export interface StoredRecord extends LogRecord {
  readonly offset: bigint
}

/** The only format here; older ones have no checksum over the whole batch. */
const MAGIC = 2
const COMPRESSION_BITS = 0b111

/** One record batch of version 2, without compression; records keep their offsets. */
export function encodeBatch(records: readonly StoredRecord[]): Buffer {
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined) return Buffer.alloc(0)
  const timestamps = records.map(({ timestamp }) => timestamp)
  const body = new WireWriter()
    .int16(0)
    .int32(Number(last.offset - first.offset))
    .int64(first.timestamp)
    .int64(timestamps.reduce((latest, timestamp) => (timestamp > latest ? timestamp : latest)))
    // No producer id, epoch and sequence: nothing here is a transaction.
    .int64(-1n)
    .int16(-1)
    .int32(-1)
  const checked = body.array(records, (record) => body.raw(encodeRecord(record, first))).bytesWritten
  const rest = new WireWriter().int32(-1).int8(MAGIC).uint32(crc32c(checked)).raw(checked).bytesWritten
  return new WireWriter().int64(first.offset).bytes(rest).bytesWritten
}

function encodeRecord({ timestamp, offset, key, value, headers }: StoredRecord, first: StoredRecord): Buffer {
  const body = new WireWriter()
    .int8(0)
    .varint(timestamp - first.timestamp)
    .varint(offset - first.offset)
    .varintBytes(key)
    .varintBytes(value)
    .varint(BigInt(headers.length))
  for (const header of headers) body.varintBytes(header.key).varintBytes(header.value)
  return new WireWriter().varintBytes(body.bytesWritten).bytesWritten
}

/** The records of all batches in what a producer sends. Throws when a checksum is wrong, or a batch is compressed. */
export function decodeBatches(bytes: Buffer): LogRecord[] {
  const reader = new WireReader(bytes)
  const records: LogRecord[] = []
  while (reader.left > 0) {
    reader.int64()
    records.push(...decodeBatch(new WireReader(reader.bytes() ?? Buffer.alloc(0))))
  }
  return records
}

function decodeBatch(reader: WireReader): LogRecord[] {
  reader.int32()
  const magic = reader.int8()
  if (magic !== MAGIC) throw new Error(`A record batch has version ${magic}.`)
  const crc = reader.uint32()
  const checked = reader.take(reader.left)
  if (crc32c(checked) !== crc) throw new Error('A record batch has a wrong checksum.')
  const body = new WireReader(checked)
  if ((body.int16() & COMPRESSION_BITS) !== 0) throw new Error('A record batch is compressed.')
  body.int32()
  const firstTimestamp = body.int64()
  // The latest timestamp, and the producer's id, epoch and sequence.
  body.take(8 + 8 + 2 + 4)
  return body.array(() => decodeRecord(new WireReader(body.varintBytes() ?? Buffer.alloc(0)), firstTimestamp))
}

function decodeRecord(reader: WireReader, firstTimestamp: bigint): LogRecord {
  reader.int8()
  const timestamp = firstTimestamp + reader.varint()
  reader.varint()
  const [key, value] = [reader.varintBytes(), reader.varintBytes()]
  const headers = Array.from({ length: Number(reader.varint()) }, () => ({
    key: reader.varintBytes() ?? Buffer.alloc(0),
    value: reader.varintBytes(),
  }))
  return { timestamp, key, value, headers }
}
