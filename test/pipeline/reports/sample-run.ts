import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import type { Counts, LedgerLine, Outcome, ReadLines, RunAccount } from '../../../dist/src/pipeline/reports/run-account'
import { type RunModelOptions, simulationModel } from '../../../dist/src/pipeline/reports/simulation-model'
import { type ReportResult, writeModel } from '../../../dist/src/pipeline/reports/write-model'
import { pdfWriter } from '../../../dist/src/pipeline/reports/writers/pdf-report'
import { tempFolder } from '../../helpers/temp'

export const NOTHING: Counts = { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }
export const REASON = { code: 'PRICE_NEGATIVE', field: 'price', message: 'must be at least 0, got -50.00' }

export function line(entity: string, record: Record<string, unknown>, rest: Partial<LedgerLine> = {}): LedgerLine {
  const told = { position: 0, thread: 1, durationUs: 1_500, rowId: '1', storedBy: undefined, reasons: [], ...rest }
  return { entity, outcome: 'accepted', record, ...told }
}

export function lines(count: number, rest: Partial<LedgerLine> = {}): LedgerLine[] {
  return Array.from({ length: count }, (_, position) =>
    line('Product', { name: `Item ${position}` }, { position, ...rest }),
  )
}

function countOutcomes(rows: readonly LedgerLine[]): Counts {
  const counts = { ...NOTHING }
  for (const { outcome } of rows) counts[outcome] += 1
  return counts
}

/** A run whose ledger holds these lines, all of one entity. */
export function runOf(
  rows: readonly LedgerLine[],
  rest: Partial<RunAccount> = {},
): { account: RunAccount; readLines: ReadLines } {
  const counts = countOutcomes(rows)
  const latency = { unit: 'record', p50Ms: 1.2, p95Ms: 8.4, p99Ms: 11.9, maxMs: 13.1 } as const
  const histogram = [0.5, 1, 2, 5, Number.POSITIVE_INFINITY].map((upToMs) => ({
    upToMs,
    count: upToMs === 2 ? rows.length : 0,
  }))
  const entity = {
    entity: 'Product',
    database: 'products',
    engine: 'sqlite data/products.db',
    counts,
    reasons: [{ ...REASON, count: 3 }],
  }
  const account: RunAccount = {
    id: 'run-7f3a',
    state: 'complete',
    source: 'sample data',
    startedAt: new Date('2025-08-20T23:53:22Z'),
    finishedAt: new Date('2025-08-20T23:53:25Z'),
    threads: 10,
    batch: 1,
    wallMs: 812,
    counts,
    successRate: rows.length === 0 ? undefined : (counts.accepted + counts.duplicate) / rows.length,
    recordsPerSecond: 36.9,
    latency: { ...latency, histogram },
    entities: [entity],
    perThread: [{ thread: 1, counts, busyMs: 20 }],
    ...rest,
  }
  return { account, readLines: readerOf(rows) }
}

function readerOf(rows: readonly LedgerLine[]): ReadLines {
  return async function* read(_entity: string, outcome: Outcome, limit: number) {
    yield* rows.filter((row) => row.outcome === outcome).slice(0, limit)
  }
}

export type Run = ReturnType<typeof runOf>

/** Writes the PDF of a run to a file. */
export async function writeRun(
  { account, readLines }: Run,
  file: string,
  options: Partial<RunModelOptions> = {},
): Promise<ReportResult> {
  const model = await simulationModel(account, readLines, { rowsMax: 1_000, ...options })
  return writeModel(model, pdfWriter, file, options.signal === undefined ? {} : { signal: options.signal })
}

export async function write(run: Run, options: Partial<RunModelOptions> = {}): Promise<string> {
  const file = join(await tempFolder('report'), 'report.pdf')
  await writeRun(run, file, options)
  return file
}

export function textOf(file: string): string {
  const program = process.env.SHARDYARD_TEST_PDFTOTEXT ?? 'pdftotext'
  return execFileSync(program, ['-layout', file, '-'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}

export function pagesOf(file: string): string[] {
  return textOf(file).split('\f').slice(0, -1)
}

/** The objects of a PDF and its page contents, unpacked. */
export function objectsOf(file: string): string {
  const packed = readFileSync(file)
  const plain = [packed.toString('latin1')]
  for (let at = packed.indexOf('stream\n'); at >= 0; at = packed.indexOf('stream\n', at + 7)) {
    if (packed.subarray(at - 3, at).toString() === 'end' || packed[at + 7] !== 0x78) continue
    plain.push(inflateSync(packed.subarray(at + 7), { finishFlush: 2 }).toString('latin1'))
  }
  return plain.join('\n')
}
