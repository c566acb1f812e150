import { Cluster, defineCluster, migrate, place } from 'shardyard'
import { Event } from 'shardyard/entities'
import { recordMigrations } from 'shardyard/entities/migrations/index'
import { ingestStream } from 'shardyard/src/pipeline/ingest/ingest-stream'
import { openKafkaStream } from 'shardyard/src/pipeline/streams/kafka-stream'
import type { IngestAccount } from '../../../src/pipeline/ingest/ingest-account'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { KafkaBroker } from '../../helpers/kafka/kafka-broker'
import { until } from '../streams/stream-reader'

const TOPIC = 'events'
const GROUP = 'loaders'

async function openEvents(engine: TestEngine): Promise<Cluster<'events' | 'control'>> {
  const [events, control] = await Promise.all([engine.createDatabase('events'), engine.createDatabase('control')])
  const placement = [place(Event, 'events')]
  const databases = { events: events.url, control: control.url }
  const migrations = recordMigrations.filter((migration) => migration.entities.includes(Event as never))
  const cluster = await Cluster.open(defineCluster({ databases, placement, migrations }))
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  return cluster
}

const message = (index: number) =>
  JSON.stringify({
    source: `client ${index % 3}`,
    payload: { metric: 'clicks', value: index, ts: 1_704_067_200 + index },
  })

/** Ingests until `isDone`; answers the account. */
async function read(cluster: Cluster, broker: KafkaBroker, isDone: () => boolean): Promise<IngestAccount> {
  const stop = new AbortController()
  const stream = await openKafkaStream({
    brokers: [broker.address],
    topic: TOPIC,
    group: GROUP,
    retryMs: 50,
    batchMax: 20,
  })
  const ended = ingestStream(cluster, stream, { into: Event, topic: TOPIC, group: GROUP, signal: stop.signal })
  try {
    await until(isDone, 30_000)
  } finally {
    stop.abort()
  }
  const account = await ended
  await stream.close()
  return account
}

const committed = (broker: KafkaBroker, partition: number) => broker.committed(GROUP, TOPIC, partition)

describe.each(ENGINES)('a Kafka topic into $name', (engine) => {
  test('is stored once, message by message, and its account says what became of each', async () => {
    const cluster = await openEvents(engine)
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 2 } })
    broker.append(TOPIC, 0, [...Array.from({ length: 50 }, (_, index) => message(index)), 'no JSON', message(0), null])
    broker.append(TOPIC, 1, [message(100), '{"source":"x","payload":{"value":"12abc","ts":"2024-01-01"}}'])
    const account = await read(cluster, broker, () => committed(broker, 0) === 53n && committed(broker, 1) === 2n)
    expect(account.counts).toEqual({ accepted: 51, rejected: 2, duplicate: 1, blank: 1, header: 0 })
    expect(account.files.map(({ title, records }) => [title, records])).toEqual([
      ['events, partition 0', 53],
      ['events, partition 1', 2],
    ])
    expect(account.reasons.map(({ code }) => code).toSorted()).toEqual(['INVALID_JSON', 'NOT_A_NUMBER'])
    expect(await cluster.repository(Event).count()).toBe(51)
  })

  test('that sends its messages again is passed over, whatever the batches', async () => {
    const cluster = await openEvents(engine)
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(
      TOPIC,
      0,
      Array.from({ length: 70 }, (_, index) => message(index)),
    )
    await read(cluster, broker, () => committed(broker, 0) === 70n)
    // As after a commit that was lost: the group is back in the middle of a batch.
    broker.forceCommit(GROUP, TOPIC, 0, 33n)
    broker.append(
      TOPIC,
      0,
      Array.from({ length: 5 }, (_, index) => message(70 + index)),
    )
    const account = await read(cluster, broker, () => committed(broker, 0) === 75n)
    expect(account.counts).toMatchObject({ accepted: 75, duplicate: 0, rejected: 0 })
    expect(await cluster.repository(Event).count()).toBe(75)
  })

  test('two consumers that share a group store every message once', async () => {
    const cluster = await openEvents(engine)
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 4 } })
    for (let partition = 0; partition < 4; partition++) {
      broker.append(
        TOPIC,
        partition,
        Array.from({ length: 60 }, (_, index) => message(partition * 1000 + index)),
      )
    }
    const isDone = () => [0, 1, 2, 3].every((partition) => committed(broker, partition) === 60n)
    await Promise.all([read(cluster, broker, isDone), read(cluster, broker, isDone)])
    expect(await cluster.repository(Event).count()).toBe(240)
  })
})
