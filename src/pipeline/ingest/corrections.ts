/** Reads a corrected export of rejects. */
import { ShardyardError } from '../../errors.js'
import { readChunk } from '../formats/read-chunk.js'
import { scanSource } from '../formats/scan-source.js'
import type { SourceRecord } from '../formats/source-shape.js'
import { openSource } from '../formats/spool.js'
import { unguarded } from './csv-text.js'
import { REJECT_COLUMNS } from './export-rejects.js'
import { parseRejectId } from './rejects.js'

/** What a corrected export says about one reject. */
export interface Correction {
  readonly id: string
  readonly run: string
  readonly file: number
  readonly position: number
  /** The record by its names; undefined when only its text was given. */
  readonly record: Readonly<Record<string, unknown>> | undefined
  readonly raw: string
}

/** @throws SY_SOURCE_UNREADABLE; SY_INPUT_INVALID with the first line that is no reject */
export async function readCorrections(file: string): Promise<Correction[]> {
  const source = await openSource(file)
  try {
    const { shape, chunks } = await scanSource(source.handle)
    const corrections: Correction[] = []
    for (const chunk of chunks) {
      const bytes = Buffer.alloc(chunk.refused === undefined ? chunk.length : 0)
      await source.handle.read(bytes, 0, bytes.length, chunk.offset)
      for (const record of readChunk(bytes, chunk, shape)) {
        if (record.kind === 'data') corrections.push(correctionOf(record, file, shape.format === 'csv'))
      }
    }
    return corrections
  } finally {
    await source.close()
  }
}

function correctionOf({ names, values, reasons, line }: SourceRecord, file: string, isCsv: boolean): Correction {
  if (reasons.length > 0) throw wrong(file, line, reasons.map(({ message }) => message).join('; '))
  const all = new Map(names.map((name, index) => [name, values[index]]))
  const id = String(all.get('reject_id') ?? '')
  const parts = parseRejectId(id)
  if (parts === undefined)
    throw wrong(file, line, `"${id.slice(0, 60)}" is no reject id, which the column reject_id must have`)
  const raw = all.get(isCsv ? 'reject_raw' : 'raw')
  const base = { id, ...parts, raw: isCsv ? unguarded(String(raw ?? '')) : String(raw ?? '') }
  if (!isCsv) return { ...base, record: all.get('record') as Correction['record'] }
  const own = [...all].filter(([name]) => !(REJECT_COLUMNS as readonly string[]).includes(name))
  // Cells of names that the record does not have are empty, as in the export.
  const given = own
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [unguarded(name), unguarded(String(value))])
  return { ...base, record: given.length === 0 ? undefined : Object.fromEntries(given) }
}

function wrong(file: string, line: number, why: string): ShardyardError {
  return new ShardyardError('SY_INPUT_INVALID', `"${file}", line ${line}: ${why}.`, { details: { file, line } })
}
