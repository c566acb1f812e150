/**
 * Ingests a Kafka topic for as long as it is wanted, whatever happens meanwhile to brokers and databases.
 *
 * States: waiting → running ⇄ waiting → stopped
 *   waiting  brokers or databases are away; `error` says which. It tries again, ever more seldom
 *   running  its group has given it partitions, or none as others have them all
 *   stopped  it was told to, or would fail alike each time (`error` says why)                {@link StreamConsumer.run}
 *
 * A message is settled in its database before its offset is committed, and settled once if it comes twice.
 */
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf } from '../../cluster/entity.js'
import type { PlacedEntity } from '../../cluster/entity.js'
import { ShardyardError } from '../../errors.js'
import { sleep } from '../../util/sleep.js'
import { migrateFor } from '../maintenance/migrate-for.js'
import type { KafkaStreamOptions } from '../streams/kafka-options.js'
import { openKafkaStream } from '../streams/kafka-stream.js'
import type { StreamEvent } from '../streams/message-stream.js'
import type { IngestEvent, IngestOptions } from './ingest-options.js'
import { ingestStream } from './ingest-stream.js'

/** What is read, and what it becomes. */
export interface StreamConsumerOptions extends Pick<IngestOptions, 'map' | 'zone' | 'dedupe' | 'faults'> {
  readonly name: string
  readonly into: PlacedEntity
  readonly stream: KafkaStreamOptions
}

/** How a consumer is doing. */
export interface ConsumerStatus {
  readonly name: string
  readonly topic: string
  readonly group: string
  /** Name of the entity. */
  readonly into: string
  readonly state: 'running' | 'waiting' | 'stopped'
  /** Messages that wait in its partitions; undefined before any is known. */
  readonly lag: number | undefined
  /** The run that counts what became of the messages; undefined before it has begun. */
  readonly run: string | undefined
  readonly error: string | undefined
}

/** Another attempt would end alike. */
const FOR_GOOD: ReadonlySet<string> = new Set([
  'SY_OPTION_INVALID',
  'SY_DEFINITION_INVALID',
  'SY_ENTITY_UNKNOWN',
  'SY_DRIVER_MISSING',
  'SY_CLUSTER_CLOSED',
])
const WAIT_MS = 60_000
const RETRY_MIN_MS = 500
const RETRY_MAX_MS = 30_000

export class StreamConsumer {
  readonly #cluster: Cluster
  readonly #options: StreamConsumerOptions
  readonly #lags = new Map<number, number>()
  #state: ConsumerStatus['state'] = 'waiting'
  #error: string | undefined
  #run: string | undefined
  #retryMs = RETRY_MIN_MS
  #say: (sentence: string) => void = () => undefined

  constructor(cluster: Cluster, options: StreamConsumerOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  get status(): ConsumerStatus {
    const { name, into, stream } = this.#options
    const lag = this.#lags.size === 0 ? undefined : [...this.#lags.values()].reduce((sum, one) => sum + one, 0)
    const { topic, group } = stream
    return { name, topic, group, into: nameOf(into), state: this.#state, lag, run: this.#run, error: this.#error }
  }

  /**
   * Reads until the signal aborts, and what is at work then is settled and committed. Never rejects; `say` is told what
   * keeps it waiting, and what it has migrated.
   */
  async run(signal: AbortSignal, say: (sentence: string) => void): Promise<void> {
    this.#say = say
    while (!signal.aborted) {
      try {
        await this.#attempt(signal)
      } catch (error) {
        if (signal.aborted) break
        this.#trouble(error instanceof Error ? error.message : String(error))
        if (error instanceof ShardyardError && FOR_GOOD.has(error.code)) break
        // By chance up to half less: several servers are not to come back at once.
        await sleep(this.#retryMs * (0.5 + Math.random() / 2), signal).catch(() => undefined)
        this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2)
      }
    }
    this.#state = 'stopped'
    if (signal.aborted) this.#error = undefined
    this.#lags.clear()
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const { into, stream: kafka, map, zone, dedupe, faults } = this.#options
    const onEvent = (event: IngestEvent | StreamEvent) => this.#hear(event)
    const patience = { waitMs: WAIT_MS, signal, onEvent }
    await migrateFor(this.#cluster, nameOf(into), { patience, say: this.#say })
    const stream = await openKafkaStream({ ...kafka, signal })
    // Should the batch at work not end, the stream ends it by force after a while.
    const onAbort = () => void stream.close().catch(() => undefined)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await ingestStream(this.#cluster, stream, {
        into: nameOf(into),
        topic: kafka.topic,
        group: kafka.group,
        ...(map === undefined ? {} : { map }),
        ...(zone === undefined ? {} : { zone }),
        ...(dedupe === undefined ? {} : { dedupe }),
        ...(faults === undefined ? {} : { faults }),
        signal,
        onEvent,
      })
    } finally {
      signal.removeEventListener('abort', onAbort)
      await stream.close()
    }
  }

  #hear(event: IngestEvent | StreamEvent): void {
    switch (event.kind) {
      case 'started':
        this.#run = event.run
        return
      case 'joined':
        for (const partition of this.#lags.keys())
          if (!event.partitions.includes(partition)) this.#lags.delete(partition)
        return this.#well()
      case 'committed':
        this.#retryMs = RETRY_MIN_MS
        return this.#well()
      case 'lag':
        this.#lags.set(event.partition, event.lag)
        return
      case 'batch-failed':
        return this.#trouble(event.error instanceof Error ? event.error.message : String(event.error))
      case 'waiting-for-stream':
      case 'waiting-for-database':
        return this.#trouble(event.message)
      default:
        return
    }
  }

  #well(): void {
    this.#state = 'running'
    this.#error = undefined
  }

  #trouble(message: string): void {
    if (message !== this.#error) this.#say(message)
    this.#state = 'waiting'
    this.#error = message
  }
}
