import type { FileHandle } from 'node:fs/promises'
import { ChunkCutter } from './chunk-cutter.js'
import { detectShape } from './detect-shape.js'
import { scanJson } from './scan-json.js'
import { scanLines } from './scan-lines.js'
import { resolveScanOptions, type ScanOptions } from './scan-options.js'
import type { SourceScan } from './source-shape.js'
import { SourceWindow } from './source-window.js'

/**
 * Reads a file once from its start: finds out how it is to be read, hashes it, and cuts it into chunks of whole
 * records. Memory is bounded by the limit of one record. A file without a record has no chunks.
 *
 * @throws SY_SOURCE_UNREADABLE when the file as a whole cannot be read
 */
export async function scanSource(handle: FileHandle, options: ScanOptions = {}): Promise<SourceScan> {
  const resolved = resolveScanOptions(options)
  resolved.signal?.throwIfAborted()
  const shape = await detectShape(handle, resolved)
  const window = new SourceWindow(handle, resolved)
  const cutter = new ChunkCutter(resolved)
  while (window.endOffset < shape.bomBytes && !window.isEnd) await window.grow()
  window.drop(shape.bomBytes)
  if (shape.format === 'json') await scanJson({ window, shape, cutter, isPathWanted: resolved.path !== undefined })
  else await scanLines({ window, shape, cutter })
  cutter.cut()
  const { sha256, sizeBytes } = window.finish()
  return { sha256, sizeBytes, shape, chunks: cutter.chunks, records: cutter.records }
}
