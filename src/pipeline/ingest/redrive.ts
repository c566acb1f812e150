/** Loads what was refused once more: after a fix of the code, the map or the data, or from a corrected export. */
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { groupBy } from '../../util/group-by.js'
import { RunStore } from '../runs/run-store.js'
import type { SourceShape } from '../formats/source-shape.js'
import { corrected, readCorrections, type Correction } from './corrections.js'
import { csvLine } from '../formats/csv-text.js'
import { INGESTION, ingestNamed, requireIngestion } from './ingest.js'
import type { IngestAccount } from './ingest-account.js'
import type { IngestOptions } from './ingest-options.js'
import type { IngestPlan } from './ingest-plan.js'
import type { NamedSource } from './open-files.js'
import { plannedFile } from './planned-file.js'
import { parseRejectId, readRejects, type Reject } from './rejects.js'

/** Options of {@link redriveRun} and {@link redriveFile}: what the run was made with counts unless given anew. */
export type RedriveOptions = Omit<
  IngestOptions,
  'into' | 'resume' | 'format' | 'encoding' | 'delimiter' | 'header' | 'path'
>

/** Options of {@link redriveFile}. */
export interface RedriveFileOptions extends RedriveOptions {
  /** The run whose rejects the file must hold. @defaultValue any */
  readonly run?: string
  /** What the file is called in messages and in the new run. @defaultValue its path */
  readonly title?: string
  /** Opens the file in place of its path. */
  readonly open?: (() => Promise<FileHandle>) | undefined
}

/**
 * Loads the rejects of a run again as they stood in their source, in a run of their own, whose ledger has the reject that
 * each record comes from; the account of the old run stays as it was.
 *
 * @throws SY_INPUT_INVALID when there is nothing to load; what {@link readRejects} and {@link ingest} throw
 * @example
 * await redriveRun(cluster, await findRun(cluster, 'latest', 'ingestion'), { map: { when: 'timestamp' } })
 */
export async function redriveRun(cluster: Cluster, run: RunRow, options: RedriveOptions = {}): Promise<IngestAccount> {
  const plan = requireIngestion(run)
  const sources: NamedSource[] = []
  const byFile = new Map<number, EncodedRecord[]>()
  for await (const { id, raw, length } of readRejects(cluster, run)) {
    const file = parseRejectId(id)?.file ?? 0
    // Of a record that was too long only the beginning was kept.
    if (raw.length === length) grow(byFile, file).push({ id, bytes: raw })
  }
  for (const [index, records] of byFile) {
    const file = plannedFile(plan, index)
    if (file !== undefined) sources.push(sourceOf(records, file.shape, `rejects of ${file.title} in run ${run.id}`))
  }
  if (sources.length === 0) throw nothingToDo(`Run ${run.id} has no rejects that could be loaded again.`)
  return ingestNamed(cluster, sources, optionsOf(plan, options))
}

/**
 * Loads a corrected export of the rejects of one run, matched by their reject ids; what it says replaces the whole record.
 *
 * @throws SY_INPUT_INVALID for an id that belongs to no reject, rejects of several runs, or none; what ingest throws
 * @example
 * const account = await redriveFile(cluster, 'rejects.csv')
 */
export async function redriveFile(
  cluster: Cluster,
  file: string,
  { run: expected, title = file, open, ...options }: RedriveFileOptions = {},
): Promise<IngestAccount> {
  const corrections = await readCorrections(file, { title, open })
  if (corrections.length === 0) throw nothingToDo(`"${title}" holds no rejects.`)
  const byRun = groupBy(corrections, ({ run }) => run)
  if (byRun.size > 1) {
    throw new ShardyardError(
      'SY_INPUT_INVALID',
      `"${title}" holds rejects of several runs (${[...byRun.keys()].join(', ')}). Redrive them one run at a time.`,
    )
  }
  const [id = ''] = byRun.keys()
  if (expected !== undefined && id !== expected) {
    throw new ShardyardError('SY_INPUT_INVALID', `"${title}" holds rejects of run ${id}, not of run ${expected}.`)
  }
  const run = await new RunStore(cluster).find(id)
  const rejects = await rejectsOf(cluster, run, { file: title, corrections })
  const plan = requireIngestion(run as RunRow)
  const sources: NamedSource[] = []
  for (const [index, own] of groupBy(corrections, (one) => String(one.file))) {
    const planned = plannedFile(plan, Number(index))
    if (planned === undefined) continue
    const shape: SourceShape = { ...planned.shape, encoding: 'utf-8', lineEnd: '\n' }
    const isUtf8 = planned.shape.encoding === 'utf-8'
    const records = own.map((one) => ({
      id: one.id,
      bytes: encoded(one, rejects.get(one.id), { file: title, shape, isUtf8 }),
    }))
    sources.push(sourceOf(records, shape, `${title} (rejects of ${planned.title})`))
  }
  return ingestNamed(cluster, sources, optionsOf(plan, options))
}

