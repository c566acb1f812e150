import { Kafka, logLevel, Partitioners, type Consumer, type KafkaMessage } from 'kafkajs'
import { removeAtEnd } from '../cleanup'
import { crc32c } from './crc32c'
import { KafkaBroker } from './kafka-broker'
import { decodeBatches, encodeBatch } from './record-batch'
import { WireReader, WireWriter } from './wire'

const clientOf = (broker: KafkaBroker) =>
  new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING, retry: { retries: 2, initialRetryTime: 50 } })

async function send(broker: KafkaBroker, topic: string, messages: readonly object[]): Promise<void> {
  const producer = clientOf(broker).producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: messages as [] })
  await producer.disconnect()
}

/** The first `count` messages that a group of its own gets. */
async function receive(broker: KafkaBroker, topic: string, count: number): Promise<KafkaMessage[]> {
  const consumer: Consumer = clientOf(broker).consumer({
    groupId: 'readers',
    sessionTimeout: 6_000,
    maxWaitTimeInMs: 50,
  })
  removeAtEnd(() => consumer.disconnect())
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const received: KafkaMessage[] = []
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message }: { message: KafkaMessage }) => {
      received.push(message)
      if (received.length === count) resolve()
    }
    consumer.run({ eachMessage }).catch(reject)
  })
  await consumer.disconnect()
  return received
}

test('the checksum is the one that Kafka uses', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
})

test.each([[0n], [-1n], [1n], [63n], [64n], [-64n], [-65n], [300n], [2n ** 31n], [2n ** 62n], [-(2n ** 62n)]])(
  'the number %p has the same bytes there and back',
  (value) => {
    expect(new WireReader(new WireWriter().varint(value).bytesWritten).varint()).toBe(value)
  },
)

test('a record batch with a broken byte is refused', () => {
  const record = { offset: 5n, timestamp: 1_000n, key: null, value: Buffer.from('a value'), headers: [] }
  const bytes = encodeBatch([record])
  const { offset: _offset, ...sent } = record
  expect(decodeBatches(bytes)).toEqual([sent])
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3)
  expect(() => decodeBatches(bytes)).toThrow('A record batch has a wrong checksum.')
})

test("what kafkajs' producer sends is what its consumer gets, in order", async () => {
  const broker = await KafkaBroker.open({ topics: { rows: 1 } })
  const messages = [
    { key: 'a', value: 'one', headers: { trace: 'x1' }, timestamp: '1700000000000' },
    { key: null, value: '🙂'.repeat(1_000), timestamp: '1700000000001' },
    { key: 'a', value: null, timestamp: '1700000000002' },
  ]
  await send(broker, 'rows', messages)
  const received = await receive(broker, 'rows', messages.length)
  expect(received.map(({ offset, key, value, timestamp }) => ({ offset, key, value, timestamp }))).toEqual(
    messages.map(({ key, value, timestamp }, index) => ({
      offset: String(index),
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      timestamp,
    })),
  )
  expect(received[0]?.headers).toEqual({ trace: Buffer.from('x1') })
  expect(broker.committed('readers', 'rows', 0)).toBe(3n)
})

test("kafkajs' admin client makes a topic, and sees its offsets and those of a group", async () => {
  const broker = await KafkaBroker.open({ topics: {} })
  const admin = clientOf(broker).admin()
  removeAtEnd(() => admin.disconnect())
  await admin.connect()
  expect(await admin.createTopics({ topics: [{ topic: 'rows', numPartitions: 2 }] })).toBe(true)
  expect(await admin.listTopics()).toEqual(['rows'])
  broker.append('rows', 1, ['a', 'b'])
  expect((await admin.fetchTopicOffsets('rows')).toSorted((a, b) => a.partition - b.partition)).toEqual([
    { partition: 0, offset: '0', high: '0', low: '0' },
    { partition: 1, offset: '2', high: '2', low: '0' },
  ])
  broker.forceCommit('readers', 'rows', 1, 1n)
  const [fetched] = await admin.fetchOffsets({ groupId: 'readers', topics: ['rows'] })
  expect(fetched?.partitions.find(({ partition }) => partition === 1)).toMatchObject({ offset: '1' })
})

test('it lives through a stop with its messages on the same port', async () => {
  const broker = await KafkaBroker.open({ topics: { rows: 1 } })
  await send(broker, 'rows', [{ value: 'before' }])
  const { port } = broker
  await broker.stop()
  await expect(send(broker, 'rows', [{ value: 'lost' }])).rejects.toThrow('ECONNREFUSED')
  await broker.start()
  await send(broker, 'rows', [{ value: 'after' }])
  expect(broker.port).toBe(port)
  expect((await receive(broker, 'rows', 2)).map(({ value }) => String(value))).toEqual(['before', 'after'])
})
