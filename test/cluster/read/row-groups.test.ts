import { Event, Order, Transaction } from 'shardyard/entities'
import { Cluster, defineCluster, place } from 'shardyard'
import { groupPages } from 'shardyard/src/cluster/read/row-groups'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { openShelf, optionsFor } from '../store'

async function openEvents(engine: TestEngine, events: readonly (readonly [client: string, amount: string])[]) {
  const { url } = await engine.createDatabase('row groups')
  const databases = { events: optionsFor(engine, url) }
  const cluster = await Cluster.open(
    defineCluster({ databases, placement: [place(Event, 'events'), place(Transaction, 'events')] }),
  )
  removeAtEnd(() => cluster.close())
  await (await cluster.connect('events')).synchronize()
  const row = { metric: 'm', timestamp: new Date('2026-01-01T00:00:00Z') }
  await cluster.load(
    Event,
    events.map(([client, amount]) => ({ ...row, client, amount })),
  )
  return cluster
}

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const rows: T[] = []
  for await (const page of pages) rows.push(...page)
  return rows
}

describe.each(ENGINES)('rows grouped on $name', (engine) => {
  test('add money up to the cent, beyond what a double holds', async () => {
    const much = Array.from({ length: 2_000 }, () => ['a', '9999999999.99'] as const)
    const cluster = await openEvents(engine, [...much, ['a', '-0.01'], ['b', '0.10'], ['b', '0.20']])
    expect(await all(groupPages(cluster, Event, { by: ['client'], sums: ['amount'] }))).toEqual([
      { key: { client: 'a' }, count: 2_001, sums: { amount: '19999999999979.99' } },
      { key: { client: 'b' }, count: 2, sums: { amount: '0.30' } },
    ])
  })

  test('keep apart what a collation takes for the same', async () => {
    const cluster = await openEvents(engine, [
      ['Ada', '1.00'],
      ['ada', '1.00'],
      ['adá', '1.00'],
      ['ada', '1.00'],
    ])
    const groups = await all(groupPages(cluster, Event, { by: ['client'], pageRows: 1 }))
    expect(groups.map(({ key, count }) => `${key.client} ${count}`).toSorted()).toEqual(['Ada 1', 'ada 2', 'adá 1'])
  })

  test('come in ever larger pages where they are many, each once', async () => {
    const events = Array.from({ length: 16_000 }, (_, row) => [`c${String(row).padStart(5, '0')}`, '1.00'] as const)
    const cluster = await openEvents(engine, events)
    const pages: string[][] = []
    for await (const page of groupPages(cluster, Event, { by: ['client'] }))
      pages.push(page.map(({ key }) => key.client))
    expect(pages.map(({ length }) => length)).toEqual([5_000, 10_000, 1_000])
    expect(pages.flat()).toEqual(events.map(([client]) => client))
  })

  test('come page by page in the order of their key', async () => {
    const cluster = await openShelf(engine, 'grouped orders')
    const orders = Array.from({ length: 60 }, (_, index) => ({
      userId: (index % 6) + 1,
      productId: (index % 4) + 1,
      quantity: 3,
    }))
    await cluster.load(Order, orders)
    const options = {
      by: ['userId', 'productId'],
      sums: ['quantity'],
      where: [['userId', '>', 1]],
      pageRows: 4,
    } as const
    const pages: string[][] = []
    for await (const page of groupPages(cluster, Order, options))
      pages.push(page.map(({ key, count, sums }) => `${key.userId}-${key.productId}: ${count}, ${sums.quantity}`))
    expect(pages.map((page) => page.length)).toEqual([4, 4, 2])
    expect(pages.flat()).toEqual([
      '2-2: 5, 15',
      '2-4: 5, 15',
      '3-1: 5, 15',
      '3-3: 5, 15',
      '4-2: 5, 15',
      '4-4: 5, 15',
      '5-1: 5, 15',
      '5-3: 5, 15',
      '6-2: 5, 15',
      '6-4: 5, 15',
    ])
  })

  test('refuse a key that may be null, whose groups would be lost', async () => {
    const cluster = await openEvents(engine, [])
    const pages = groupPages(cluster, Transaction, { by: ['timestamp'] })
    await expect(pages.next()).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
  })

  test('are one group without a key, and none without rows', async () => {
    const cluster = await openEvents(engine, [
      ['a', '1.00'],
      ['b', '2.50'],
    ])
    expect(await all(groupPages(cluster, Event, { by: [], sums: ['amount'], pageRows: 1 }))).toEqual([
      { key: {}, count: 2, sums: { amount: '3.50' } },
    ])
    const none = { by: [], sums: ['amount'], where: [['client', '=', 'c']] } as const
    expect(await all(groupPages(cluster, Event, none))).toEqual([])
  })
})
