import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Consumer, EachBatchPayload, ISocketFactoryArgs, Kafka, KafkaMessage, logCreator } from 'kafkajs'
import { ShardyardError } from '../../errors.js'
import { untilAborted } from '../../util/until-aborted.js'
import { within } from '../../util/sleep.js'
import type { ConsumerHooks, FetchedBatch, GroupConsumer } from './group-consumer.js'
import { BEATS_PER_SESSION, GroupStream } from './group-stream.js'
import { isLoss, isRefusal, reasonOf, streamFailure } from './kafka-failure.js'
import { resolveKafkaStreamOptions, type KafkaStreamOptions, type ResolvedKafkaStreamOptions } from './kafka-options.js'
import type { MessageStream, StreamMessage } from './message-stream.js'

type KafkaPackage = typeof import('kafkajs')

/** How long a broker may hold a question for messages that has no answer yet; a stop waits for it. */
const FETCH_WAIT_MS = 250
/** Below `connectTimeoutMs`, so that one host that swallows connections leaves time for the next. */
const SOCKET_TIMEOUT_MAX_MS = 3_000
/** Troubles of a moment only: the stream itself waits for brokers that are away. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5, restartOnFailure: async () => false }

/**
 * Connects to Kafka with the package kafkajs, which is loaded now; nothing is read before `run`.
 *
 * @param load loads the package kafkajs. Its types are not named: who has not installed it must be able to compile.
 * @throws SY_DRIVER_MISSING, SY_OPTION_INVALID, SY_STREAM_DOWN; SY_INPUT_INVALID when there is no such topic
 * @example
 * const stream = await openKafkaStream({ brokers: ['localhost:9092'], topic: 'events', group: 'load' })
 */
export async function openKafkaStream(
  options: KafkaStreamOptions,
  load: () => unknown = () => require('kafkajs'),
): Promise<MessageStream> {
  const resolved = resolveKafkaStreamOptions(options)
  const kafkajs = await loadKafka(load)
  const connect = (signal?: AbortSignal) => connectConsumer(kafkajs, resolved, signal)
  const failure = (error: unknown) => streamFailure(error, resolved)
  const connected = await connect(options.signal).catch((error: unknown) => {
    throw failure(error)
  })
  return new GroupStream(connected, { ...resolved, connect, isRefusal, failure })
}

async function loadKafka(load: () => unknown): Promise<KafkaPackage> {
  try {
    return (await load()) as KafkaPackage
  } catch (cause) {
    throw new ShardyardError(
      'SY_DRIVER_MISSING',
      'The package "kafkajs" is not installed. Run "npm install kafkajs".',
      { cause },
    )
  }
}

/** Throws what kafkajs says: whether it is a failure is for the caller to judge. */
async function connectConsumer(
  kafkajs: KafkaPackage,
  options: ResolvedKafkaStreamOptions,
  signal?: AbortSignal,
): Promise<GroupConsumer> {
  const consumer = new KafkaConsumer(kafkajs, options)
  const cut = () => consumer.cut()
  signal?.addEventListener('abort', cut, { once: true })
  try {
    const connecting = within(
      consumer.connect().then(() => true),
      options.connectTimeoutMs,
    )
    const isConnected = await (signal === undefined ? connecting : untilAborted(connecting, signal))
    if (isConnected && !signal?.aborted) return consumer
    throw new Error(`no answer within ${options.connectTimeoutMs} ms`)
  } catch (error) {
    cut()
    throw error
  } finally {
    signal?.removeEventListener('abort', cut)
  }
}

class KafkaConsumer implements GroupConsumer {
  readonly #options: ResolvedKafkaStreamOptions
  readonly #consumer: Consumer
  readonly #sockets = new Set<Socket>()
  #isCut = false
  #onLog: ConsumerHooks['onLog'] = () => undefined

