/** The report of an ingestion, made from its account and its rejects. */
import type { DatabaseAccount, FileAccount, IngestAccount } from '../ingest/ingest-account.js'
import type { Reject } from '../ingest/rejects.js'
import { latencyBlocks, latencyFigures } from './latency-blocks.js'
import { formatCount } from './look/print-value.js'
import type { Block, Chart, Column, Figures, ReportModel, Row, Table } from './report-model.js'
import type { Counts, Outcome } from './run-account.js'
import {
  aboutRun,
  chartDatabases,
  readOf,
  successOf,
  tellBalance,
  tellCounts,
  tellReason,
  tellState,
} from './run-words.js'
import { threadTable } from './simulation-tables.js'

const REASON_BARS_MAX = 10
const OUTCOMES = ['accepted', 'rejected', 'duplicate', 'blank', 'header'] as const satisfies readonly Outcome[]
const COUNT_COLUMNS: readonly Column[] = [
  { name: 'read', title: 'Read', kind: 'integer' },
  ...OUTCOMES.map((name) => ({ name, title: `${name[0]?.toUpperCase()}${name.slice(1)}`, kind: 'integer' as const })),
  { name: 'successRate', title: 'Success', kind: 'share' },
]

/** What an ingestion has done. `readRejects` is undefined when its rejects were not kept. */
export function ingestionModel(
  account: IngestAccount,
  readRejects: (() => AsyncIterable<Reject>) | undefined,
  { rowsMax }: { readonly rowsMax: number },
): ReportModel {
  const { files, databases, counts } = account
  const [only] = files
  const source = files.length === 1 && only !== undefined ? only.title : `${formatCount(files.length)} files`
  return {
    title: 'Ingestion report',
    subtitle: aboutRun(account, `${account.entity} from ${source}`),
    asOf: account.finishedAt ?? account.startedAt,
    mainTable: 'files',
    blocks: [
      tellState(account.state),
      { block: 'heading', text: 'Executive summary' },
      tellCounts(counts),
      factsOf(account),
      ...chartDatabases(databases),
      ...latencyBlocks(account.latency, CHUNK),
      { block: 'heading', text: 'Files' },
      fileTable(files, rowsMax),
      { block: 'heading', text: 'Databases' },
      databaseTable(databases),
      ...threadBlocks(account),
      ...reasonBlocks(account),
      { block: 'heading', text: 'Rejected records' },
      readRejects === undefined ? NOT_KEPT : rejectTable(readRejects, counts.rejected, rowsMax),
    ],
  }
}

const CHUNK = 'A chunk is a piece of a file: from its first byte to its last commit, with the wait for its turn.'

const NOT_KEPT: Block = {
  block: 'text',
  text: 'This run kept counts alone, so the rejected records themselves cannot be shown.',
}

function factsOf(account: IngestAccount): Figures {
  return {
    block: 'figures',
    figures: [
      { name: 'state', label: 'State', value: account.state, kind: 'text' },
      { name: 'successRate', label: 'Success rate', value: account.successRate ?? null, kind: 'share' },
      { name: 'balance', label: 'Balance', value: tellBalance(account.counts), kind: 'text' },
      { name: 'files', label: 'Files', value: account.files.length, kind: 'integer' },
      { name: 'threads', label: 'Worker threads', value: account.threads, kind: 'integer' },
      { name: 'dedupe', label: 'Records are the same by', value: account.dedupe, kind: 'text' },
      { name: 'ledger', label: 'Kept in the ledger', value: account.ledger, kind: 'text' },
      { name: 'wallMs', label: 'Wall time', value: account.wallMs, kind: 'decimal', unit: 'ms' },
      {
        name: 'recordsPerSecond',
        label: 'Throughput',
        value: account.recordsPerSecond,
        kind: 'decimal',
        digits: 1,
        unit: 'records/s',
      },
      ...latencyFigures(account.latency),
    ],
  }
}

function countCells(counts: Counts, read = readOf(counts)): Row {
  return [read, ...OUTCOMES.map((outcome) => counts[outcome]), successOf(counts)]
}

