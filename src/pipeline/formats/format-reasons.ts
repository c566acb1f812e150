import type { LineProblem } from './line-records.js'
import type { FormatCode, FormatReason, RecordLimits, RefusedChunk } from './source-shape.js'

/** A reason that concerns the record as a whole. */
export function recordReason(code: FormatCode, message: string, fix: string): FormatReason {
  return { code, field: '', pointer: '', message, fix }
}

/** A reason that concerns one value; `path` leads to it from the record. */
export function valueReason(
  code: FormatCode,
  path: readonly (string | number)[],
  text: { readonly message: string; readonly fix: string },
): FormatReason {
  return { code, field: String(path[0] ?? ''), pointer: pointerOf(path), ...text }
}

/** JSON pointer (RFC 6901) of a path. */
export function pointerOf(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** A stretch of bytes that is not valid in the encoding of the file. */
export function invalidEncoding(path: readonly (string | number)[], offset: number, encoding: string): FormatReason {
  return valueReason('INVALID_ENCODING', path, {
    message: `The bytes at offset ${offset} of the file are not valid ${encoding}.`,
    fix: `Save the file as ${encoding}, or say which encoding it has.`,
  })
}

/** Why a record is refused before anything in it was looked at. */
export function refusal(code: LineProblem | RefusedChunk, limits: RecordLimits): FormatReason {
  switch (code) {
    case 'UNCLOSED_QUOTE':
      return recordReason(
        code,
        `A quote is opened on this line and not properly closed within ${limits.recordLines} lines and ${limits.recordBytes} bytes.`,
        'Close the quote, or double it ("") when it belongs to the text. Lines after this one are read by themselves.',
      )
    case 'TEXT_AFTER_QUOTE':
      return recordReason(
        code,
        'Text follows a closing quote.',
        'Put the delimiter right after the closing quote, and double quotes ("") that belong to the text.',
      )
    case 'STRAY_QUOTE':
      return recordReason(
        code,
        'A quote stands inside a field that does not begin with one.',
        'Put the whole field in quotes and double the quotes ("") inside it.',
      )
    case 'LINE_TOO_LONG':
      return recordReason(
        code,
        `The line has more than ${limits.recordBytes} bytes.`,
        'Shorten the line, or look for line ends that are missing.',
      )
    case 'RECORD_TOO_LONG':
      return recordReason(
        code,
        `The record has more than ${limits.recordBytes} bytes.`,
        'Shorten the record, or look for a bracket or quote that is not closed.',
      )
    case 'TEXT_AFTER_END':
      return recordReason(
        code,
        'Something follows the end of the JSON document.',
        'Remove it; one document per file, or one value per line as NDJSON.',
      )
    case 'CUT_OFF':
      return recordReason(
        code,
        'The JSON document ends before it is closed.',
        'The file may have been cut off: fetch it again.',
      )
    default:
      return code satisfies never
  }
}
