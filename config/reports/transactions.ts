/** Payments by currency and status, and how many of the records that came in were refused. */
import { Transaction } from '../../entities/transaction.js'
import type { Cluster } from '../../src/cluster/cluster.js'
import { columnRange } from '../../src/cluster/read/column-range.js'
import type { Condition } from '../../src/cluster/read/conditions.js'
import { groupPages } from '../../src/cluster/read/row-groups.js'
import { entityOutcomes, type EntityOutcomes } from '../../src/pipeline/ingest/entity-outcomes.js'
import { defineReport } from '../../src/pipeline/reports/define-report.js'
import { PERIOD_OPTIONS, resolvePeriod } from '../../src/pipeline/reports/period.js'
import type { Block, Chart, Figure, ReportModel, Table } from '../../src/pipeline/reports/report-model.js'
import { decimalOf, dividedRounded, unitsOf } from '../../src/util/fixed-point.js'

export const transactions = defineReport({
  name: 'transactions',
  describe: 'payments by currency and status, and the success rate of what came in',
  options: {
    ...PERIOD_OPTIONS,
    top: { type: 'integer', describe: 'how many reasons of refusals are listed', default: 10, min: 1, max: 1_000 },
  },
  async run({ cluster, options, signal }): Promise<ReportModel> {
    const period = resolvePeriod(options)
    const where = period.where('timestamp')
    const kinds = await kindsOf(cluster, where, signal)
    const outcomes = await entityOutcomes(cluster, Transaction)
    const range = await columnRange(cluster, Transaction, 'timestamp', where)
    const count = kinds.reduce((sum, kind) => sum + kind.count, 0)
    // Those without a moment lie in no period.
    const undated = where.length === 0 ? 0 : await countOf(cluster, [['timestamp', '=', null]], signal)
    return {
      title: 'Transactions',
      subtitle: period.title,
      asOf: range?.max ?? period.endsAt ?? new Date(0),
      mainTable: 'transactions',
      blocks: [
        ...(count === 0 ? [{ block: 'text', text: 'There are no transactions.' } as const] : []),
        ...undatedNote(undated),
        figuresOf(count, outcomes),
        ...(count === 0 ? [] : [chartOf(kinds)]),
        kindTable(kinds),
        { block: 'heading', text: 'What came in', note: 'All ingestions together, whatever the days of the report' },
        reasonTable(outcomes, options.top),
      ],
    }
  },
})

/** Transactions of a currency and a status. */
interface Kind {
  readonly currency: string
  readonly status: string
  readonly count: number
  readonly cents: bigint
}

async function kindsOf(
  cluster: Cluster,
  where: readonly Condition<Transaction>[],
  signal: AbortSignal,
): Promise<Kind[]> {
  const kinds: Kind[] = []
  const options = { by: ['currency', 'status'], sums: ['amount'], where, signal } as const
  for await (const page of groupPages(cluster, Transaction, options))
    for (const { key, count, sums } of page) kinds.push({ ...key, count, cents: unitsOf(sums.amount, 2) })
  return kinds
}

async function countOf(
  cluster: Cluster,
  where: readonly Condition<Transaction>[],
  signal: AbortSignal,
): Promise<number> {
  let rows = 0
  for await (const page of groupPages(cluster, Transaction, { by: [], where, signal }))
    for (const { count } of page) rows += count
  return rows
}

function undatedNote(undated: number): Block[] {
  if (undated === 0) return []
  const text = `${undated} ${undated === 1 ? 'transaction says' : 'transactions say'} no moment and so lie in no period.`
  return [{ block: 'text', tone: 'warning', text: undated === 1 ? text.replace('lie', 'lies') : text }]
}

function figuresOf(stored: number, { counts, successRate }: EntityOutcomes): Block {
  const count = (name: string, label: string, value: number): Figure => ({ name, label, value, kind: 'integer' })
  const { accepted, duplicate, rejected } = counts
  return {
    block: 'figures',
    figures: [
      count('transactions', 'Transactions stored', stored),
      count('processed', 'Records processed', accepted + duplicate + rejected),
      count('successful', 'Records taken', accepted + duplicate),
      { ...count('failed', 'Records refused', rejected), ...(rejected > 0 && { tone: 'bad' }) },
      { name: 'success-rate', label: 'Success rate', value: successRate ?? null, kind: 'share', digits: 2 },
    ],
  }
}

const MONEY = { kind: 'decimal', digits: 2 } as const

function kindTable(kinds: readonly Kind[]): Table {
  return {
    block: 'table',
    name: 'transactions',
    title: 'By currency and status',
    columns: [
      { name: 'currency', title: 'Currency', kind: 'text' },
      { name: 'status', title: 'Status', kind: 'text' },
      { name: 'count', title: 'Transactions', kind: 'integer' },
      { name: 'amount', title: 'Amount', ...MONEY },
      { name: 'average', title: 'Average', ...MONEY },
    ],
    rows: kinds.map(({ currency, status, count, cents }) => {
      const average = dividedRounded(cents, BigInt(count))
      return [currency, status, count, decimalOf(cents, 2), decimalOf(average, 2)]
    }),
    rowCount: kinds.length,
  }
}

/** Currencies do not add up, so the bars count. */
function chartOf(kinds: readonly Kind[]): Chart {
  const statuses = [...new Set(kinds.map(({ status }) => status))].toSorted()
  const currencies = [...new Set(kinds.map(({ currency }) => currency))].toSorted()
  const countOfKind = (currency: string, status: string) =>
    kinds.find((kind) => kind.currency === currency && kind.status === status)?.count ?? 0
  return {
    block: 'chart',
    kind: 'stacked-bars',
    name: 'by-currency',
    title: 'Transactions by currency and status',
    valueTitle: 'Transactions',
    format: { kind: 'integer' },
    series: statuses.map((name) => ({ name })),
    points: currencies.map((label) => ({ label, values: statuses.map((status) => countOfKind(label, status)) })),
  }
}

function reasonTable({ reasons }: EntityOutcomes, top: number): Table {
  const shown = reasons.slice(0, top)
  return {
    block: 'table',
    name: 'refusals',
    title: 'Why records were refused',
    columns: [
      { name: 'code', title: 'Code', kind: 'text' },
      { name: 'field', title: 'Field', kind: 'text' },
      { name: 'count', title: 'Records', kind: 'integer' },
    ],
    rows: shown.map(({ code, field, count }) => [code, field, count]),
    rowCount: shown.length,
    whenEmpty: 'No record was refused.',
  }
}
