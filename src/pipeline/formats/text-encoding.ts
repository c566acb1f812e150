import { isAscii, isUtf8 } from 'node:buffer'
import { ShardyardError } from '../../errors.js'

/** Encodings whose bytes below 128 are always ASCII, one byte for each character. */
const ONE_BYTE = /^(?:ibm866|iso-8859-\d+(?:-i)?|koi8-[ru]|macintosh|windows-\d+|x-mac-cyrillic)$/
const BOMS: readonly (readonly [encoding: string, bytes: Buffer])[] = [
  ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
  ['utf-16le', Buffer.from([0xff, 0xfe])],
  ['utf-16be', Buffer.from([0xfe, 0xff])],
]
/** 0x80 to 0x9F of windows-1252: several versions of Node decode them as ISO-8859-1. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'
/** Stands for half a unit at the end of UTF-16; no valid text has it alone. */
const HALF_UNIT = '\udfff'
const NOT_ASCII = /[\x80-\xff]/

/**
 * The name of an encoding as `TextDecoder` spells it.
 *
 * @throws SY_SOURCE_UNREADABLE for a label that is unknown, or an encoding that cannot be cut at any byte
 */
export function resolveEncoding(label: string): string {
  const encoding = nameOf(label)
  if (encoding === undefined || !(encoding.startsWith('utf-') || ONE_BYTE.test(encoding))) {
    throw new ShardyardError(
      'SY_SOURCE_UNREADABLE',
      `The encoding ${JSON.stringify(label.slice(0, 40))} cannot be read. Use utf-8, utf-16le, utf-16be or a one-byte encoding such as windows-1254, or convert the file to UTF-8.`,
      { details: { encoding: label.slice(0, 40) } },
    )
  }
  return encoding
}

function nameOf(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding
  } catch {
    return undefined
  }
}

/** The encoding that a byte order mark at the start tells, and the length of the mark. */
export function detectBom(sample: Buffer): { readonly encoding: string; readonly bomBytes: number } | undefined {
  const found = BOMS.find(([, bytes]) => sample.subarray(0, bytes.length).equals(bytes))
  return found && { encoding: found[0], bomBytes: found[1].length }
}

/** Bytes of one unit: what one character of {@link unitText} stands for. */
export function unitBytesOf(encoding: string): 1 | 2 {
  return encoding.startsWith('utf-16') ? 2 : 1
}

/** The bytes as a string with one character for each unit, so that a position in it is a position in the file. */
export function unitText(bytes: Buffer, encoding: string): string {
  if (unitBytesOf(encoding) === 1) return bytes.toString('latin1')
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 2))
  const text = (encoding === 'utf-16be' ? Buffer.from(whole).swap16() : whole).toString('utf16le')
  return whole.length === bytes.length ? text : text + HALF_UNIT
}

/** The unit text of a window; while more is to come, half a unit at its end waits for its other half. */
export function windowText(window: { readonly bytes: Buffer; readonly isEnd: boolean }, encoding: string): string {
  const { bytes, isEnd } = window
  return unitText(isEnd ? bytes : bytes.subarray(0, bytes.length - (bytes.length % unitBytesOf(encoding))), encoding)
}

/** Turns stretches of a unit text into what they mean. */
export interface UnitDecoder {
  /** The meaning of a stretch of the unit text; what is not valid becomes U+FFFD, and `invalidAt` is set. */
  decode(from: number, to: number): string
  /** Bytes from the start of the text to the first sequence of the last stretch that is not valid; -1 when all is. */
  invalidAt: number
}

/** A decoder for one text; `bytes` are what it was made of. */
export function unitDecoder(bytes: Buffer, text: string, encoding: string): UnitDecoder {
  if (unitBytesOf(encoding) === 2) return new Utf16Decoder(text)
  if (isAscii(bytes)) return new AsciiDecoder(text)
  return encoding === 'utf-8' ? new Utf8Decoder(bytes, text) : new TableDecoder(text, tableOf(encoding))
}

/** What a unit text means; what is not valid becomes U+FFFD. */
export function meaningOf(text: string, encoding: string): string {
  return unitDecoder(Buffer.from(text, 'latin1'), text, encoding).decode(0, text.length)
}

class AsciiDecoder implements UnitDecoder {
  readonly invalidAt = -1
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  decode(from: number, to: number): string {
    return this.#text.slice(from, to)
  }
}

class Utf16Decoder implements UnitDecoder {
  invalidAt = -1
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  decode(from: number, to: number): string {
    const part = this.#text.slice(from, to)
    this.invalidAt = -1
    if (part.isWellFormed()) return part
    const wellFormed = part.toWellFormed()
    let at = 0
    while (part[at] === wellFormed[at]) at++
    this.invalidAt = (from + at) * 2
    return wellFormed
  }
}

class Utf8Decoder implements UnitDecoder {
  invalidAt = -1
  readonly #bytes: Buffer
  readonly #text: string
  readonly #isValid: boolean

  constructor(bytes: Buffer, text: string) {
    this.#bytes = bytes
    this.#text = text
    this.#isValid = isUtf8(bytes)
  }

  decode(from: number, to: number): string {
    const part = this.#text.slice(from, to)
    this.invalidAt = -1
    if (!NOT_ASCII.test(part)) return part
    const decoded = this.#bytes.toString('utf8', from, to)
    if (!this.#isValid && decoded.includes('\ufffd')) this.invalidAt = this.#findInvalid(from, to, decoded)
    return decoded
  }

  /** The first U+FFFD that is not written as such in the file. */
  #findInvalid(from: number, to: number, decoded: string): number {
    if (isUtf8(this.#bytes.subarray(from, to))) return -1
    let [at, done] = [from, 0]
    for (;;) {
      const next = decoded.indexOf('\ufffd', done)
      at += Buffer.byteLength(decoded.slice(done, next))
      if (this.#bytes[at] !== 0xef || this.#bytes[at + 1] !== 0xbf || this.#bytes[at + 2] !== 0xbd) return at
      at += 3
      done = next + 1
    }
  }
}

class TableDecoder implements UnitDecoder {
  invalidAt = -1
  readonly #text: string
  readonly #table: readonly string[]

  constructor(text: string, table: readonly string[]) {
    this.#text = text
    this.#table = table
  }

  decode(from: number, to: number): string {
    const part = this.#text.slice(from, to)
    this.invalidAt = -1
    if (!NOT_ASCII.test(part)) return part
    let decoded = ''
    for (let at = 0; at < part.length; at++) {
      const code = part.charCodeAt(at)
      const character = code < 128 ? part.charAt(at) : (this.#table[code - 128] ?? '\ufffd')
      if (character === '\ufffd' && this.invalidAt === -1) this.invalidAt = from + at
      decoded += character
    }
    return decoded
  }
}

/** What the bytes from 128 mean in a one-byte encoding; U+FFFD for those without a meaning. */
function tableOf(encoding: string): readonly string[] {
  const decoder = new TextDecoder(encoding)
  return Array.from({ length: 128 }, (_, index) => {
    const isPatched = encoding === 'windows-1252' && index < WINDOWS_1252.length
    return isPatched ? WINDOWS_1252.charAt(index) : decoder.decode(Uint8Array.of(128 + index))
  })
}
