/** Every record that any ingestion has refused, a line each. */
import type { Cluster } from '../../src/cluster/cluster.js'
import type { RunRow } from '../../src/cluster/bookkeeping/run-row.js'
import { printableBytes } from '../../src/util/printable-bytes.js'
import { INGESTION } from '../../src/pipeline/ingest/ingest.js'
import { planOf } from '../../src/pipeline/ingest/part-store.js'
import { readRejects } from '../../src/pipeline/ingest/rejects.js'
import { defineReport } from '../../src/pipeline/reports/define-report.js'
import type { ReportModel, Row, Table } from '../../src/pipeline/reports/report-model.js'
import { hasRuns } from '../../src/pipeline/runs/find-run.js'
import { RunStore } from '../../src/pipeline/runs/run-store.js'

const RUNS_MAX = 10_000
/** Of a record that is longer the beginning is told. */
const RECORD_CHARACTERS = 4_000

export const refusals = defineReport({
  name: 'refusals',
  describe: 'every record that any ingestion has refused, and why',
  options: {
    into: { type: 'string', describe: 'only of ingestions into this entity' },
    code: { type: 'string', describe: 'only rejects with a reason of this code' },
  },
  async run({ cluster, options, signal }): Promise<ReportModel> {
    const runs = await runsInto(cluster, options.into)
    const counted = runs.filter((run) => planOf(run).ledger === 'counts').length
    return {
      title: 'Refused records',
      ...(options.into === undefined ? {} : { subtitle: `Ingestions into ${options.into}` }),
      asOf: runs.at(-1)?.startedAt ?? new Date(0),
      mainTable: 'refusals',
      blocks: [
        ...(runs.length === 0 ? [{ block: 'text', text: 'No ingestion is recorded.' } as const] : []),
        ...(counted === 0 ? [] : [{ block: 'text', text: `Runs that kept counts alone: ${counted}.` } as const]),
        refusalTable({ cluster, runs, code: options.code, signal }),
      ],
    }
  },
})

/** The ingestions, the oldest first. */
async function runsInto(cluster: Cluster, into: string | undefined): Promise<readonly RunRow[]> {
  if (!(await hasRuns(cluster))) return []
  const runs = (await new RunStore(cluster).list(RUNS_MAX)).toReversed()
  return runs.filter((run) => run.kind === INGESTION && (into === undefined || planOf(run).entity === into))
}

interface Refused {
  readonly cluster: Cluster
  readonly runs: readonly RunRow[]
  readonly code: string | undefined
  readonly signal: AbortSignal
}

function refusalTable({ cluster, runs, code, signal }: Refused): Table {
  async function* rows(): AsyncGenerator<Row> {
    for (const run of runs) {
      if (planOf(run).ledger === 'counts') continue
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
