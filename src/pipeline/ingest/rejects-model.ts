/** Rejects as a table of a report, for formats that reports are written in. */
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import type { Column, ReportModel, Row } from '../reports/report-model.js'
import { exportedNames, REJECT_COLUMNS, toldOf, cellOf, columnOf } from './export-rejects.js'
import { readRejects, requireKept } from './rejects.js'

/** The rejects of a run, with the columns of their export. @throws SY_RUN_UNKNOWN, SY_INPUT_INVALID */
export async function rejectsModel(cluster: Cluster, run: RunRow, code: string | undefined): Promise<ReportModel> {
  requireKept(run)
  const names = await exportedNames(cluster, run)
  const text = (name: string): Column => ({ name, title: name, kind: 'text' })
  async function* rows(): AsyncGenerator<Row> {
    for await (const reject of readRejects(cluster, run, { code })) {
      yield [...toldOf(reject), ...names.map((name) => cellOf(reject.record?.[name]))]
    }
  }
  return {
    title: 'Rejects',
    subtitle: `Run ${run.id}: ${run.title}`,
    asOf: run.finishedAt ?? run.startedAt,
    blocks: [
      {
        block: 'table',
        name: 'rejects',
        title: 'Rejects',
        columns: [...REJECT_COLUMNS.map(text), ...names.map(columnOf).map(text)],
        rows: { [Symbol.asyncIterator]: rows },
      },
    ],
  }
}
