import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import type { RecordLimits, SourceFormat } from './source-shape.js'

/** Options of `scanSource`. */
export interface ScanOptions extends Partial<RecordLimits> {
  /** @defaultValue 'auto': told from the first bytes */
  readonly format?: 'auto' | SourceFormat
  /** WHATWG label of the encoding. A byte order mark decides over it. @defaultValue 'utf-8' */
  readonly encoding?: string
  /** CSV: one ASCII character between fields. @defaultValue one of `,` `;` tab `|`, told from the first records */
  readonly delimiter?: string
  /** CSV: the names of the columns, when the file does not begin with them. @defaultValue 'first-line' */
  readonly header?: readonly string[] | 'first-line'
  /** JSON: the member of the outer object that holds the list. @defaultValue its only member that is a list of objects */
  readonly path?: string
  /** A chunk ends with the record that reaches so many bytes. @defaultValue 1 MiB */
  readonly chunkBytes?: number
  /** Most records of a chunk. @defaultValue 20_000 */
  readonly chunkRecords?: number
  /** Bytes of one read. @defaultValue 512 KiB */
  readonly readBytes?: number
  readonly signal?: AbortSignal
  /** Called after each read with the bytes read so far. */
  readonly onProgress?: (bytes: number) => void
}

const MIB = 2 ** 20
const FORMATS: readonly unknown[] = ['auto', 'csv', 'json', 'ndjson']

/** Fills the defaults and checks what was given. */
export function resolveScanOptions(options: ScanOptions = {}) {
  const { format = 'auto', delimiter, header = 'first-line', path, signal, onProgress } = options
  if (!FORMATS.includes(format)) {
    throw invalid('format', `one of ${FORMATS.join(', ')}`, format)
  }
  // eslint-disable-next-line no-control-regex -- a delimiter may be a control character
  if (delimiter !== undefined && !/^[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x7e]$/.test(delimiter)) {
    throw invalid('delimiter', 'one ASCII character that is no quote and no line end', delimiter)
  }
  const integer = (name: keyof ScanOptions, fallback: number, max: number) =>
    checkInteger(name, options[name] ?? fallback, { min: 1, max })
  return Object.freeze({
    format,
    encoding: options.encoding,
    delimiter,
    header,
    path,
    signal,
    onProgress,
    chunkBytes: integer('chunkBytes', MIB, 256 * MIB),
    chunkRecords: integer('chunkRecords', 20_000, 10_000_000),
    readBytes: integer('readBytes', MIB / 2, 64 * MIB),
    limits: Object.freeze({
      recordBytes: integer('recordBytes', MIB, 64 * MIB),
      recordLines: integer('recordLines', 1_000, 1_000_000),
      jsonDepth: integer('jsonDepth', 64, 1_000),
      jsonKeys: integer('jsonKeys', 2_048, 1_000_000),
      stringLength: integer('stringLength', MIB, 64 * MIB),
      numberLength: integer('numberLength', 400, MIB),
    }),
  })
}

/** Options with nothing left out. */
export type ResolvedScanOptions = ReturnType<typeof resolveScanOptions>

function invalid(option: string, expected: string, value: unknown): ShardyardError {
  return new ShardyardError(
    'SY_OPTION_INVALID',
    `Expected \`${option}\` to be ${expected}, got ${JSON.stringify(value)} (${typeof value}).`,
    { details: { option } },
  )
}
