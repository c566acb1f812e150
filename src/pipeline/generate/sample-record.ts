/** The values of one record, in the order of its fields. */
export interface SampleRecord {
  readonly values: readonly unknown[]
  /** Index of the field whose value is not as its kind writes it: wrong, or odd; -1 for none. */
  readonly oddField: number
}

/** A way in which a record can be broken as a record of its format. */
export interface FormatFlaw {
  /** The code of the reason that a reader refuses it for. */
  readonly code: string
  /** The broken record without its line end. `draw` chooses among the ways there are. */
  write(record: SampleRecord, draw: number): string
}

/** How records become the text of a file. */
export interface SampleFormat {
  /** What the file begins with, and what it ends with. */
  readonly head: string
  readonly tail: string
  /** What stands between two records, and what follows the last one. */
  readonly separator: string
  readonly lastEnd: string
  /** True when the head is a line that readers count and that may be repeated. */
  readonly hasHeader: boolean
  /** Lines that readers pass over; none where a format has no such lines. */
  readonly blanks: readonly string[]
  readonly flaws: readonly FormatFlaw[]
  /** Whether a value can be written at all. */
  canHold(value: unknown): boolean
  write(record: SampleRecord): string
}

/** Stands in a text for bytes that are no UTF-8; nothing else in a file has it. */
export const BROKEN_BYTES = '\ufffd'

/** "Mül" as windows-1252 has it: no UTF-8. As long as the mark in UTF-8, so that it can be put in its place. */
const INVALID = Buffer.from([0x4d, 0xfc, 0x6c])

/** The bytes of a text, with those that are no UTF-8 in the place of their marks. */
export function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text)
  for (let at = bytes.indexOf(BROKEN_BYTES); at !== -1; at = bytes.indexOf(BROKEN_BYTES, at)) bytes.set(INVALID, at)
  return bytes
}
