import { keyBounds } from 'shardyard/src/cluster/read/key-bounds'
import { lastRows } from 'shardyard/src/cluster/read/last-rows'
import { changesOf, type KeyChanges } from 'shardyard/src/cluster/read/changes'
import { Event } from 'shardyard/entities'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { openEvents, type EventsCluster } from './events'

const at = (text: string) => new Date(`2025-0${text}Z`)

/** Events of three clients, written in no order; the number of a client's event is its amount. */
const ROWS = [
  { id: 1, client: 'b', metric: 'm2', amount: '2.00', timestamp: at('3-01T00:00:00.001') },
  { id: 2, client: 'a', metric: 'm1', amount: '1.50', timestamp: at('3-09T07:59:59.999') },
  { id: 3, client: 'b', metric: 'm1', amount: '1.00', timestamp: at('1-01T00:00:00.000') },
  { id: 4, client: 'c', metric: 'm1', amount: '-1.25', timestamp: at('2-28T12:00:00.120') },
  { id: 5, client: 'b', metric: 'm1', amount: '3.00', timestamp: at('3-01T00:00:00.001') },
]

async function filled(engine: TestEngine): Promise<EventsCluster> {
  const cluster = await openEvents(engine)
  await cluster.load(Event, ROWS)
  return cluster
}

describe.each(ENGINES)('rows read without entities on $name', (engine) => {
  test('are found as the last ones of keys, up to a moment', async () => {
    const cluster = await filled(engine)
    const last = async (upTo: Date, keys = ['a', 'b', 'c', 'd']) => {
      const columns = ['id'] as const
      const rows = await lastRows(cluster, Event, { columns, key: 'client', keys, orderBy: ['timestamp', 'id'], upTo })
      return rows.map(({ id }) => id).toSorted((a, b) => a - b)
    }
    expect(await last(at('3-09T07:59:59.999'))).toEqual([2, 4, 5])
    expect(await last(at('3-01T00:00:00.000'))).toEqual([3, 4])
    expect(await last(at('1-01T00:00:00.000'), Array.from({ length: 120 }, (_, key) => `${key}`).concat('b'))).toEqual([
      3,
    ])
    expect(await last(new Date(0))).toEqual([])
  })

  test('are known by the bounds of each key', async () => {
    const cluster = await filled(engine)
    const found: unknown[] = []
    for await (const page of keyBounds(cluster, Event, { key: 'client', of: 'timestamp' })) found.push(...page)
    const bounds = (key: string, first: string, last: string) => ({
      key,
      first: at(first),
      last: at(last),
    })
    expect(found).toEqual([
      bounds('a', '3-09T07:59:59.999', '3-09T07:59:59.999'),
      bounds('b', '1-01T00:00:00.000', '3-01T00:00:00.001'),
      bounds('c', '2-28T12:00:00.120', '2-28T12:00:00.120'),
    ])
  })

  test('are known by the bounds of each key also when there are more of them than a recursion is deep', async () => {
    const cluster = await openEvents(engine)
    const names = Array.from({ length: 1_203 }, (_, index) => `client ${index}`)
    await cluster.load(
      Event,
      names.map((client) => ({ client, metric: 'm', amount: '0.00', timestamp: new Date(0) })),
    )
    const found: string[] = []
    for await (const page of keyBounds(cluster, Event, { key: 'client', of: 'timestamp' }))
      found.push(...page.map(({ key }) => key))
    expect(found.toSorted()).toEqual(names.toSorted())
  })

  test('tell when a text changes, those of a moment in order', async () => {
    const cluster = await filled(engine)
    const odd = { client: 'odd', amount: '0.00' }
    await cluster.load(Event, [
      { ...odd, metric: 'two', timestamp: at('2-01T00:00:00.000') },
      { ...odd, metric: 'with \u001f in it', timestamp: at('1-05T00:00:00.000') },
      { ...odd, metric: "o'", timestamp: at('2-01T00:00:00.000') },
    ])
    const range = { from: at('1-01T00:00:00.001').getTime(), to: at('3-09T07:59:59.998').getTime() }
    const keys = ['a', 'b', 'c', 'odd', 'nobody']
    const found: KeyChanges[] = []
    for await (const some of changesOf(cluster, Event, {
      key: 'client',
      keys,
      at: 'timestamp',
      value: 'metric',
      ...range,
    }))
      found.push(...some)
    const moment = at('3-01T00:00:00.001').getTime()
    expect(found.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      { key: 'b', at: [moment, moment], values: ['m1', 'm2'] },
      { key: 'c', at: [at('2-28T12:00:00.120').getTime()], values: ['m1'] },
      {
        key: 'odd',
        at: ['1-05', '2-01', '2-01'].map((day) => at(`${day}T00:00:00.000`).getTime()),
        values: ['with \u001f in it', "o'", 'two'],
      },
    ])
  })
})

test('rows of SQLite are read along a key while a transaction of this process writes', async () => {
  const [sqlite] = ENGINES as readonly [TestEngine]
  const cluster = await filled(sqlite)
  const range = { key: 'client', keys: ['a'], at: 'timestamp', value: 'metric', from: 0, to: Date.now() } as const
  await cluster.database('events').transaction(async (manager) => {
    await manager.update(Event, { id: 2 }, { metric: 'm9' })
    expect((await changesOf(cluster, Event, range).next()).value).toMatchObject([{ key: 'a', values: ['m1'] }])
    expect((await keyBounds(cluster, Event, { key: 'client', of: 'timestamp' }).next()).value).toHaveLength(3)
  })
})
