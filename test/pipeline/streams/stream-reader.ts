import { setTimeout as wait } from 'node:timers/promises'
import { openKafkaStream } from 'shardyard/src/pipeline/streams/kafka-stream'
import type { KafkaStreamOptions } from '../../../src/pipeline/streams/kafka-options'
import type {
  MessageStream,
  PartitionClaim,
  StreamBatch,
  StreamEvent,
  TakeBatch,
} from '../../../src/pipeline/streams/message-stream'
import { removeAtEnd } from '../../helpers/cleanup'
import type { KafkaBroker } from '../../helpers/kafka/kafka-broker'

export const TOPIC = 'rows'
export const GROUP = 'loaders'
/** Short, so that what a broker tells with its answers to heartbeats is known soon. */
export const sessionTimeoutMs = 1_000

export const sleep = (ms: number) => wait(ms).then(() => undefined)

export const committed = (broker: KafkaBroker, partition = 0) => broker.committed(GROUP, TOPIC, partition)

/** `first`, `first + 1`, … as texts. */
export const numbers = (count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, index) => String(first + index))

/** Waits until something is true; fails with its source text when that takes too long. */
export async function until(isTrue: () => boolean, limitMs = 15_000): Promise<void> {
  const endsAt = performance.now() + limitMs
  while (!isTrue()) {
    if (performance.now() > endsAt) throw new Error(`Waited ${limitMs} ms in vain for ${isTrue.toString()}`)
    await wait(5)
  }
}

export interface Reader {
  readonly stream: MessageStream
  /** The values that `take` has resolved for, per partition. */
  readonly taken: (string | null)[][]
  readonly events: StreamEvent[]
  readonly run: Promise<void>
  stop(): Promise<void>
}

/** Called in the middle of a batch. */
export type InBatch = (batch: StreamBatch, claim: PartitionClaim) => Promise<void> | void

export function openStream(broker: KafkaBroker, options: Partial<KafkaStreamOptions> = {}): Promise<MessageStream> {
  return openKafkaStream({ brokers: [broker.address], topic: TOPIC, group: GROUP, retryMs: 50, ...options })
}

/** Opens a stream, runs it until the end of the test, and writes down what it gets. */
export async function read(
  broker: KafkaBroker,
  { inBatch, ...options }: Partial<KafkaStreamOptions> & { inBatch?: InBatch } = {},
): Promise<Reader> {
  const stream = await openStream(broker, options)
  const [taken, events, stopping] = [[] as (string | null)[][], [] as StreamEvent[], new AbortController()]
  const take: TakeBatch = async (batch, claim) => {
    await inBatch?.(batch, claim)
    const values = batch.messages.map(({ value }) => (value === null ? null : Buffer.from(value).toString()))
    taken[batch.partition] = [...(taken[batch.partition] ?? []), ...values]
  }
  const run = stream.run(take, { signal: stopping.signal, onEvent: (event) => events.push(event) })
  // A test that wants to see it fail looks at it later.
  run.catch(() => undefined)
  removeAtEnd(() => stream.close())
  const stop = async () => {
    stopping.abort()
    await run
  }
  return { stream, taken, events, run, stop }
}

export const kinds = (events: readonly StreamEvent[], kind: StreamEvent['kind']) =>
  events.filter((event) => event.kind === kind)

/** Collects every commit of an offset before which something is not taken by any reader. */
export function watchCommits(broker: KafkaBroker, readers: () => readonly Reader[]): string[] {
  const wrong: string[] = []
  const commit = broker.commit.bind(broker)
  broker.commit = (one) => {
    const taken = new Set(readers().flatMap((reader) => reader.taken[one.partition] ?? []))
    const missing = numbers(Number(one.offset)).filter((value) => !taken.has(value))
    if (missing.length > 0) wrong.push(`${one.partition}: ${one.offset} without ${missing.join()}`)
    commit(one)
  }
  return wrong
}

/** A door that a batch waits before. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}
