import { refusal } from './format-reasons.js'
import { readCsvChunk } from './read-csv.js'
import { readJsonChunk, readNdjsonChunk } from './read-json.js'
import type { RefusedChunk, SourceChunk, SourceRecord, SourceShape } from './source-shape.js'

const NONE: readonly never[] = Object.freeze([])

/**
 * The records of one chunk, in the order of the file. `bytes` are those of the chunk; a refused chunk needs none.
 */
export function readChunk(bytes: Buffer, chunk: SourceChunk, shape: SourceShape): SourceRecord[] {
  if (chunk.refused !== undefined) return [refusedRecord(chunk, chunk.refused, shape)]
  switch (shape.format) {
    case 'csv':
      return readCsvChunk(bytes, chunk, shape)
    case 'ndjson':
      return readNdjsonChunk(bytes, chunk, shape)
    case 'json':
      return readJsonChunk(bytes, chunk, shape)
    default:
      return shape.format satisfies never
  }
}

function refusedRecord(chunk: SourceChunk, refused: RefusedChunk, shape: SourceShape): SourceRecord {
  const { line, offset, length } = chunk
  const reasons = [refusal(refused, shape.limits)]
  return { line, offset, length, kind: 'data', names: shape.header ?? NONE, values: NONE, reasons }
}
