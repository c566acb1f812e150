/** From a line of a file to the row it became, and back. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import { HASH_TABLE } from '../../cluster/bookkeeping/tables.js'
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf } from '../../cluster/entity.js'
import { ShardyardError } from '../../errors.js'
import type { Row } from '../../drivers/driver.js'
import type { SourceShape } from '../formats/source-shape.js'
import { hasRuns } from '../runs/find-run.js'
import { RunStore } from '../runs/run-store.js'
import { entityOf } from './chunk-work.js'
import { INGESTION, requireIngestion } from './ingest.js'
import type { IngestPlan } from './ingest-plan.js'
import { findLine, linesNear, linesOfRow, type IngestLine } from './ledger-reader.js'
import { planOf, PartStore, type Part } from './part-store.js'
import { plannedFile } from './planned-file.js'
import { parseRejectId, rawText } from './rejects.js'

/** One record's way through one run. */
export interface Trace extends IngestLine {
  readonly run: string
  readonly startedAt: Date
  readonly entity: string
  readonly fileTitle: string
  readonly sha256: string
  /** What its bytes mean in the encoding of the file. */
  readonly text: string
  /** The row as it is stored now; undefined when the record became none, or it was deleted. */
  readonly row: Readonly<Record<string, unknown>> | undefined
  /** For a duplicate: where the record stands that it repeats. */
  readonly duplicateOf: { readonly run: string; readonly file: string; readonly line: number } | undefined
  /** For a redriven record: the reject it comes from. */
  readonly rejected: IngestLine | undefined
}

/** Runs that are looked through, newest first. */
const RUNS_MAX = 10_000

/**
 * What became of the record on a line of a file (from 1), in every run that has kept its line, newest first. The file is
 * known by its content when it is there, else by the name it had.
 *
 * @throws SY_INPUT_INVALID when the file cannot be read
 * @example
 * const [latest] = await traceLine(cluster, 'events.csv', 17)
 */
export async function traceLine(cluster: Cluster, file: string, line: number): Promise<Trace[]> {
  const sha256 = existsSync(file) ? await hashOf(file) : undefined
  const path = resolve(file)
  const traces: Trace[] = []
  for (const run of await ingestions(cluster)) {
    const plan = planOf(run)
    for (const [index, planned] of plan.files.entries()) {
      const isMeant =
        sha256 === undefined
          ? [planned.title, planned.path].some((name) => resolve(name) === path)
          : planned.sha256 === sha256
      if (!isMeant) continue
      const parts = (await new PartStore(cluster, run.id, plan).read()).filter(({ row }) => row.file === index)
      for (const found of await linesNear(cluster, parts, line)) {
        if (covers(found, line, planned.shape)) traces.push(await traceOf(cluster, run, plan, found))
      }
    }
  }
  return traces
}

/**
 * What became of the record on a line (from 1) of one file (from 0) of a run.
 *
 * @throws SY_RUN_UNKNOWN when it is no ingestion
 */
export async function traceInRun(
  cluster: Cluster,
  run: RunRow,
  { file, line }: { readonly file: number; readonly line: number },
): Promise<Trace[]> {
  const plan = requireIngestion(run)
  const planned = plannedFile(plan, file)
  if (planned === undefined) return []
  const parts = (await new PartStore(cluster, run.id, plan).read()).filter(({ row }) => row.file === file)
  const traces: Trace[] = []
  for (const found of await linesNear(cluster, parts, line)) {
    if (covers(found, line, planned.shape)) traces.push(await traceOf(cluster, run, plan, found))
  }
  return traces
}

/** A trace as one JSON value. */
export function traceJson({ raw: _raw, text, rejected, ...trace }: Trace): object {
  return { ...trace, raw: text, ...(rejected === undefined ? {} : { rejectedLine: rejected.line }) }
}

/**
 * Where a row comes from: the records of ingestions that became it, newest run first; none when no line of it was kept.
 *
 * @throws SY_ENTITY_UNKNOWN
 * @example
 * const [{ fileTitle, line }] = await traceRow(cluster, 'Event', '4711')
 */
