import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { openKafkaStream } from 'shardyard/src/pipeline/streams/kafka-stream'
import type { KafkaStreamOptions } from '../../../src/pipeline/streams/kafka-options'
import { removeAtEnd } from '../../helpers/cleanup'
import { ERRORS } from '../../helpers/kafka/api'
import { KafkaBroker } from '../../helpers/kafka/kafka-broker'

const OPTIONS: KafkaStreamOptions = { brokers: ['127.0.0.1:9'], topic: 'rows', group: 'loaders' }

describe('openKafkaStream', () => {
  test('says what to install when kafkajs is missing', async () => {
    const cause = new Error("Cannot find module 'kafkajs'")
    const load = () => {
      throw cause
    }
    await expect(openKafkaStream(OPTIONS, load)).rejects.toMatchObject({
      code: 'SY_DRIVER_MISSING',
      message: 'The package "kafkajs" is not installed. Run "npm install kafkajs".',
      cause,
    })
  })

  test('names the brokers when none of them can be reached', async () => {
    const brokers = ['127.0.0.1:9', '127.0.0.1:10']
    await expect(openKafkaStream({ ...OPTIONS, brokers })).rejects.toMatchObject({
      code: 'SY_STREAM_DOWN',
      details: { kind: 'unavailable' },
      message: expect.stringMatching(
        /^Kafka at 127\.0\.0\.1:9, 127\.0\.0\.1:10 cannot be reached: .+ECONNREFUSED.+\. Check the addresses, TLS, and that the brokers are up\.$/,
      ),
    })
  })

  test('is content with one broker that answers', async () => {
    const broker = await KafkaBroker.open({ topics: { rows: 1 } })
    const stream = await openKafkaStream({ ...OPTIONS, brokers: ['127.0.0.1:9', broker.address] })
    await stream.close()
  })

  test('gives up after its limit when what listens there never answers', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    removeAtEnd(async () => void server.close())
    await once(server, 'listening')
    const brokers = [`127.0.0.1:${(server.address() as AddressInfo).port}`]
    const startedAt = performance.now()
    await expect(openKafkaStream({ ...OPTIONS, brokers, connectTimeoutMs: 300 })).rejects.toMatchObject({
      message: expect.stringContaining('no answer within 300 ms'),
    })
    expect(performance.now() - startedAt).toBeLessThan(1_500)
  })

  test('does not make a topic that is not there, and says so', async () => {
    const broker = await KafkaBroker.open({ topics: { others: 1 } })
    await expect(openKafkaStream({ ...OPTIONS, brokers: [broker.address] })).rejects.toMatchObject({
      code: 'SY_INPUT_INVALID',
      message: `Kafka at ${broker.address} has no topic "rows". Create it, or correct its name.`,
    })
    expect([...broker.topics.keys()]).toEqual(['others'])
  })

  test('says what to do when the topic may not be read', async () => {
    const broker = await KafkaBroker.open({ topics: { rows: 1 } })
    broker.failNext('Metadata', ERRORS.topicAuthorizationFailed, 10)
    await expect(openKafkaStream({ ...OPTIONS, brokers: [broker.address] })).rejects.toMatchObject({
      code: 'SY_STREAM_DOWN',
      details: { kind: 'refused' },
      message: expect.stringMatching(/Have the user allowed to read the topic\.$/),
    })
  })

  test('never repeats a password', async () => {
    const broker = await KafkaBroker.open({ topics: { rows: 1 } })
    const sasl = { mechanism: 'plain', username: 'loader', password: 'hunter2' } as const
    const error: unknown = await openKafkaStream({ ...OPTIONS, brokers: [broker.address], sasl }).catch(
      (failure: unknown) => failure,
    )
    expect(error).toMatchObject({ code: 'SY_STREAM_DOWN' })
    expect(String((error as Error).message)).not.toContain('hunter2')
  })

  test.each<[string, Partial<KafkaStreamOptions>, string]>([
    ['no broker', { brokers: [] }, 'Expected `brokers` to be a list of at least one "host:port".'],
    [
      'a broker with a scheme and a password',
      { brokers: ['a:9092', 'kafka://me:secret@b:9092'] },
      'Expected `brokers` to be "host:port" each, without a scheme; number 2 is not.',
    ],
    [
      'an IPv6 address',
      { brokers: ['[::1]:9092'] },
      'Expected `brokers` to be "host:port" each, without a scheme; number 1 is not.',
    ],
    ['an empty topic', { topic: ' ' }, 'Expected `topic` to be a name, got " ".'],
    ['no group', { group: undefined as unknown as string }, 'Expected `group` to be a name, got nothing.'],
    ['batches of none', { batchMax: 0 }, 'Expected `batchMax` to be an integer from 1 to 100000, got 0 (number).'],
  ])('refuses %s', async (_title, options, message) => {
    await expect(openKafkaStream({ ...OPTIONS, ...options })).rejects.toMatchObject({
      code: 'SY_OPTION_INVALID',
      message,
    })
  })
})
