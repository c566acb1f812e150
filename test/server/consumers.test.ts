import { createServer, defineServer, env, type Cluster } from 'shardyard'
import { Event } from 'shardyard/entities'
import { Consumers } from 'shardyard/src/server/consumers'
import { FaultSwitch } from 'shardyard/src/server/faults/fault-switch'
import { LiveHub } from 'shardyard/src/server/live/live-hub'
import type { ConsumerSettings } from '../../src/server/define-server'
import { serve, type Ask } from '../helpers/api'
import { KafkaBroker } from '../helpers/kafka/kafka-broker'
import { openShippedCluster } from '../helpers/shipped-cluster'

const TOPIC = 'clicks'
const GROUP = 'shardyard'

const message = (index: number) =>
  JSON.stringify({
    source: `client ${index % 3}`,
    payload: { metric: 'clicks', value: index, ts: 1_704_067_200 + index },
  })

function settingsWith(brokers: ConsumerSettings['stream']['brokers']): ConsumerSettings[] {
  const stream = { brokers, topic: TOPIC, group: GROUP, batchMax: 20, retryMs: 50, connectTimeoutMs: 500 }
  return [{ name: 'clicks', into: Event, stream }]
}

async function openWith(brokers: readonly string[]): Promise<Cluster> {
  const server = defineServer({ consumers: settingsWith(brokers) })
  return (await openShippedCluster({ server } as never)).cluster
}

type Status = Consumers['statuses'][number]

interface Told {
  readonly state: string
  readonly lag: number | null
  readonly counts: Readonly<Record<string, number>>
  readonly error: string | null
}

async function consumerOf(ask: Ask): Promise<Told | undefined> {
  return (await ask('/api/v1/consumers')).json<{ items: Told[] }>().items[0]
}

async function until<T>(question: () => Promise<T> | T, isDone: (answer: T) => boolean): Promise<T> {
  for (const endsAt = performance.now() + 15_000; ; ) {
    const answer = await question()
    if (isDone(answer)) return answer
    if (performance.now() > endsAt) throw new Error(`It stayed ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('a topic is read while the server runs, each message is stored once, and offsets are committed after that', async () => {
  const broker = await KafkaBroker.open({ topics: { [TOPIC]: 2 } })
  const cluster = await openWith([broker.address])
  const stored: boolean[] = []
  const commit = broker.commit.bind(broker)
  broker.commit = (one) => {
    const rows = cluster.repository(Event).count()
    void rows.then((count) => stored.push(count >= Number(one.offset) - 2))
    commit(one)
  }
  const committed = (partition: number) => broker.committed(GROUP, TOPIC, partition)
  broker.append(TOPIC, 0, [...Array.from({ length: 30 }, (_, index) => message(index)), 'poison', message(0)])
  broker.append(TOPIC, 1, [message(100)])

  const first = await serve(cluster, { concurrency: 0 })
  await until(
    () => [committed(0), committed(1)],
    ([one, two]) => one === 32n && two === 1n,
  )
  // The consumer hears of its commit a moment after the broker has it.
  const told = await until(
    () => consumerOf(first.ask),
    (consumer) => consumer?.lag === 0,
  )
  expect(told).toMatchObject({
    state: 'running',
    lag: 0,
    counts: { accepted: 31, rejected: 1, duplicate: 1, blank: 0 },
    error: null,
  })
  await first.server.close()
  expect(first.server.context.consumers.statuses[0]?.state).toBe('stopped')

  // As after a commit that was lost: some of what is stored comes again.
  broker.forceCommit(GROUP, TOPIC, 0, 13n)
  broker.append(TOPIC, 0, [message(200)])
  const second = await serve(cluster, { concurrency: 0 })
  await until(
    () => committed(0),
    (offset) => offset === 33n,
  )
  expect((await consumerOf(second.ask))?.counts).toMatchObject({ accepted: 32, rejected: 1, duplicate: 1 })
  expect(await cluster.repository(Event).count()).toBe(32)
  expect(stored).not.toContain(false)
})

test('brokers that are away are waited for, and told', async () => {
  const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
  await broker.stop()
  const cluster = await openWith([broker.address])
  const consumers = new Consumers(cluster, settingsWith([broker.address]), { environment: {} })
  const stop = new AbortController()
  const sentences: string[] = []
  const ended = consumers.run(stop.signal, (sentence) => sentences.push(sentence))
  const statusIs = (isDone: (status: Status) => boolean) => until(() => consumers.statuses[0] as Status, isDone)
  expect(await statusIs(({ error }) => error !== undefined)).toMatchObject({ state: 'waiting', lag: undefined })
  expect(sentences.at(-1)).toMatch(/^Consumer "clicks": Kafka at \S+ cannot be reached/)
  broker.append(TOPIC, 0, [message(1)])
  await broker.start()
  expect(await statusIs(({ lag }) => lag === 0)).toMatchObject({ state: 'running', error: undefined })
  stop.abort()
  await ended
  expect(consumers.statuses[0]?.state).toBe('stopped')
  expect(await cluster.repository(Event).count()).toBe(1)
})

test('a database that fails keeps a consumer waiting, and nothing is lost or stored twice', async () => {
  const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
  broker.append(TOPIC, 0, [message(1), message(2)])
  const cluster = await openWith([broker.address])
  const faults = new FaultSwitch({ mayFail: true, live: new LiveHub() })
  faults.set('committed', { share: 100, seconds: 60 })
  const given = { environment: {}, faults: faults.given }
  const consumers = new Consumers(cluster, settingsWith([broker.address]), given)
  const stop = new AbortController()
  const ended = consumers.run(stop.signal, () => undefined)
  const statusIs = (isDone: (status: Status) => boolean) => until(() => consumers.statuses[0] as Status, isDone)
  expect(await statusIs(({ error }) => error !== undefined)).toMatchObject({ state: 'waiting', lag: 2 })
  faults.clear('committed')
  await statusIs(({ state, lag }) => state === 'running' && lag === 0)
  stop.abort()
  await ended
  faults.close()
  expect(await cluster.repository(Event).count()).toBe(2)
})

test('a consumer whose brokers the environment does not name is off', async () => {
  const settings = settingsWith(env('SHARDYARD_KAFKA_BROKERS', ''))
  const { cluster } = await openShippedCluster()
  expect(new Consumers(cluster, settings, { environment: {} }).statuses).toEqual([])
  const environment = { SHARDYARD_KAFKA_BROKERS: '127.0.0.1:1, 127.0.0.1:2' }
  expect(new Consumers(cluster, settings, { environment }).statuses).toMatchObject([{ name: 'clicks', into: 'Event' }])
})

test('a consumer that cannot be right keeps the server from being made', async () => {
  const cluster = await openWith(['http://127.0.0.1:9092'])
  await expect(createServer(cluster)).rejects.toMatchObject({
    code: 'SY_OPTION_INVALID',
    details: { option: 'brokers' },
  })
})
