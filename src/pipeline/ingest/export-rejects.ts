/** Rejects as a file that a person can correct, and that `redrive` takes back. */
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { csvLine, unguarded } from '../formats/csv-text.js'
import { requireIngestion } from './ingest.js'
import { readRejects, requireKept, type Reject } from './rejects.js'

/** Columns of an export that tell about the reject; what it said stands behind them. */
export const REJECT_COLUMNS = [
  'reject_id',
  'reject_file',
  'reject_line',
  'reject_codes',
  'reject_reasons',
  'reject_raw',
] as const

/** Stands before the names of a record that an export has columns of its own for. */
const OF_THE_RECORD = 'record.'

/** How rejects are written. */
export interface ExportOptions {
  readonly format: 'csv' | 'json' | 'ndjson'
  /** Only rejects with a reason of this code. @defaultValue all */
  readonly code?: string | undefined
  /** CSV: leaves texts that a spreadsheet would take for a formula as they are. @defaultValue false */
  readonly isRaw?: boolean | undefined
}

/**
 * The rejects of a run as the text of a file, piece by piece, that {@link redriveFile} takes back when it is corrected.
 *
 * @throws SY_RUN_UNKNOWN when it is no ingestion; SY_INPUT_INVALID when the run kept counts alone
 * @example
 * await writeFile('rejects.csv', exportRejects(cluster, run, { format: 'csv' }))
 */
export async function* exportRejects(cluster: Cluster, run: RunRow, options: ExportOptions): AsyncGenerator<string> {
  requireKept(run)
  const rejects = readRejects(cluster, run, { code: options.code })
  switch (options.format) {
    case 'csv':
      yield* csvOf(rejects, await exportedNames(cluster, run), options.isRaw !== true)
      break
    case 'ndjson':
      for await (const reject of rejects) yield `${JSON.stringify(jsonOf(reject))}\n`
      break
    case 'json':
      yield* listOf(rejects)
      break
    default:
      options.format satisfies never
  }
}

async function* listOf(rejects: AsyncIterable<Reject>): AsyncGenerator<string> {
  let isFirst = true
  for await (const reject of rejects) {
    yield `${isFirst ? '[' : ','}\n${JSON.stringify(jsonOf(reject))}`
    isFirst = false
  }
  yield isFirst ? '[]\n' : '\n]\n'
}

async function* csvOf(
  rejects: AsyncIterable<Reject>,
  names: readonly string[],
  isGuarded: boolean,
): AsyncGenerator<string> {
  const format = { delimiter: ',', isGuarded }
  yield `${csvLine([...REJECT_COLUMNS, ...names.map(columnOf)], format)}\n`
  for await (const reject of rejects) {
    yield `${csvLine([...toldOf(reject), ...names.map((name) => cellOf(reject.record?.[name]))], format)}\n`
  }
}

/** What an export tells about a reject, in the order of its columns. */
export function toldOf({ id, file, line, reasons, record, text }: Reject): string[] {
  const codes = [...new Set(reasons.map(({ code }) => code))].join(' ')
  const why = reasons.map(({ message, fix }) => (fix === '' ? message : `${message} (${fix})`)).join('; ')
  return [id, file, String(line), codes, why, record === undefined ? text : '']
}

/** A value of a record as a cell of CSV, before it is guarded. */
export function cellOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The column of a name; no record may say what stands in the columns that tell about it. */
export function columnOf(name: string): string {
  return isToldColumn(name) || name.startsWith(OF_THE_RECORD) ? OF_THE_RECORD + name : name
}

/** The name that a column holds the values of; undefined for those that tell about the reject. */
export function nameOfColumn(column: string): string | undefined {
  if (isToldColumn(column)) return undefined
  const name = unguarded(column)
  return name.startsWith(OF_THE_RECORD) ? name.slice(OF_THE_RECORD.length) : name
}

function isToldColumn(column: string): boolean {
  return (REJECT_COLUMNS as readonly string[]).includes(column)
}

function jsonOf({ id, file, line, position, reasons, record, text }: Reject): object {
  const said = record === undefined ? { raw: text } : { record }
  return { reject_id: id, file, line, position, reasons, ...said }
}

/** The names of all records: the headers of CSV files, or what a first reading of the rejects finds. */
export async function exportedNames(cluster: Cluster, run: RunRow): Promise<string[]> {
  const names = new Set<string>()
  const { files, stream } = requireIngestion(run)
  for (const { shape } of files) for (const name of shape.header ?? []) names.add(name)
  if (stream !== undefined || files.some(({ shape }) => shape.header === null)) {
    for await (const { record } of readRejects(cluster, run))
      for (const name of Object.keys(record ?? {})) names.add(name)
  }
  return [...names]
}
