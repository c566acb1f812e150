/** The dead letters of an ingestion: what was refused, why, and what it said. */
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { readChunk } from '../formats/read-chunk.js'
import type { SourceRecord, SourceShape } from '../formats/source-shape.js'
import { requireIngestion } from './ingest.js'
import type { IngestReason } from './ingest-reason.js'
import { readLines, type IngestLine } from './ledger-reader.js'
import { plannedFile } from './planned-file.js'

/** A record that was refused. */
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
}

/**
 * The rejects of a run in the order of its files; only those with a reason of that code, when one is given.
 *
 * @throws SY_RUN_UNKNOWN; SY_INPUT_INVALID when the run kept counts alone
 */
export async function* readRejects(
  cluster: Cluster,
  run: RunRow,
  { code }: { readonly code?: string | undefined } = {},
): AsyncGenerator<Reject> {
  const plan = requireIngestion(run)
  if (plan.ledger === 'counts') {
    throw new ShardyardError(
      'SY_INPUT_INVALID',
      `Run ${run.id} kept counts alone (--ledger counts), so its rejects cannot be shown. Load the file again with --ledger rejects.`,
    )
  }
  for await (const line of readLines(cluster, run, 'rejected')) {
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
    }
  }
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

/** The names and values of a line, as its source has them; undefined when it cannot be read. */
function recordOf(line: IngestLine, shape: SourceShape): Readonly<Record<string, unknown>> | undefined {
  if (line.raw.length !== line.length) return undefined
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