  constructor(kafkajs: KafkaPackage, options: ResolvedKafkaStreamOptions) {
    const { brokers, group, clientId, ssl, sasl, connectTimeoutMs, requestTimeoutMs, sessionTimeoutMs } = options
    this.#options = options
    const kafka: Kafka = new kafkajs.Kafka({
      // An empty list ends the attempts of kafkajs to connect.
      brokers: async () => (this.#isCut ? [] : [...brokers]),
      clientId,
      ssl,
      ...(sasl && { sasl: sasl as { mechanism: 'plain'; username: string; password: string } }),
      connectionTimeout: Math.min(connectTimeoutMs, SOCKET_TIMEOUT_MAX_MS),
      authenticationTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      retry: RETRY,
      logLevel: kafkajs.logLevel.WARN,
      logCreator: this.#logCreator(),
      socketFactory: (args) => this.#openSocket(args),
    })
    this.#consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: Math.max(sessionTimeoutMs, 60_000),
      heartbeatInterval: Math.floor(sessionTimeoutMs / BEATS_PER_SESSION),
      maxWaitTimeInMs: FETCH_WAIT_MS,
      // A topic with a wrong name is an error, not a new topic.
      allowAutoTopicCreation: false,
      retry: RETRY,
    })
  }

  async connect(): Promise<void> {
    const { topic, fromBeginning } = this.#options
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topic, fromBeginning })
  }

  async start(hooks: ConsumerHooks): Promise<void> {
    const { topic, partitionsAtOnce } = this.#options
    const { GROUP_JOIN, HEARTBEAT, REBALANCING, CRASH } = this.#consumer.events
    this.#onLog = hooks.onLog
    this.#consumer.on(GROUP_JOIN, ({ payload }) => hooks.onJoin(payload.memberAssignment[topic] ?? []))
    this.#consumer.on(HEARTBEAT, hooks.onBeat)
    this.#consumer.on(REBALANCING, hooks.onLoss)
    this.#consumer.on(CRASH, ({ payload }) => hooks.onCrash(payload.error))
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitionsAtOnce,
      eachBatch: (payload) => hooks.onBatch(fetchedBatch(payload)),
    })
  }

  stop(): Promise<void> {
    return this.#consumer.disconnect()
  }

  /** The error matters: kafkajs takes no notice of a socket that is closed without one. */
  cut(): void {
    this.#isCut = true
    this.#onLog = () => undefined
    for (const socket of this.#sockets) socket.destroy(new Error('The stream is closed'))
  }

  #openSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
    if (this.#isCut) throw new Error('The stream is closed')
    const serverName = isIP(host) === 0 ? { servername: host } : {}
    const socket = ssl
      ? connectTls({ host, port, ...serverName, ...ssl }, onConnect)
      : connectTcp({ host, port }, onConnect)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket.setKeepAlive(true, 60_000)
  }

  /** Messages and error texts only: the rest of what kafkajs logs may hold what others should not read. */
  #logCreator(): logCreator {
    return () =>
      ({ label, log }) => {
        const error: unknown = log['error']
        const text = error === undefined ? log.message : `${log.message}: ${reasonOf(error)}`
        this.#onLog(label === 'ERROR' ? 'error' : 'warning', text)
      }
  }
}

function fetchedBatch(payload: EachBatchPayload): FetchedBatch {
  const { batch } = payload
  const { topic, partition } = batch
  return {
    topic,
    partition,
    messages: batch.messages.map(streamMessage),
    endOffset: BigInt(batch.lastOffset()) + 1n,
    highWatermark: BigInt(batch.highWatermark),
    heartbeat: () =>
      payload.heartbeat().catch((error: unknown) => {
        if (isLoss(error)) throw error
      }),
    // `consumer.commitOffsets` does nothing while it stops; this one does.
    commit: (offset) =>
      payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }] }),
    goOnAt: (offset) => payload.resolveOffset(String(offset - 1n)),
    pause: () => payload.pause(),
    isLoss,
  }
}

function streamMessage({ offset, key, value, timestamp }: KafkaMessage): StreamMessage {
  return { offset: BigInt(offset), key, value, timestamp: new Date(Number(timestamp)) }
}