function grow(byFile: Map<number, EncodedRecord[]>, file: number): EncodedRecord[] {
  const records = byFile.get(file) ?? []
  byFile.set(file, records)
  return records
}

interface EncodedRecord {
  readonly id: string
  readonly bytes: Buffer
}

/** Records one after the other in the manner of their source, with the rejects they come from by position. */
function sourceOf(records: readonly EncodedRecord[], shape: SourceShape, title: string): NamedSource {
  const origins = new Map<number, string>()
  const { encoding, delimiter } = shape
  const isJson = shape.format === 'json'
  const between = textIn(encoding, isJson ? ',\n' : shape.lineEnd)
  function* pieces(): Generator<Buffer> {
    let position = 0
    const piece = (bytes: Buffer) => {
      position += bytes.length
      return bytes
    }
    if (isJson) yield piece(textIn(encoding, '['))
    for (const [index, { id, bytes }] of records.entries()) {
      if (index > 0) yield piece(between)
      origins.set(position, id)
      yield piece(bytes)
    }
    yield piece(isJson ? textIn(encoding, ']') : between)
  }
  const scan =
    shape.header === null
      ? { format: shape.format, encoding }
      : { format: shape.format, encoding, delimiter, header: shape.header }
  return { source: Readable.from(pieces()), title, scan, origins }
}

/** A correction in the manner of its source. @throws SY_INPUT_INVALID when nothing is left of the record */
function encoded(
  correction: Correction,
  reject: Reject | undefined,
  { file, shape, isUtf8 }: { readonly file: string; readonly shape: SourceShape; readonly isUtf8: boolean },
): Buffer {
  const record = reject === undefined ? undefined : corrected(correction, reject)
  if (record === undefined) {
    throw new ShardyardError(
      'SY_INPUT_INVALID',
      `"${file}": nothing is left of the record with the id "${correction.id}". Give it values, or leave its line out.`,
      { details: { id: correction.id } },
    )
  }
  if (typeof record === 'string') {
    // Text that nobody has changed stands for its bytes, which may be no text.
    return isUtf8 && record === reject?.text ? reject.raw : Buffer.from(record)
  }
  if (shape.header === null) return Buffer.from(JSON.stringify(record))
  const values = shape.header.map((name) => textOf((record as Readonly<Record<string, unknown>>)[name]))
  return Buffer.from(csvLine(values, { delimiter: shape.delimiter, isGuarded: false }))
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Text that is ASCII, in the encoding of a source. */
function textIn(encoding: string, text: string): Buffer {
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le')
  return encoding === 'utf-16be' ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text)
}

/** The rejects that are corrected, by their ids. @throws SY_INPUT_INVALID with the first id that belongs to none */
async function rejectsOf(
  cluster: Cluster,
  run: RunRow | undefined,
  { file, corrections }: { readonly file: string; readonly corrections: readonly Correction[] },
): Promise<ReadonlyMap<string, Reject>> {
  const wanted = new Set(corrections.map(({ id }) => id))
  const found = new Map<string, Reject>()
  if (run?.kind === INGESTION) {
    for await (const reject of readRejects(cluster, run)) if (wanted.has(reject.id)) found.set(reject.id, reject)
  }
  for (const { id } of corrections) {
    if (found.has(id)) continue
    throw new ShardyardError(
      'SY_INPUT_INVALID',
      `"${file}": no record was rejected under the id "${id}". Leave the column reject_id as it was exported.`,
      { details: { id } },
    )
  }
  return found
}

function optionsOf(
  { entity, dedupe, ledger, map, zone, chunkBytes }: IngestPlan,
  options: RedriveOptions,
): IngestOptions {
  return { dedupe, ledger, map, chunkBytes, ...(zone === undefined ? {} : { zone }), ...options, into: entity }
}

function nothingToDo(message: string): ShardyardError {
  return new ShardyardError('SY_INPUT_INVALID', message)
}
