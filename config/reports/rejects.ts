/** What an ingestion has refused: by code, by field and by file, with samples, and every reject. */
import type { Cluster } from '../../src/cluster/cluster.js'
import type { RunRow } from '../../src/cluster/bookkeeping/run-row.js'
import { groupBy } from '../../src/util/group-by.js'
import { printableBytes } from '../../src/util/printable-bytes.js'
import type { CodeCount, IngestAccount } from '../../src/pipeline/ingest/ingest-account.js'
import { ingestAccountOf } from '../../src/pipeline/ingest/part-store.js'
import { readRejects, type Reject } from '../../src/pipeline/ingest/rejects.js'
import { defineReport } from '../../src/pipeline/reports/define-report.js'
import type { Block, Chart, Column, Figure, ReportModel, Row, Table } from '../../src/pipeline/reports/report-model.js'
import { findLatestRun, findRun } from '../../src/pipeline/runs/find-run.js'

export const rejects = defineReport({
  name: 'rejects',
  describe: 'what an ingestion has refused: by code, field and file, with samples',
  options: {
    run: { type: 'string', describe: 'id of the ingestion, or latest', default: 'latest' },
    code: { type: 'string', describe: 'only rejects with a reason of this code' },
    samples: { type: 'integer', describe: 'samples of each code', default: 3, min: 0, max: 100 },
  },
  async run({ cluster, options, signal }): Promise<ReportModel> {
    const { run: id, code, samples } = options
    const run = id === 'latest' ? await findLatestRun(cluster, 'ingestion') : await findRun(cluster, id, 'ingestion')
    if (run === undefined) return nothingRecorded()
    const account = await ingestAccountOf(cluster, run)
    const kept: Kept = { cluster, run, code, signal, isKept: account.ledger !== 'counts' }
    const reasons = account.reasons.filter((reason) => code === undefined || reason.code === code)
    const byCode = summedBy(reasons, (reason) => reason.code)
    return {
      title: 'Rejects',
      subtitle: `Run ${run.id}: ${run.title}`,
      asOf: run.finishedAt ?? run.startedAt,
      mainTable: 'rejects',
      blocks: [
        ...notes(account, code),
        figuresOf(account),
        ...(byCode.length === 0 ? [] : [chartOf(byCode)]),
        countTable('by-code', 'By code', { name: 'code', title: 'Code', kind: 'text' }, byCode),
        countTable(
          'by-field',
          'By field',
          { name: 'field', title: 'Field', kind: 'text' },
          summedBy(reasons, (reason) => reason.field),
        ),
        fileTable(account),
        await sampleTable(kept, byCode, samples),
        rejectTable(kept),
      ],
    }
  },
})

function nothingRecorded(): ReportModel {
  return {
    title: 'Rejects',
    asOf: new Date(0),
    blocks: [{ block: 'text', text: 'No ingestion is recorded.' }, emptyTable()],
  }
}

/** Whose rejects the report reads. */
interface Kept {
  readonly cluster: Cluster
  readonly run: RunRow
  readonly code: string | undefined
  readonly signal: AbortSignal
  /** False when the run has kept counts alone. */
  readonly isKept: boolean
}

async function* rejectsOf({ cluster, run, code, signal, isKept }: Kept): AsyncGenerator<Reject> {
  if (!isKept) return
  for await (const reject of readRejects(cluster, run, { code })) {
    signal.throwIfAborted()
    yield reject
  }
}

function notes({ counts, ledger, state }: IngestAccount, code: string | undefined): Block[] {
  const texts: string[] = []
  if (counts.rejected === 0) texts.push('Nothing was refused.')
  if (ledger === 'counts') texts.push('This run kept counts alone, so single rejects cannot be shown.')
  if (state !== 'complete') texts.push(`The run is ${state}: what is told is what is known so far.`)
  if (code !== undefined) texts.push(`Reasons and rejects are those of the code ${code}.`)
  return texts.map((text) => ({ block: 'text', text }))
}

function figuresOf({ counts, successRate }: IngestAccount): Block {
  const count = (name: string, label: string, value: number): Figure => ({ name, label, value, kind: 'integer' })
  return {
    block: 'figures',
    figures: [
      { ...count('rejected', 'Records refused', counts.rejected), tone: counts.rejected > 0 ? 'bad' : 'good' },
      count('accepted', 'Records taken', counts.accepted),
      count('duplicate', 'Duplicates', counts.duplicate),
      { name: 'success-rate', label: 'Success rate', value: successRate ?? null, kind: 'share', digits: 2 },
    ],
  }
}

