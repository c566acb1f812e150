/** The dead letters of an ingestion: what was refused, why, and what it said. */
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { readChunk } from '../formats/read-chunk.js'
import type { SourceRecord, SourceShape } from '../formats/source-shape.js'
import { requireIngestion } from './ingest.js'
import type { IngestPlan } from './ingest-plan.js'
import type { IngestReason } from './ingest-reason.js'
import { readLines, type IngestLine, type LinePlace } from './ledger-reader.js'
import { plannedFile } from './planned-file.js'

/** A record that was refused. `line` counts from 1, `position` and `length` are bytes; of a topic both places are offsets. */
export interface Reject {
  /** By which a corrected record is known again: `run:file:position`. */
  readonly id: string
  readonly file: string
  readonly line: number
  readonly position: number
  readonly length: number
  readonly reasons: readonly IngestReason[]
  /** The record by its names in the source; undefined when it could not be read. */
  readonly record: Readonly<Record<string, unknown>> | undefined
  /** Its bytes as they stood in the source; of one that was too long the beginning. */
  readonly raw: Buffer
  /** The bytes as text; what is no text in the encoding of the source is U+FFFD. */
  readonly text: string
}

/** Which rejects {@link readRejects} tells. */
export interface RejectsOptions {
  /** Those with a reason of this code. @defaultValue all */
  readonly code?: string | undefined
  /** Those behind this one, by its id. @defaultValue from the first on */
  readonly after?: string | undefined
}

/**
 * The rejects of a run in the order of its files; only those with a reason of that code, when one is given.
 *
 * @throws SY_RUN_UNKNOWN when it is no ingestion; SY_INPUT_INVALID when the run kept counts alone
 * @example
 * for await (const { line, reasons } of readRejects(cluster, await findRun(cluster, 'latest', 'ingestion'))) { … }
 */
export async function* readRejects(
  cluster: Cluster,
  run: RunRow,
  { code, after }: RejectsOptions = {},
): AsyncGenerator<Reject> {
  const plan = requireKept(run)
  for await (const line of readLines(cluster, run, 'rejected', placeOf(run, after))) {
    const file = plannedFile(plan, line.file)
    if (file === undefined || (code !== undefined && line.reasons.every((reason) => reason.code !== code))) continue
    yield {
      id: rejectId(run.id, line),
      file: file.title,
      line: line.line,
      position: line.position,
      length: line.length,
      reasons: line.reasons,
      record: recordOf(line, file.shape),
      raw: line.raw,
      text: rawText(line.raw, file.shape.encoding),
    }
  }
}

function placeOf(run: RunRow, id: string | undefined): LinePlace | undefined {
  if (id === undefined) return undefined
  const place = parseRejectId(id)
  if (place?.run === run.id) return place
  throw new ShardyardError('SY_INPUT_INVALID', `Expected \`after\` to be the id of a reject of run ${run.id}.`)
}

/** The plan of an ingestion that has kept its rejects. @throws SY_RUN_UNKNOWN, SY_INPUT_INVALID */
export function requireKept(run: RunRow): IngestPlan {
  const plan = requireIngestion(run)
  if (plan.ledger !== 'counts') return plan
  throw new ShardyardError(
    'SY_INPUT_INVALID',
    `Run ${run.id} kept counts alone (--ledger counts), so its rejects cannot be shown. Load the file again with --ledger rejects.`,
  )
}

export function rejectId(run: string, { file, position }: Pick<IngestLine, 'file' | 'position'>): string {
  return `${run}:${file}:${position}`
}

/** The parts of a reject's id; undefined when it is none. */
export function parseRejectId(id: string): { run: string; file: number; position: number } | undefined {
  const match = /^([0-9a-z]{8,20}):(\d{1,9}):(\d{1,15})$/.exec(id)
  if (match === null) return undefined
  return { run: match[1] ?? '', file: Number(match[2]), position: Number(match[3]) }
}

/** Bytes of a source as text. */
export function rawText(raw: Buffer, encoding: string): string {
  return new TextDecoder(encoding, { ignoreBOM: true }).decode(raw)
}

/** The names and values of a line, as its source has them; undefined when it cannot be read. */
function recordOf(line: IngestLine, shape: SourceShape): Readonly<Record<string, unknown>> | undefined {
  // What is said of bytes that are no text cannot be put into a record.
  if (line.raw.length !== line.length || line.reasons.some(({ code }) => code === 'INVALID_ENCODING')) return undefined
  const chunk = { offset: line.position, length: line.length, line: line.line, records: 1 }
  let records: SourceRecord[]
  try {
    records = readChunk(line.raw, chunk, shape)
  } catch {
    // A record that could not be read then cannot be read now.
    return undefined
  }
  const [record] = records
  if (records.length !== 1 || record === undefined || record.values.length !== record.names.length) return undefined
  if (record.names.length === 0) return undefined
  return Object.fromEntries(record.names.map((name, index) => [name, record.values[index]]))
}