export async function traceRow(cluster: Cluster, entity: string, id: string): Promise<Trace[]> {
  const name = nameOf(entityOf(cluster, entity))
  const traces: Trace[] = []
  for (const run of await ingestions(cluster)) {
    const plan = planOf(run)
    if (plan.entity !== name) continue
    const parts = await new PartStore(cluster, run.id, plan).read()
    for (const line of await linesOfRow(cluster, parts, id)) traces.push(await traceOf(cluster, run, plan, line))
  }
  return traces
}

async function ingestions(cluster: Cluster): Promise<RunRow[]> {
  if (!(await hasRuns(cluster))) return []
  return (await new RunStore(cluster).list(RUNS_MAX)).filter(({ kind }) => kind === INGESTION)
}

/** Whether a record, which may have line ends in it, reaches as far as a line. */
function covers({ line, raw }: IngestLine, wanted: number, { encoding, lineEnd }: SourceShape): boolean {
  return wanted >= line && wanted < line + rawText(raw, encoding).split(lineEnd).length
}

async function traceOf(cluster: Cluster, run: RunRow, plan: IngestPlan, line: IngestLine): Promise<Trace> {
  const file = plannedFile(plan, line.file)
  return {
    ...line,
    run: run.id,
    startedAt: run.startedAt,
    entity: plan.entity,
    fileTitle: file?.title ?? '',
    sha256: file?.sha256 ?? '',
    text: rawText(line.raw, file?.shape.encoding ?? 'utf-8'),
    row: line.rowId === undefined ? undefined : await rowOf(cluster, plan.entity, line.database, line.rowId),
    duplicateOf: line.outcome === 'duplicate' ? await firstOf(cluster, line) : undefined,
    rejected: line.origin === undefined ? undefined : await rejectOf(cluster, line.origin),
  }
}

async function rowOf(
  cluster: Cluster,
  entity: string,
  database: string,
  id: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { dataSource } = cluster.member(database)
  const target = entityOf(cluster, entity)
  if (!dataSource.hasMetadata(target as never)) return undefined
  const key = dataSource.getMetadata(target as never).primaryColumns[0]?.propertyName ?? 'id'
  const row: unknown = await dataSource.getRepository(target as never).findOneBy({ [key]: id } as never)
  return row === null ? undefined : { ...(row as object) }
}

/** The record that a duplicate repeats, by the hash they share. */
async function firstOf(cluster: Cluster, { database, hash }: IngestLine): Promise<Trace['duplicateOf']> {
  if (hash === undefined) return undefined
  const { dataSource, driver } = cluster.member(database)
  const { quote: q, placeholder: p } = driver.dialect
  const [known] = (await dataSource.query(
    `SELECT h.${q('position')}, p.${q('run')}, p.${q('file')} FROM ${q(HASH_TABLE)} h ` +
      `JOIN ${q('shardyard_parts')} p ON p.${q('id')} = h.${q('part')} ` +
      `WHERE h.${q('hash1')} = ${p(1)} AND h.${q('hash2')} = ${p(2)}`,
    [...hash],
  )) as Row[]
  if (known === undefined) return undefined
  const id = { run: String(known['run']), file: Number(known['file']), position: Number(known['position']) }
  const found = await lineAt(cluster, id)
  return found === undefined ? undefined : { run: id.run, file: found.title, line: found.line.line }
}

async function rejectOf(cluster: Cluster, origin: string): Promise<IngestLine | undefined> {
  const id = parseRejectId(origin)
  return id === undefined ? undefined : (await lineAt(cluster, id))?.line
}

/** The line of a run's file at a position. */
export async function lineAt(
  cluster: Cluster,
  { run: id, file, position }: { readonly run: string; readonly file: number; readonly position: number },
): Promise<{ readonly line: IngestLine; readonly title: string } | undefined> {
  const run = (await hasRuns(cluster)) ? await new RunStore(cluster).find(id) : undefined
  if (run?.kind !== INGESTION) return undefined
  const plan = planOf(run)
  const parts: Part[] = (await new PartStore(cluster, run.id, plan).read()).filter(({ row }) => row.file === file)
  const line = await findLine(cluster, parts, position)
  return line === undefined ? undefined : { line, title: plannedFile(plan, file)?.title ?? '' }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const bytes of createReadStream(file)) hash.update(bytes as Buffer)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ShardyardError('SY_INPUT_INVALID', `"${file}" cannot be read: ${why}.`, { cause })
  }
  return hash.digest('hex')
}
