/** Kafka's primitive types: big-endian numbers, strings and byte strings behind their length, -1 for null. */

export class WireReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  take(length: number): Buffer {
    if (length < 0 || length > this.left) throw new RangeError(`${length} bytes wanted, ${this.left} left`)
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  int8 = (): number => this.take(1).readInt8()
  int16 = (): number => this.take(2).readInt16BE()
  int32 = (): number => this.take(4).readInt32BE()
  uint32 = (): number => this.take(4).readUInt32BE()
  int64 = (): bigint => this.take(8).readBigInt64BE()
  boolean = (): boolean => this.int8() !== 0

  string = (): string => this.nullableString() ?? ''

  nullableString = (): string | null => {
    const length = this.int16()
    return length < 0 ? null : this.take(length).toString()
  }

  bytes = (): Buffer | null => {
    const length = this.int32()
    return length < 0 ? null : this.take(length)
  }

  array<T>(item: () => T): T[] {
    return this.nullableArray(item) ?? []
  }

  nullableArray<T>(item: () => T): T[] | null {
    const length = this.int32()
    return length < 0 ? null : Array.from({ length }, item)
  }

  /** Seven bits a byte, the lowest first, the sign in the lowest bit. */
  varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(this.take(1).readUInt8())
      value |= (byte & 0x7fn) << shift
      if (byte < 0x80n) return (value >> 1n) ^ -(value & 1n)
    }
  }

  varintBytes = (): Buffer | null => {
    const length = Number(this.varint())
    return length < 0 ? null : this.take(length)
  }
}

export class WireWriter {
  readonly #parts: Buffer[] = []

  get bytesWritten(): Buffer {
    return Buffer.concat(this.#parts)
  }

  raw(bytes: Buffer): this {
    this.#parts.push(bytes)
    return this
  }

  int8(value: number): this {
    return this.#write(1, (bytes) => bytes.writeInt8(value))
  }

  int16(value: number): this {
    return this.#write(2, (bytes) => bytes.writeInt16BE(value))
  }

  int32(value: number): this {
    return this.#write(4, (bytes) => bytes.writeInt32BE(value))
  }

  uint32(value: number): this {
    return this.#write(4, (bytes) => bytes.writeUInt32BE(value))
  }

  int64(value: bigint): this {
    return this.#write(8, (bytes) => bytes.writeBigInt64BE(value))
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    const bytes = Buffer.from(value)
    return this.int16(bytes.length).raw(bytes)
  }

  bytes(value: Buffer | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).raw(value)
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length)
    for (const item of items) write(item)
    return this
  }

  varint(value: bigint): this {
    let left = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    const bytes: number[] = []
    for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80)
    bytes.push(Number(left))
    return this.raw(Buffer.from(bytes))
  }

  varintBytes(value: Buffer | null): this {
    return value === null ? this.varint(-1n) : this.varint(BigInt(value.length)).raw(value)
  }

  #write(length: number, write: (bytes: Buffer) => void): this {
    const bytes = Buffer.allocUnsafe(length)
    write(bytes)
    return this.raw(bytes)
  }
}
