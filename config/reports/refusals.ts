/** Every record that any ingestion has refused, a line each. */
import type { Cluster } from '../../src/cluster/cluster.js'
import type { RunRow } from '../../src/cluster/bookkeeping/run-row.js'
import { printableBytes } from '../../src/util/printable-bytes.js'
import { ingestionsInto } from '../../src/pipeline/ingest/ingestions-into.js'
import { planOf } from '../../src/pipeline/ingest/part-store.js'
import { readRejects } from '../../src/pipeline/ingest/rejects.js'
import { defineReport } from '../../src/pipeline/reports/define-report.js'
import type { ReportModel, Row, Table } from '../../src/pipeline/reports/report-model.js'

/** Of a record that is longer the beginning is told. */
const RECORD_CHARACTERS = 4_000

export const refusals = defineReport({
  name: 'refusals',
  describe: 'every record that any ingestion has refused, and why',
  options: {
    into: { type: 'string', describe: 'only of ingestions into this entity' },
    code: { type: 'string', describe: 'only rejects with a reason of this code' },
  },
  async run({ cluster, options: { into, code }, signal }): Promise<ReportModel> {
    const found = { runs: 0, counted: 0, latest: new Date(0) }
    for await (const run of ingestionsInto(cluster, into)) {
      if (found.runs === 0) found.latest = run.startedAt
      found.runs += 1
      if (!hasLines(run)) found.counted += 1
    }
    return {
      title: 'Refused records',
      ...(into === undefined ? {} : { subtitle: `Ingestions into ${into}` }),
      asOf: found.latest,
      mainTable: 'refusals',
      blocks: [
        ...(found.runs === 0 ? [{ block: 'text', text: 'No ingestion is recorded.' } as const] : []),
        ...(found.counted === 0
          ? []
          : [{ block: 'text', text: `Runs that kept counts alone: ${found.counted}.` } as const]),
        refusalTable({ cluster, into, code, signal }),
      ],
    }
  },
})

/** Whose refusals are listed. */
interface Refused {
  readonly cluster: Cluster
  readonly into: string | undefined
  readonly code: string | undefined
  readonly signal: AbortSignal
}

function hasLines(run: RunRow): boolean {
  return planOf(run).ledger !== 'counts'
}

function refusalTable({ cluster, into, code, signal }: Refused): Table {
  async function* rows(): AsyncGenerator<Row> {
    for await (const run of ingestionsInto(cluster, into)) {
      if (!hasLines(run)) continue
      for await (const { id, file, reasons, raw, text } of readRejects(cluster, run, { code })) {
        signal.throwIfAborted()
        const why = reasons.map(({ message }) => message).join('; ')
        yield [id, file, why, printableBytes(raw, text, RECORD_CHARACTERS), run.startedAt]
      }
    }
  }
  return {
    block: 'table',
    name: 'refusals',
    title: 'All refused records',
    columns: [
      { name: 'id', title: 'ID', kind: 'text' },
      { name: 'source', title: 'Source', kind: 'text' },
      { name: 'error', title: 'Why', kind: 'text' },
      { name: 'raw_payload', title: 'Record', kind: 'text' },
      { name: 'failed_at', title: 'When', kind: 'instant' },
    ],
    rows: { [Symbol.asyncIterator]: rows },
    shownMax: 1_000,
  }
}
