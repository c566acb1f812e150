/**
 * Text for a server, built byte by byte: strings that are put together first are copied twice, and leave garbage.
 * A gap is a place for a value that is known later, such as an id that the server gives.
 */

/** About what fits the socket's buffers. */
const CHUNK_BYTES = 64 * 1024
/** What is longer is written by the runtime, not byte by byte. */
const SHORT = 96

const MINUS = 45
const ZERO = 48
const BILLION = 1_000_000_000

/** For each byte 1 where it means itself. */
export type PlainBytes = Uint8Array

/** ASCII that can be seen, but for some characters. */
export function plainBytes(except: string): PlainBytes {
  const plain = new Uint8Array(256).fill(1, 32, 127)
  for (const character of except) plain[character.charCodeAt(0)] = 0
  return plain
}

export class ByteText {
  readonly #chunks: Buffer[] = []
  #buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  #at = 0
  /** For each gap its chunk and its place there. */
  readonly #gapChunks: number[] = []
  readonly #gapPlaces: number[] = []

  /** All pieces of the text; nothing is added after. */
  end(): readonly Buffer[] {
    this.#close()
    return this.#chunks
  }

  /** Adds text as it is. */
  write(text: string): void {
    // A character of UTF-16 takes three bytes at most.
    this.#reserve(text.length * 3)
    this.#at += this.#buffer.write(text, this.#at)
  }

  byte(code: number): void {
    this.#reserve(1)
    this.#buffer[this.#at++] = code
  }

  /** Adds a short text of plain characters; false, with nothing added, for any other. */
  writePlain(text: string, plain: PlainBytes): boolean {
    const { length } = text
    if (length > SHORT) return false
    this.#reserve(length)
    const [buffer, from] = [this.#buffer, this.#at]
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (plain[code] !== 1) return false
      buffer[from + index] = code
    }
    this.#at = from + length
    return true
  }

  /** Adds bytes that are plain characters; false, with nothing added, for any other. */
  writeBytes(bytes: Uint8Array, plain: PlainBytes): boolean {
    const { length } = bytes
    this.#reserve(length)
    const [buffer, from] = [this.#buffer, this.#at]
    for (let index = 0; index < length; index++) {
      const code = bytes[index] ?? 0
      if (plain[code] !== 1) return false
      buffer[from + index] = code
    }
    this.#at = from + length
    return true
  }

  number(value: number): void {
    if (!Number.isSafeInteger(value)) return this.write(String(value))
    if (value < 0) this.byte(MINUS)
    const whole = Math.abs(value)
    if (whole < BILLION) return this.#digits(whole, digitsOf(whole))
    const high = Math.floor(whole / BILLION)
    this.#digits(high, digitsOf(high))
    this.#digits(whole - high * BILLION, 9)
  }

  /** Leaves a place for a value that comes later. */
  gap(): void {
    this.#gapChunks.push(this.#chunks.length)
    this.#gapPlaces.push(this.#at)
  }

  /** The text with a value in each gap. */
  filled<Value>(values: readonly Value[], write: (text: ByteText, value: Value) => void): ByteText {
    this.#close()
    const filled = new ByteText()
    let [chunk, at] = [0, 0]
    for (let index = 0; index < this.#gapPlaces.length; index++) {
      for (const gapChunk = this.#gapChunks[index] ?? 0; chunk < gapChunk; chunk++, at = 0) {
        filled.#copy(this.#chunks[chunk], at)
      }
      const place = this.#gapPlaces[index] ?? 0
      filled.#copy(this.#chunks[chunk], at, place)
      at = place
      write(filled, values[index] as Value)
    }
    for (; chunk < this.#chunks.length; chunk++, at = 0) filled.#copy(this.#chunks[chunk], at)
    return filled
  }

  /** How many bytes there are. */
  get sizeBytes(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, this.#at)
  }

  #copy(bytes: Buffer | undefined, from: number, to = bytes?.length ?? 0): void {
    if (bytes === undefined || from === to) return
    this.#reserve(to - from)
    if (to - from > SHORT) {
      this.#at += bytes.copy(this.#buffer, this.#at, from, to)
      return
    }
    const [buffer, shift] = [this.#buffer, this.#at - from]
    for (let index = from; index < to; index++) buffer[index + shift] = bytes[index] ?? 0
    this.#at += to - from
  }

  /** A number below a billion, with zeros in front of it up to so many digits. */
  #digits(value: number, digits: number): void {
    this.#reserve(digits)
    let rest = value | 0
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const tenth = (rest / 10) | 0
      this.#buffer[at] = ZERO + rest - tenth * 10
      rest = tenth
    }
    this.#at += digits
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    this.#close()
    this.#buffer = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, bytes))
  }

  /** A gap at the end of a chunk is one at the beginning of the next, so a chunk may also end empty. */
  #close(): void {
    this.#chunks.push(this.#buffer.subarray(0, this.#at))
    this.#buffer = this.#buffer.subarray(this.#at)
    this.#at = 0
  }
}

/** Digits of a whole number below a billion. */
function digitsOf(value: number): number {
  let digits = 1
  for (let bound = 10; value >= bound && digits < 9; bound *= 10) digits++
  return digits
}
