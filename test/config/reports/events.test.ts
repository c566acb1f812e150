import type { Cluster } from 'shardyard'
import { Event } from 'shardyard/entities'
import { events } from 'shardyard/config/reports/events'
import { ENGINES } from '../../helpers/engines'
import { collectReport } from '../../pipeline/reports/collect-model'
import { openShipped } from '../../pipeline/reports/shipped'

const event = (client: string, amount: string, day: string) => ({
  client,
  metric: 'click',
  amount,
  timestamp: new Date(`${day}T10:00:00.000Z`),
})

const EVENTS = [
  event('client_A', '1200.00', '2026-01-01'),
  event('client_A', '0.10', '2026-01-02'),
  event('client_A', '0.20', '2026-01-03'),
  event('client_B', '-9999999999.99', '2026-01-02'),
  event('Client_B', '12.50', '2026-01-02'),
]

describe.each(ENGINES)('the report of events on $name', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await openShipped(engine, 'events', ['events'])
    await cluster.load(Event, EVENTS)
  })

  test('counts and adds up exactly for each client', async () => {
    const { tables, figures, charts, model } = await collectReport(cluster, events)
    const clients = tables['clients'] ?? []
    expect(clients.toSorted((a, b) => (String(a['client_id']) < String(b['client_id']) ? -1 : 1))).toEqual([
      { client_id: 'Client_B', count: 1, total_amount: '12.50' },
      { client_id: 'client_A', count: 3, total_amount: '1200.30' },
      { client_id: 'client_B', count: 1, total_amount: '-9999999999.99' },
    ])
    expect(figures).toEqual({ events: 5, clients: 3, 'total-amount': '-9999998787.19' })
    expect(charts['top-clients']?.[0]).toEqual(['client_A', 3])
    expect(model.asOf).toEqual(new Date('2026-01-03T10:00:00.000Z'))
  })

  test('is about the days that are asked for', async () => {
    const { figures } = await collectReport(cluster, events, { from: '2026-01-02', to: '2026-01-02' })
    expect([figures['events'], figures['clients']]).toEqual([3, 3])
  })

  test('says that there are none', async () => {
    const { texts, tables, figures } = await collectReport(cluster, events, { from: '2030-01-01' })
    expect([texts, tables['clients'], figures['total-amount']]).toEqual([['There are no events.'], [], '0.00'])
  })
})
