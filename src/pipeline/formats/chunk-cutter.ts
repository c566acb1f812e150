import type { RefusedChunk, SourceChunk } from './source-shape.js'

/** A record as the scan sees it; offsets are those of the file. */
export interface FoundRecord {
  readonly offset: number
  /** Where the chunk would end if this were its last record: past the line end. */
  readonly next: number
  readonly line: number
}

/** Collects records into chunks: a chunk ends with the record that reaches its size. */
export class ChunkCutter {
  readonly chunks: SourceChunk[] = []
  records = 0
  readonly #bytesMax: number
  readonly #recordsMax: number
  #first: FoundRecord | null = null
  #next = 0
  #count = 0

  constructor(options: { readonly chunkBytes: number; readonly chunkRecords: number }) {
    this.#bytesMax = options.chunkBytes
    this.#recordsMax = options.chunkRecords
  }

  add(offset: number, next: number, line: number): void {
    this.#first ??= { offset, next, line }
    this.#next = next
    this.#count++
    if (next - this.#first.offset >= this.#bytesMax || this.#count >= this.#recordsMax) this.cut()
  }

  /** A record of any length that nobody needs to read. */
  addRefused(record: FoundRecord, refused: RefusedChunk): void {
    this.cut()
    this.records++
    const { offset, next, line } = record
    this.chunks.push({ offset, length: next - offset, line, records: 1, refused })
  }

  /** Ends the chunk that is being collected, if there is one. */
  cut(): void {
    if (this.#first === null) return
    const { offset, line } = this.#first
    this.chunks.push({ offset, length: this.#next - offset, line, records: this.#count })
    this.records += this.#count
    this.#first = null
    this.#count = 0
  }
}
