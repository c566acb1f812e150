import type { FileHandle } from 'node:fs/promises'
import { checkNames, readHeader, type Sample } from './csv-header.js'
import { detectDelimiter, detectLineEnd } from './detect-csv.js'
import { detectBody } from './json-path.js'
import { lineRulesOf } from './line-rules.js'
import type { ResolvedScanOptions } from './scan-options.js'
import type { SourceFormat, SourceShape } from './source-shape.js'
import { detectBom, resolveEncoding, unitBytesOf, unitText } from './text-encoding.js'

/** Bytes that are looked at in any case; more when a record may be longer, for the header must be among them. */
const SAMPLE_BYTES = 256 * 1024
const JSON_LIST_START = /^\s*\[\s*(?:[\]{["\d-]|true|false|null|$)/

/**
 * Tells from the first bytes of a file how it is to be read.
 *
 * @throws SY_SOURCE_UNREADABLE for an unknown encoding, or a header that cannot be used
 */
export async function detectShape(handle: FileHandle, options: ResolvedScanOptions): Promise<SourceShape> {
  const size = Math.max(SAMPLE_BYTES, options.limits.recordBytes + SAMPLE_BYTES)
  const { bytes, isWhole } = await readSample(handle, size)
  const bom = detectBom(bytes)
  const encoding = bom?.encoding ?? resolveEncoding(options.encoding ?? 'utf-8')
  const bomBytes = bom?.bomBytes ?? 0
  return shapeOf({ bytes: bytes.subarray(bomBytes), offset: bomBytes, encoding, isWhole }, options)
}

function shapeOf(sample: Sample, options: ResolvedScanOptions): SourceShape {
  const text = unitText(sample.bytes, sample.encoding)
  const format = options.format === 'auto' ? detectFormat(text) : options.format
  const body = format === 'json' ? detectBody(text, sample.encoding, options.path) : null
  const shape: SourceShape = {
    format,
    encoding: sample.encoding,
    bomBytes: sample.offset,
    bodyOffset: sample.offset + (body?.start ?? 0) * unitBytesOf(sample.encoding),
    delimiter: '',
    lineEnd: format === 'csv' ? detectLineEnd(text) : '\n',
    header: null,
    path: body?.path ?? null,
    limits: options.limits,
  }
  return format === 'csv' ? csvShape(shape, { sample, text, options }) : shape
}

function csvShape(
  shape: SourceShape,
  from: { readonly sample: Sample; readonly text: string; readonly options: ResolvedScanOptions },
): SourceShape {
  const { sample, text, options } = from
  const rules = lineRulesOf({ ...shape, delimiter: ',' })
  const delimiter = options.delimiter ?? detectDelimiter(text, sample.isWhole, rules)
  const header =
    options.header === 'first-line'
      ? readHeader(sample, lineRulesOf({ ...shape, delimiter }), delimiter)
      : checkNames([...options.header], 'the option `header`')
  return { ...shape, delimiter, header }
}

/** CSV unless the text begins like JSON; NDJSON when more than half of several lines are objects of their own. */
function detectFormat(text: string): SourceFormat {
  const start = text.trimStart()
  if (JSON_LIST_START.test(start.slice(0, 1_000))) return 'json'
  if (!start.startsWith('{')) return 'csv'
  const lines = start
    .slice(0, SAMPLE_BYTES)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const objects = lines.filter((line) => line.startsWith('{') && line.endsWith('}')).length
  return lines.length > 1 && objects * 2 > lines.length ? 'ndjson' : 'json'
}

async function readSample(handle: FileHandle, size: number) {
  const buffer = Buffer.allocUnsafe(size)
  let length = 0
  while (length < size) {
    const { bytesRead } = await handle.read(buffer, length, size - length, length)
    if (bytesRead === 0) return { bytes: buffer.subarray(0, length), isWhole: true }
    length += bytesRead
  }
  return { bytes: buffer, isWhole: false }
}
