/** What clients have reported: how many events, and the exact total of their amounts. */
import { Event } from '../../entities/event.js'
import type { Cluster } from '../../src/cluster/cluster.js'
import { columnRange } from '../../src/cluster/read/column-range.js'
import type { Condition } from '../../src/cluster/read/conditions.js'
import { groupPages } from '../../src/cluster/read/row-groups.js'
import { defineReport } from '../../src/pipeline/reports/define-report.js'
import { PERIOD_OPTIONS, resolvePeriod } from '../../src/pipeline/reports/period.js'
import type { Chart, Column, ReportModel, Row, Table } from '../../src/pipeline/reports/report-model.js'
import { decimalOf, unitsOf } from '../../src/util/fixed-point.js'
import { TopList } from '../../src/util/top-list.js'

export const events = defineReport({
  name: 'events',
  describe: 'events of each client, and the total of their amounts',
  options: {
    ...PERIOD_OPTIONS,
    top: { type: 'integer', describe: 'how many clients are in the chart', default: 10, min: 1, max: 20 },
  },
  async run({ cluster, options, signal }): Promise<ReportModel> {
    const period = resolvePeriod(options)
    const reported: Reported = { cluster, signal, where: period.where('timestamp') }
    const top = new TopList<Client>(options.top, (a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    const total = { clients: 0, count: 0, cents: 0n }
    for await (const client of clientsOf(reported)) {
      top.add(client)
      total.clients += 1
      total.count += client.count
      total.cents += unitsOf(client.amount, 2)
    }
    const range = await columnRange(cluster, Event, 'timestamp', reported.where)
    const whole = { name: 'total-amount', label: 'Total amount', value: decimalOf(total.cents, 2) } as const
    return {
      title: 'Events',
      subtitle: period.title,
      asOf: range?.max ?? period.endsAt ?? new Date(0),
      mainTable: 'clients',
      blocks: [
        ...(total.count === 0 ? [{ block: 'text', text: 'There are no events.' } as const] : []),
        {
          block: 'figures',
          figures: [
            { name: 'events', label: 'Events', value: total.count, kind: 'integer' },
            { name: 'clients', label: 'Clients', value: total.clients, kind: 'integer' },
            { ...whole, ...MONEY },
          ],
        },
        ...(total.count === 0 ? [] : [chartOf(top.sorted())]),
        clientTable(reported, total.clients),
      ],
    }
  },
})

/** Which events the report is about. */
interface Reported {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  readonly where: readonly Condition<Event>[]
}

interface Client {
  readonly name: string
  readonly count: number
  /** Exact. */
  readonly amount: string
}

async function* clientsOf({ cluster, signal, where }: Reported): AsyncGenerator<Client> {
  for await (const page of groupPages(cluster, Event, { by: ['client'], sums: ['amount'], where, signal }))
    for (const { key, count, sums } of page) yield { name: key.client, count, amount: sums.amount }
}

const MONEY = { kind: 'decimal', digits: 2 } as const
const COLUMNS: readonly Column[] = [
  { name: 'client_id', title: 'Client', kind: 'text' },
  { name: 'count', title: 'Events', kind: 'integer' },
  { name: 'total_amount', title: 'Total amount', ...MONEY },
]

/** Clients may be many: they are read again when somebody asks for the rows. */
function clientTable(reported: Reported, rowCount: number): Table {
  async function* rows(): AsyncGenerator<Row> {
    for await (const { name, count, amount } of clientsOf(reported)) yield [name, count, amount]
  }
  const lazy = { [Symbol.asyncIterator]: rows }
  return { block: 'table', name: 'clients', title: 'Clients', columns: COLUMNS, rows: lazy, rowCount, shownMax: 1_000 }
}

function chartOf(clients: readonly Client[]): Chart {
  return {
    block: 'chart',
    kind: 'bars',
    name: 'top-clients',
    title: 'Clients with the most events',
    valueTitle: 'Events',
    format: { kind: 'integer' },
    series: [{ name: 'Events' }],
    points: clients.map(({ name, count }) => ({ label: name, values: [count] })),
  }
}
