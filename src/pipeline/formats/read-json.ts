import { refusal } from './format-reasons.js'
import { JsonElements } from './json-elements.js'
import { JsonRecords } from './json-record.js'
import { LineRecords } from './line-records.js'
import { lineRulesOf } from './line-rules.js'
import type { SourceChunk, SourceRecord, SourceShape } from './source-shape.js'
import { unitBytesOf, unitDecoder, unitText } from './text-encoding.js'

const NONE: readonly never[] = Object.freeze([])
const BLANK = /^[ \t\r]*$/

/** Reads the records of one chunk of an NDJSON file: one JSON object a line. */
export function readNdjsonChunk(bytes: Buffer, chunk: SourceChunk, shape: SourceShape): SourceRecord[] {
  const text = unitText(bytes, shape.encoding)
  const unitBytes = unitBytesOf(shape.encoding)
  const json = new JsonRecords(shape)
  json.load(unitDecoder(bytes, text, shape.encoding), chunk.offset)
  const found = new LineRecords(lineRulesOf(shape))
  const records: SourceRecord[] = []
  found.load(text, { isEnd: true })
  let { line } = chunk
  for (let from = 0; from < text.length; from = found.next) {
    found.find(from)
    const { end } = found
    const length = Math.min(end * unitBytes, bytes.length) - from * unitBytes
    const place = { from, to: end, line: line++, offset: chunk.offset + from * unitBytes, length }
    if (found.problem !== null) records.push(without(place, 'data', [refusal(found.problem, shape.limits)]))
    else if (isBlank(text, from, end)) records.push(without(place, 'blank', NONE))
    else records.push(json.record(place))
  }
  return records
}

/** Reads the records of one chunk of a JSON document: elements of its list, or the document itself. */
export function readJsonChunk(bytes: Buffer, chunk: SourceChunk, shape: SourceShape): SourceRecord[] {
  const text = unitText(bytes, shape.encoding)
  const unitBytes = unitBytesOf(shape.encoding)
  const json = new JsonRecords(shape)
  json.load(unitDecoder(bytes, text, shape.encoding), chunk.offset)
  const { offset, line } = chunk
  if (shape.path === null) return [json.record({ from: 0, to: text.length, line, offset, length: bytes.length })]
  const records: SourceRecord[] = []
  const elements = new JsonElements({ line, unitBytes })
  elements.load(text, offset)
  for (let isMore = true; isMore; ) {
    isMore = elements.next() !== null
    if (!isMore) elements.finish()
    const [from, to] = [(elements.start - offset) / unitBytes, (elements.end - offset) / unitBytes]
    const length = Math.min(elements.end, offset + bytes.length) - elements.start
    const place = { from, to, line: elements.line, offset: elements.start, length }
    if (length <= shape.limits.recordBytes) records.push(json.record(place))
    else records.push(without(place, 'data', [refusal('RECORD_TOO_LONG', shape.limits)]))
  }
  return records
}

function without(
  { line, offset, length }: { readonly line: number; readonly offset: number; readonly length: number },
  kind: SourceRecord['kind'],
  reasons: SourceRecord['reasons'],
): SourceRecord {
  return { line, offset, length, kind, names: NONE, values: NONE, reasons }
}

function isBlank(text: string, from: number, end: number): boolean {
  return text.charCodeAt(from) !== 123 && BLANK.test(text.slice(from, end))
}