type Counted = readonly (readonly [key: string, count: number])[]

/** How often reasons were met under a key, the most frequent first. */
function summedBy(reasons: readonly CodeCount[], keyOf: (reason: CodeCount) => string): Counted {
  return [...groupBy(reasons, keyOf)]
    .map(([key, some]) => [key, some.reduce((sum, { count }) => sum + count, 0)] as const)
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}

const COUNT: Column = { name: 'count', title: 'Times', kind: 'integer' }

function countTable(name: string, title: string, key: Column, counted: Counted): Table {
  return { block: 'table', name, title, columns: [key, COUNT], rows: counted, rowCount: counted.length }
}

function fileTable({ files }: IngestAccount): Table {
  const rows = files.map(({ title, records, counts }): Row => {
    const judged = counts.accepted + counts.duplicate + counts.rejected
    return [title, records, counts.rejected, judged === 0 ? null : counts.rejected / judged]
  })
  return {
    block: 'table',
    name: 'by-file',
    title: 'By file',
    columns: [
      { name: 'file', title: 'File', kind: 'text' },
      { name: 'records', title: 'Records', kind: 'integer' },
      { name: 'rejected', title: 'Refused', kind: 'integer' },
      { name: 'rejected_share', title: 'Share', kind: 'share', digits: 2 },
    ],
    rows,
    rowCount: rows.length,
  }
}

/** A chart has room for this many bars. */
const BARS_MAX = 20

function chartOf(byCode: Counted): Chart {
  return {
    block: 'chart',
    kind: 'bars',
    name: 'codes',
    title: 'Why records were refused',
    valueTitle: 'Times',
    format: { kind: 'integer' },
    series: [{ name: 'Times', tone: 'bad' }],
    points: byCode.slice(0, BARS_MAX).map(([label, count]) => ({ label, values: [count] })),
  }
}

/** Of a record that is longer than this the beginning is shown. */
const SAMPLE_CHARACTERS = 500
const ROW_CHARACTERS = 4_000

/** The first rejects of each code; reading ends when each has enough of them. */
async function sampleTable(kept: Kept, byCode: Counted, samples: number): Promise<Table> {
  const missing = new Map(byCode.map(([code, count]) => [code, Math.min(samples, count)]))
  const found = new Map<string, Row[]>(byCode.map(([code]) => [code, []]))
  const isMissing = () => [...missing.values()].some((count) => count > 0)
  for await (const reject of isMissing() ? rejectsOf(kept) : []) {
    for (const [code, [reason]] of groupBy(reject.reasons, (one) => one.code)) {
      const left = missing.get(code) ?? 0
      if (left === 0) continue
      missing.set(code, left - 1)
      const said = printableBytes(reject.raw, reject.text, SAMPLE_CHARACTERS)
      found.get(code)?.push([code, reject.file, reject.line, reason?.message ?? '', said])
    }
    if (!isMissing()) break
  }
  const rows = [...found.values()].flat()
  return { block: 'table', name: 'samples', title: 'Samples', columns: SAMPLE_COLUMNS, rows, rowCount: rows.length }
}

const FILE: Column = { name: 'file', title: 'File', kind: 'text' }
const LINE: Column = { name: 'line', title: 'Line', kind: 'integer' }
const SAID: Column = { name: 'record', title: 'Record', kind: 'text' }
const SAMPLE_COLUMNS: readonly Column[] = [
  { name: 'code', title: 'Code', kind: 'text' },
  FILE,
  LINE,
  { name: 'reason', title: 'Reason', kind: 'text' },
  SAID,
]

function rejectTable(kept: Kept): Table {
  async function* rows(): AsyncGenerator<Row> {
    for await (const { id, file, line, reasons, raw, text } of rejectsOf(kept)) {
      const codes = [...new Set(reasons.map(({ code }) => code))].join(' ')
      const why = reasons.map(({ message }) => message).join('; ')
      yield [id, file, line, codes, why, printableBytes(raw, text, ROW_CHARACTERS)]
    }
  }
  return { ...emptyTable(), rows: { [Symbol.asyncIterator]: rows } }
}

function emptyTable(): Table {
  return {
    block: 'table',
    name: 'rejects',
    title: 'All rejects',
    columns: [
      { name: 'reject_id', title: 'ID', kind: 'text' },
      FILE,
      LINE,
      { name: 'codes', title: 'Codes', kind: 'text' },
      { name: 'reasons', title: 'Reasons', kind: 'text' },
      SAID,
    ],
    rows: [],
    shownMax: 1_000,
  }
}
