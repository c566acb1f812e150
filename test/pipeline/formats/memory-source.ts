import type { FileHandle } from 'node:fs/promises'
import type { SourceRecord, SourceScan } from 'shardyard/src/pipeline/formats/source-shape'
import { readChunk } from 'shardyard/src/pipeline/formats/read-chunk'
import { scanSource } from 'shardyard/src/pipeline/formats/scan-source'
import type { ScanOptions } from 'shardyard/src/pipeline/formats/scan-options'

/** A file in memory: as much of a handle as a scan uses. */
export function memoryHandle(bytes: Buffer): FileHandle {
  const read = async (target: Buffer, start: number, length: number, position: number) => ({
    bytesRead: bytes.copy(target, start, position, Math.min(position + length, bytes.length)),
  })
  return { read } as unknown as FileHandle
}

export const bytesOf = (content: string | Buffer) => (typeof content === 'string' ? Buffer.from(content) : content)

export async function scanMemory(content: string | Buffer, options: ScanOptions = {}): Promise<SourceScan> {
  return scanSource(memoryHandle(bytesOf(content)), options)
}

/** Scans the content and reads every chunk from a copy of its own bytes, as a thread would. */
export async function readMemory(
  content: string | Buffer,
  options: ScanOptions = {},
): Promise<{ readonly scan: SourceScan; readonly records: readonly SourceRecord[] }> {
  const bytes = bytesOf(content)
  const scan = await scanMemory(bytes, options)
  const records = scan.chunks.flatMap((chunk) => {
    const isUnread = chunk.refused !== undefined
    const part = isUnread ? Buffer.alloc(0) : Buffer.from(bytes.subarray(chunk.offset, chunk.offset + chunk.length))
    return readChunk(part, chunk, scan.shape)
  })
  return { scan, records }
}

/** What a record says in few words: its kind, values or codes. */
export const brief = ({ kind, values, reasons }: SourceRecord) =>
  reasons.length > 0 ? reasons.map(({ code }) => code).join(' ') : kind === 'data' ? values : kind

/** The bytes of a line format that belong to no record: all of them must be line ends or the byte order mark. */
export function bytesBetween(content: Buffer, records: readonly SourceRecord[], bomBytes = 0): string[] {
  const between: string[] = []
  let at = bomBytes
  for (const { offset, length } of records) {
    if (offset < at) throw new Error(`The record at ${offset} overlaps the one before, which ends at ${at}.`)
    if (offset > at) between.push(content.toString('latin1', at, offset))
    at = offset + length
  }
  if (at < content.length) between.push(content.toString('latin1', at))
  return between
}
