/** Opens the sources of an ingestion and reads each of them once, to know what it is and how it is cut. */
import type { FileHandle } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { ScanOptions } from '../formats/scan-options.js'
import { scanSource } from '../formats/scan-source.js'
import type { SourceChunk } from '../formats/source-shape.js'
import { openSource, type OpenedSource } from '../formats/spool.js'
import type { IngestSource, ResolvedIngestOptions } from './ingest-options.js'
import type { IngestPlan, PlannedFile } from './ingest-plan.js'

/** A source with what is known of it before it is read. */
export interface NamedSource {
  readonly source: IngestSource
  /** For people. @defaultValue the path */
  readonly title?: string
  /** Opens the file in place of its path. */
  readonly open?: () => Promise<FileHandle>
  /** How it is to be read, whatever the options of the ingestion say. */
  readonly scan?: Pick<ScanOptions, 'format' | 'encoding' | 'delimiter' | 'header'>
  /** For redriven records: the rejects they come from, by position; filled while the source is read. */
  readonly origins?: ReadonlyMap<number, string>
}

/** A source that is open and known. */
export interface OpenedFile extends PlannedFile {
  readonly origins: ReadonlyMap<number, string> | undefined
  readonly source: OpenedSource
  readonly chunks: readonly SourceChunk[]
}

/** Opens and scans the sources one after the other; when one cannot be read, those before it are closed again. */
export async function openFiles(
  sources: readonly NamedSource[],
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

async function openFile(named: NamedSource, options: ResolvedIngestOptions): Promise<OpenedFile> {
  const { signal, onEvent } = options
  const { source: given, origins } = named
  const path = typeof given === 'string' && given !== '-' ? resolve(given) : ''
  const isObjects = typeof given !== 'string' && !(given instanceof Readable)
  const title = named.title ?? (typeof given !== 'string' ? 'stream' : given === '-' ? 'standard input' : given)
  const source = await openSource(streamOf(given), {
    title,
    open: named.open,
    ...(signal === undefined ? {} : { signal }),
  })
  try {
    const total = Number(source.stamp.size)
    const scan = await scanSource(source.handle, {
      ...scanGiven(options),
      chunkBytes: options.chunkBytes,
      ...(signal === undefined ? {} : { signal }),
      ...(isObjects ? { format: 'ndjson' as const } : {}),
      ...named.scan,
      onProgress: (bytes) => onEvent({ kind: 'scanning', file: title, bytes, total }),
    })
    const { sha256, sizeBytes, shape, chunks, records } = scan
    return { path, title, sha256, sizeBytes, shape, records, chunks, source, origins }
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

/** What the options say about how files are written, as far as they do. */
export function scanGiven({ format, encoding, delimiter, header, path }: ResolvedIngestOptions): IngestPlan['scan'] {
  const given = { format, encoding, delimiter, header, path }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
