/** Opens the sources of an ingestion and reads each of them once, to know what it is and how it is cut. */
import { Readable } from 'node:stream'
import { scanSource } from '../formats/scan-source.js'
import type { SourceChunk } from '../formats/source-shape.js'
import { openSource, type OpenedSource } from '../formats/spool.js'
import type { IngestSource, ResolvedIngestOptions } from './ingest-options.js'
import type { PlannedFile } from './ingest-plan.js'

/** A source that is open and known. */
export interface OpenedFile extends PlannedFile {
  readonly source: OpenedSource
  readonly chunks: readonly SourceChunk[]
}

/** Opens and scans the sources one after the other; when one cannot be read, those before it are closed again. */
export async function openFiles(
  sources: readonly IngestSource[],
  options: ResolvedIngestOptions,
): Promise<readonly OpenedFile[]> {
  const opened: OpenedFile[] = []
  try {
    for (const source of sources) opened.push(await openFile(source, options))
    return opened
  } catch (error) {
    await closeFiles(opened)
    throw error
  }
}

export async function closeFiles(files: readonly OpenedFile[]): Promise<void> {
  await Promise.allSettled(files.map(({ source }) => source.close()))
}

async function openFile(given: IngestSource, options: ResolvedIngestOptions): Promise<OpenedFile> {
  const { signal, onEvent } = options
  const isObjects = typeof given !== 'string' && !(given instanceof Readable)
  const title = typeof given === 'string' ? (given === '-' ? 'standard input' : given) : 'stream'
  const source = await openSource(streamOf(given), { title, ...(signal === undefined ? {} : { signal }) })
  try {
    const total = Number(source.stamp.size)
    const scan = await scanSource(source.handle, {
      ...scanOptions(options),
      ...(isObjects ? { format: 'ndjson' as const } : {}),
      onProgress: (bytes) => onEvent({ kind: 'scanning', file: title, bytes, total }),
    })
    const { sha256, sizeBytes, shape, chunks, records } = scan
    return { path: source.path ?? '', title, sha256, sizeBytes, shape, records, chunks, source }
  } catch (error) {
    await source.close()
    throw error
  }
}

function streamOf(given: IngestSource): string | Readable {
  if (given === '-') return process.stdin
  if (typeof given === 'string' || given instanceof Readable) return given
  return Readable.from(jsonLines(given))
}

/** Objects as lines of JSON: so they can be read again, and by several threads. */
async function* jsonLines(objects: Iterable<object> | AsyncIterable<object>): AsyncGenerator<string> {
  for await (const object of objects) yield `${JSON.stringify(object)}\n`
}

function scanOptions({ format, encoding, delimiter, header, path, chunkBytes, signal }: ResolvedIngestOptions) {
  const given = { format, encoding, delimiter, header, path, chunkBytes, signal }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    format?: NonNullable<ResolvedIngestOptions['format']>
  }
}
