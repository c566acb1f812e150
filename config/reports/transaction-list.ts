/** Every payment, a line each. */
import { Transaction } from '../../entities/transaction.js'
import type { Cluster } from '../../src/cluster/cluster.js'
import { columnRange } from '../../src/cluster/read/column-range.js'
import { rowPages } from '../../src/cluster/read/row-pages.js'
import { takenAt } from '../../src/pipeline/ingest/taken-at.js'
import { defineReport } from '../../src/pipeline/reports/define-report.js'
import type { ReportModel, Row, Table } from '../../src/pipeline/reports/report-model.js'

const COLUMNS = ['id', 'externalId', 'amount', 'currency', 'status'] as const

export const transactionList = defineReport({
  name: 'transaction-list',
  describe: 'every payment, and when it was taken in',
  options: {},
  async run({ cluster, signal }): Promise<ReportModel> {
    const range = await columnRange(cluster, Transaction, 'timestamp', [])
    return {
      title: 'Payments',
      asOf: range?.max ?? new Date(0),
      mainTable: 'payments',
      blocks: [
        ...((await hasPayments(cluster)) ? [] : [{ block: 'text', text: 'There are no transactions.' } as const]),
        paymentTable(cluster, signal),
      ],
    }
  },
})

/** Whether there is any payment at all. */
export async function hasPayments(cluster: Cluster): Promise<boolean> {
  const first = await rowPages(cluster, Transaction, { columns: ['id'], pageRows: 1 }).next()
  return first.done !== true
}

function paymentTable(cluster: Cluster, signal: AbortSignal): Table {
  async function* rows(): AsyncGenerator<Row> {
    const momentOf = await takenAt(cluster, Transaction, signal)
    for await (const page of rowPages(cluster, Transaction, { columns: COLUMNS, signal }))
      for (const { id, externalId, amount, currency, status } of page)
        yield [id, externalId, amount, currency, status, momentOf(id) ?? null]
  }
  return {
    block: 'table',
    name: 'payments',
    title: 'All payments',
    columns: [
      { name: 'id', title: 'ID', kind: 'integer' },
      { name: 'external_id', title: 'External ID', kind: 'text' },
      { name: 'amount', title: 'Amount', kind: 'decimal', digits: 2 },
      { name: 'currency', title: 'Currency', kind: 'text' },
      { name: 'status', title: 'Status', kind: 'text' },
      { name: 'processed_at', title: 'Taken in', kind: 'instant' },
    ],
    rows: { [Symbol.asyncIterator]: rows },
    shownMax: 1_000,
  }
}
