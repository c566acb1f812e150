import type { LineProblem } from './line-records.js'

/** Formats that files are read in. */
export type SourceFormat = 'csv' | 'json' | 'ndjson'

/** What a record may be at most. The scan and the readers must use the same limits, so they travel in the shape. */
export interface RecordLimits {
  /** Most bytes of one record, without its line end. @defaultValue 1 MiB */
  readonly recordBytes: number
  /** Most physical lines of one CSV record. @defaultValue 1_000 */
  readonly recordLines: number
  /** Deepest nesting of one JSON record; the record itself is level 1. @defaultValue 64 */
  readonly jsonDepth: number
  /** Most keys of one JSON record, on all its levels together. @defaultValue 2_048 */
  readonly jsonKeys: number
  /** Longest string of a JSON record, in characters as they are written in the file. @defaultValue 1 MiB */
  readonly stringLength: number
  /** Longest number of a JSON record, in characters. @defaultValue 400 */
  readonly numberLength: number
}

/** How the bytes of a source are to be read. Plain data: it can be cloned to a thread and stored as JSON. */
export interface SourceShape {
  readonly format: SourceFormat
  /** Name of the encoding as `TextDecoder` spells it: `utf-8`, `windows-1254`, `utf-16le`. */
  readonly encoding: string
  /** Bytes of the byte order mark at the start; they belong to no record. */
  readonly bomBytes: number
  /** Bytes before the first record: the mark, and for a JSON list all up to its bracket. */
  readonly bodyOffset: number
  /** CSV: what stands between two fields; empty for JSON. */
  readonly delimiter: string
  /** What ends a line: CR only where the start of the file has CR and no LF. */
  readonly lineEnd: '\n' | '\r'
  /** CSV: the names of the columns as they stand in the file; null for JSON, whose records name their own. */
  readonly header: readonly string[] | null
  /** JSON: where the records are. The member of the outer object, `''` for an outer list, null for one record. */
  readonly path: string | null
  readonly limits: RecordLimits
}

/** A stretch of a source that one thread reads: whole records only. */
export interface SourceChunk {
  /** Its first byte in the file. */
  readonly offset: number
  readonly length: number
  /** Number of its first line, from 1. */
  readonly line: number
  readonly records: number
  /**
   * Set when the chunk is one record that is refused whatever it holds, such as a line beyond the limit. It can be of
   * any length, so nobody should read it: `readChunk` answers for it without its bytes.
   */
  readonly refused?: RefusedChunk
}

/** Why a chunk is one refused record. */
export type RefusedChunk = 'LINE_TOO_LONG' | 'RECORD_TOO_LONG' | 'TEXT_AFTER_END' | 'CUT_OFF'

/** What one pass over a source found. */
export interface SourceScan {
  /** SHA-256 over all bytes, in hex. */
  readonly sha256: string
  readonly sizeBytes: number
  readonly shape: SourceShape
  readonly chunks: readonly SourceChunk[]
  /** All records of the file: data, blank, header and refused ones. What the account must add up to. */
  readonly records: number
}

/** One record of a source. */
export interface SourceRecord {
  /** Number of its first line, from 1. */
  readonly line: number
  /** Its first byte in the file, and its bytes without the line end. */
  readonly offset: number
  readonly length: number
  readonly kind: 'data' | 'blank' | 'header'
  /** Names of the values. Records with the same names in the same order share one array. */
  readonly names: readonly string[]
  /**
   * The values in the order of the names: strings for CSV, parsed values for JSON. They may be slices of the chunk's
   * text and keep it in memory: copy what is kept for long.
   */
  readonly values: readonly unknown[]
  /** All that is wrong with it; empty when it could be read. */
  readonly reasons: readonly FormatReason[]
}

/** Why a record could not be read. */
export interface FormatReason {
  readonly code: FormatCode
  /** The column or top-level key, or empty when the record as a whole is meant. */
  readonly field: string
  /** JSON pointer into the record: `''` for the whole, `/Price Each` for a column. */
  readonly pointer: string
  readonly message: string
  /** What would mend it, as a sentence. */
  readonly fix: string
}

/** A stable name for what is wrong with a record. */
export type FormatCode =
  | RefusedChunk
  | LineProblem
  | 'TOO_FEW_FIELDS'
  | 'TOO_MANY_FIELDS'
  | 'INVALID_ENCODING'
  | 'INVALID_JSON'
  | 'NOT_AN_OBJECT'
  | 'TOO_DEEP'
  | 'TOO_MANY_KEYS'
  | 'VALUE_TOO_LONG'
  | 'DUPLICATE_KEY'
  | 'FORBIDDEN_KEY'
  | 'UNSAFE_INTEGER'
  | 'INEXACT_NUMBER'
