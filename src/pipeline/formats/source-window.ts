import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { ResolvedScanOptions } from './scan-options.js'

/** A stretch of a file that moves forward; what it has passed over is gone. Each byte is read and hashed once. */
export class SourceWindow {
  /** Where the window begins in the file. */
  offset = 0
  /** Whether the window reaches the end of the file. */
  isEnd = false
  readonly #handle: FileHandle
  readonly #options: ResolvedScanOptions
  readonly #hash = createHash('sha256')
  #buffer: Buffer
  #start = 0
  #end = 0
  #read = 0

  constructor(handle: FileHandle, options: ResolvedScanOptions) {
    this.#handle = handle
    this.#options = options
    this.#buffer = Buffer.allocUnsafe(options.readBytes * 2)
  }

  /** The bytes of the window; valid until the next `grow`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end)
  }

  /** Where the window ends in the file. */
  get endOffset(): number {
    return this.offset + this.#end - this.#start
  }

  /** Leaves out bytes at the front. */
  drop(bytes: number): void {
    const dropped = Math.min(bytes, this.#end - this.#start)
    this.#start += dropped
    this.offset += dropped
  }

  /** Reads on; sets `isEnd` when there is no more. */
  async grow(): Promise<void> {
    const { readBytes, signal, onProgress } = this.#options
    signal?.throwIfAborted()
    this.#makeRoom(readBytes)
    const { bytesRead } = await this.#handle.read(this.#buffer, this.#end, readBytes, this.#read)
    this.#hash.update(this.#buffer.subarray(this.#end, this.#end + bytesRead))
    this.#end += bytesRead
    this.#read += bytesRead
    this.isEnd = bytesRead === 0
    onProgress?.(this.#read)
  }

  /** What was read in all, and its SHA-256. To be called once, at the end. */
  finish(): { readonly sizeBytes: number; readonly sha256: string } {
    return { sizeBytes: this.#read, sha256: this.#hash.digest('hex') }
  }

  #makeRoom(bytes: number): void {
    if (this.#buffer.length - this.#end >= bytes) return
    const length = this.#end - this.#start
    const isRoomy = this.#buffer.length >= (length + bytes) * 2
    const target = isRoomy ? this.#buffer : Buffer.allocUnsafe((length + bytes) * 2)
    this.#buffer.copy(target, 0, this.#start, this.#end)
    this.#buffer = target
    this.#start = 0
    this.#end = length
  }
}
