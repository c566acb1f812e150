import { encodeBatch, type LogRecord, type StoredRecord } from './record-batch'

/** What a partition holds, and who waits for more. */
export class PartitionLog {
  #records: StoredRecord[] = []
  #end: bigint
  #waiters = new Set<() => void>()

  /** `startOffset` lets a test begin where a number is no longer exact. */
  constructor(startOffset = 0n) {
    this.#end = startOffset
  }

  /** The offset of the next record. */
  get end(): bigint {
    return this.#end
  }

  get start(): bigint {
    return this.#records[0]?.offset ?? this.#end
  }

  /** @returns the offset of the first */
  append(records: readonly LogRecord[]): bigint {
    const first = this.#end
    for (const record of records) this.#records.push({ ...record, offset: this.#end++ })
    for (const wake of this.#waiters) wake()
    return first
  }

  /** As a retention time does. */
  deleteBefore(offset: bigint): void {
    this.#records = this.#records.filter((record) => record.offset >= offset)
  }

  /** Record batches from `offset` on, of about `bytesMax`; at least one record when there is one. */
  read(offset: bigint, bytesMax: number): Buffer {
    const from = this.#records.findIndex((record) => record.offset >= offset)
    if (from === -1) return Buffer.alloc(0)
    let [to, size] = [from, 0]
    for (; to < this.#records.length && size < bytesMax; to++) size += sizeOf(this.#records[to])
    return encodeBatch(this.#records.slice(from, to))
  }

  /** The first record that is not older; undefined when all are. */
  firstSince(timestamp: bigint): StoredRecord | undefined {
    return this.#records.find((record) => record.timestamp >= timestamp)
  }

  /** Calls `wake` at every append until the function that it returns is called. */
  watch(wake: () => void): () => void {
    this.#waiters.add(wake)
    return () => this.#waiters.delete(wake)
  }
}

const RECORD_OVERHEAD_BYTES = 12

function sizeOf(record: StoredRecord | undefined): number {
  return RECORD_OVERHEAD_BYTES + (record?.key?.length ?? 0) + (record?.value?.length ?? 0)
}