function fileTable(files: readonly FileAccount[], rowsMax: number): Table {
  return {
    block: 'table',
    name: 'files',
    title: 'Files',
    columns: [
      { name: 'file', title: 'File', kind: 'text' },
      { name: 'sizeBytes', title: 'Size', kind: 'integer', unit: 'bytes' },
      ...COUNT_COLUMNS,
    ],
    rows: files.map((file) => [file.title, file.sizeBytes, ...countCells(file.counts, file.records)]),
    rowCount: files.length,
    shownMax: rowsMax,
    whenCut: 'use --rows to show more',
    whenEmpty: 'No file was read.',
  }
}

function databaseTable(databases: readonly DatabaseAccount[]): Table {
  return {
    block: 'table',
    name: 'databases',
    title: 'Databases',
    columns: [
      { name: 'database', title: 'Database', kind: 'text' },
      { name: 'engine', title: 'Engine', kind: 'text' },
      ...COUNT_COLUMNS,
    ],
    rows: databases.map(({ database, engine, counts }) => [database, engine, ...countCells(counts)]),
    rowCount: databases.length,
    whenEmpty: 'No database took part in this run.',
  }
}

/** What is known by thread: it is noted when a run over files ends, and a stream has no threads. */
function threadBlocks({ perThread, counts }: IngestAccount): Block[] {
  const heading = { block: 'heading', text: 'Analysis per thread' } as const
  if (perThread.length === 0) return [heading, { block: 'text', text: 'What each thread did was not recorded.' }]
  const known = perThread.reduce((sum, thread) => sum + readOf(thread.counts), 0)
  const unknown = readOf(counts) - known
  const note =
    unknown > 0
      ? {
          note: `${formatCount(unknown)} more were written by a process that was stopped before it told of its threads.`,
        }
      : {}
  return [{ ...heading, ...note }, threadTable(perThread)]
}

function reasonBlocks({ reasons }: IngestAccount): Block[] {
  const named = reasons.map(({ code, field, count }) => ({ label: field === '' ? code : `${code} ${field}`, count }))
  const chart: Chart = {
    block: 'chart',
    kind: 'bars',
    name: 'common-reasons',
    title: 'Most common reasons',
    valueTitle: 'Records',
    format: { kind: 'integer' },
    series: [{ name: 'Records', tone: 'bad' }],
    points: named.slice(0, REASON_BARS_MAX).map(({ label, count }) => ({ label, values: [count] })),
  }
  const table: Table = {
    block: 'table',
    name: 'reasons',
    title: 'All reasons',
    columns: [
      { name: 'code', title: 'Reason', kind: 'text' },
      { name: 'field', title: 'Field', kind: 'text' },
      { name: 'records', title: 'Records', kind: 'integer' },
    ],
    rows: reasons.map(({ code, field, count }) => [code, field === '' ? null : field, count]),
    rowCount: reasons.length,
    whenEmpty: 'No record was rejected.',
  }
  const heading: Block = { block: 'heading', text: 'Why records were rejected' }
  return reasons.length === 0 ? [heading, { ...table, title: heading.text }] : [heading, chart, table]
}

function rejectTable(readRejects: () => AsyncIterable<Reject>, total: number, rowsMax: number): Table {
  return {
    block: 'table',
    name: 'rejects',
    title: 'Rejected records',
    columns: [
      { name: 'file', title: 'File', kind: 'text' },
      { name: 'line', title: 'Line', kind: 'integer' },
      { name: 'record', title: 'Record', kind: 'text' },
      { name: 'reasons', title: 'Reasons', kind: 'text' },
    ],
    rows: { [Symbol.asyncIterator]: () => rejectRows(readRejects()) },
    rowCount: total,
    shownMax: rowsMax,
    whenCut: 'use --rows to show more',
    whenEmpty: 'No record was rejected.',
  }
}

async function* rejectRows(rejects: AsyncIterable<Reject>): AsyncGenerator<Row> {
  for await (const { file, line, text, reasons } of rejects)
    yield [file, line, text.trimEnd(), reasons.map((reason) => `✗ ${tellReason(reason)}`).join('\n')]
}
