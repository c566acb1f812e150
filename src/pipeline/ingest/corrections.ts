/** Reads a corrected export of rejects. */
import { ShardyardError } from '../../errors.js'
import { readChunk } from '../formats/read-chunk.js'
import { scanSource } from '../formats/scan-source.js'
import type { SourceRecord } from '../formats/source-shape.js'
import { openSource, type OpenSourceOptions } from '../formats/spool.js'
import { guarded, unguarded } from '../formats/csv-text.js'
import { cellOf, nameOfColumn } from './export-rejects.js'
import { parseRejectId, type Reject } from './rejects.js'

type Values = Readonly<Record<string, unknown>>

/** What a corrected export says about one reject. */
export interface Correction {
  readonly id: string
  readonly run: string
  readonly file: number
  /** JSON: the record by its names. */
  readonly record: unknown
  /** CSV: the cells of the record by its names, as they stand in the export. */
  readonly cells: ReadonlyMap<string, string> | undefined
  /** The text of a record that could not be read. */
  readonly raw: string
}

/** The corrections of a file, which messages call `title`. @throws SY_SOURCE_UNREADABLE; SY_INPUT_INVALID with the first line that is no reject, or one that was there before */
export async function readCorrections(
  file: string,
  { title, open }: { readonly title: string; readonly open: OpenSourceOptions['open'] },
): Promise<Correction[]> {
  const source = await openSource(file, { title, open })
  try {
    const { shape, chunks } = await scanSource(source.handle)
    const corrections = new Map<string, Correction>()
    for (const chunk of chunks) {
      const bytes = Buffer.alloc(chunk.refused === undefined ? chunk.length : 0)
      await source.handle.read(bytes, 0, bytes.length, chunk.offset)
      for (const record of readChunk(bytes, chunk, shape)) {
        if (record.kind !== 'data' || isEnd(record)) continue
        const correction = correctionOf(record, title, shape.format === 'csv')
        if (corrections.has(correction.id))
          throw wrong(title, record.line, `the id "${correction.id}" stands there twice`)
        corrections.set(correction.id, correction)
      }
    }
    return [...corrections.values()]
  } finally {
    await source.close()
  }
}

/** The last line of a list that was downloaded says that it is whole. */
function isEnd({ names, values }: SourceRecord): boolean {
  return values[names.indexOf('_end')] === true
}

function correctionOf({ names, values, reasons, line }: SourceRecord, file: string, isCsv: boolean): Correction {
  if (reasons.length > 0) throw wrong(file, line, reasons.map(({ message }) => message).join('; '))
  const all = new Map(names.map((name, index) => [name, values[index]]))
  const id = String(all.get('reject_id') ?? '')
  const parts = parseRejectId(id)
  if (parts === undefined)
    throw wrong(file, line, `"${id.slice(0, 60)}" is no reject id, which the column reject_id must have`)
  const raw = String(all.get(isCsv ? 'reject_raw' : 'raw') ?? '')
  const base = { id, run: parts.run, file: parts.file }
  if (!isCsv) return { ...base, record: all.get('record'), cells: undefined, raw }
  const cells = new Map<string, string>()
  for (const [column, value] of all) {
    const name = nameOfColumn(column)
    if (name !== undefined) cells.set(name, String(value))
  }
  return { ...base, record: undefined, cells, raw }
}

/**
 * The record as it is to be loaded: by its names, or the text of one that was never read. Undefined when nothing is
 * left of it.
 */
export function corrected({ record, cells, raw }: Correction, { text, record: original }: Reject): unknown {
  if (record !== undefined) return record
  const values: [name: string, value: unknown][] = []
  for (const [name, cell] of cells ?? []) {
    const value = valueOf(cell, original?.[name])
    if (value !== undefined) values.push([name, value])
  }
  if (values.length > 0) return Object.fromEntries(values) as Values
  const typed = isAsExported(raw, text) ? text : unguarded(raw)
  return typed === '' ? undefined : typed
}

/** What a cell says: the very value that was exported, or what was typed over it. */
function valueOf(cell: string, original: unknown): unknown {
  if (original !== undefined && isAsExported(cell, cellOf(original))) return original
  if (cell === '') return undefined
  const text = unguarded(cell)
  const isText = original === undefined || original === null || typeof original === 'string'
  return isText ? text : (parsed(text) ?? text)
}

function isAsExported(cell: string, text: string): boolean {
  return cell === text || cell === guarded(text)
}

/** A number, a list or an object, as its cell shows it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function wrong(file: string, line: number, why: string): ShardyardError {
  return new ShardyardError('SY_INPUT_INVALID', `"${file}", line ${line}: ${why}.`, { details: { file, line } })
}
