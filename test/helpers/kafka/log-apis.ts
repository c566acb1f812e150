import { ERRORS, type Handler, type Request } from './api'
import type { PartitionLog } from './partition-log'
import { decodeBatches, type LogRecord } from './record-batch'
import { WireWriter } from './wire'

/** What the requests about topics and messages need of the broker. */
export interface LogHost {
  readonly nodeId: number
  readonly port: number
  readonly topics: ReadonlyMap<string, readonly PartitionLog[]>
  createTopic(topic: string, partitions: number): void
  /** Aborts when the broker stops. */
  readonly stopping: AbortSignal
}

const LATEST = -1n
const EARLIEST = -2n

export function logApis(host: LogHost) {
  const logOf = (topic: string, partition: number) => host.topics.get(topic)?.[partition]
  return {
    Metadata: (request) => metadata(host, request),
    CreateTopics: (request) => createTopics(host, request),
    Produce: (request) => produce(logOf, request),
    Fetch: (request) => fetch(host, logOf, request),
    ListOffsets: (request) => listOffsets(logOf, request),
  } satisfies Record<string, Handler>
}

type LogOf = (topic: string, partition: number) => PartitionLog | undefined

function metadata({ nodeId, port, topics }: LogHost, { body, fault }: Request): WireWriter {
  const names = body.nullableArray(body.string) ?? [...topics.keys()]
  const answer = new WireWriter().int32(0)
  answer.array([nodeId], (id) => answer.int32(id).string('127.0.0.1').int32(port).string(null))
  answer.string('test-cluster').int32(nodeId)
  return answer.array(names, (name) => {
    const logs = topics.get(name)
    answer.int16(fault || (logs === undefined ? ERRORS.unknownTopicOrPartition : ERRORS.none))
    answer.string(name).int8(0)
    answer.array([...(logs ?? []).keys()], (partition) => {
      answer.int16(ERRORS.none).int32(partition).int32(nodeId)
      for (const nodes of [[nodeId], [nodeId]]) answer.array(nodes, (id) => answer.int32(id))
    })
  })
}

function createTopics(host: LogHost, { body, fault }: Request): WireWriter {
  const wanted = body.array(() => {
    const topic = { name: body.string(), partitions: body.int32() }
    body.int16()
    body.array(() => [body.int32(), body.array(body.int32)])
    body.array(() => [body.string(), body.nullableString()])
    return topic
  })
  const answer = new WireWriter()
  return answer.array(wanted, ({ name, partitions }) => {
    const error = fault || (host.topics.has(name) ? ERRORS.topicAlreadyExists : ERRORS.none)
    if (error === ERRORS.none) host.createTopic(name, Math.max(1, partitions))
    answer.string(name).int16(error).string(null)
  })
}

function produce(logOf: LogOf, { body, fault }: Request): WireWriter {
  body.nullableString()
  body.int16()
  body.int32()
  const topics = body.array(() => ({
    topic: body.string(),
    partitions: body.array(() => ({ partition: body.int32(), bytes: body.bytes() })),
  }))
  const answer = new WireWriter()
  answer.array(topics, ({ topic, partitions }) => {
    answer.string(topic).array(partitions, ({ partition, bytes }) => {
      const { error, offset } = store(logOf(topic, partition), bytes, fault)
      answer.int32(partition).int16(error).int64(offset).int64(-1n)
    })
  })
  return answer.int32(0)
}

function store(log: PartitionLog | undefined, bytes: Buffer | null, fault: number) {
  if (fault) return { error: fault, offset: -1n }
  if (log === undefined) return { error: ERRORS.unknownTopicOrPartition, offset: -1n }
  let records: LogRecord[]
  try {
    records = decodeBatches(bytes ?? Buffer.alloc(0))
  } catch {
    return { error: ERRORS.corruptMessage, offset: -1n }
  }
  return { error: ERRORS.none, offset: log.append(records) }
}

interface Wanted {
  readonly topic: string
  readonly partitions: readonly { readonly partition: number; readonly offset: bigint; readonly bytesMax: number }[]
}

async function fetch({ stopping }: LogHost, logOf: LogOf, { body, fault }: Request): Promise<WireWriter> {
  body.int32()
  const [waitMs, bytesMin] = [body.int32(), body.int32()]
  body.int32()
  body.int8()
  const wanted: Wanted[] = body.array(() => ({
    topic: body.string(),
    partitions: body.array(() => ({ partition: body.int32(), offset: body.int64(), bytesMax: body.int32() })),
  }))
  const logs = wanted.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, offset }) => ({ log: logOf(topic, partition), offset })),
  )
  const isEmpty = logs.every(({ log, offset }) => log !== undefined && log.end === offset)
  if (isEmpty && !fault && bytesMin > 0) await appended(logs, waitMs, stopping)
  return messages(wanted, logOf, fault)
}

/** Resolves when one of the logs grows, or the time is over. */
function appended(
  logs: readonly { readonly log: PartitionLog | undefined }[],
  waitMs: number,
  stopping: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      stopping.removeEventListener('abort', end)
      for (const unwatch of unwatches) unwatch?.()
      resolve()
    }
    const unwatches = logs.map(({ log }) => log?.watch(end))
    const timer = setTimeout(end, waitMs)
    stopping.addEventListener('abort', end)
  })
}

function messages(wanted: readonly Wanted[], logOf: LogOf, fault: number): WireWriter {
  const answer = new WireWriter().int32(0)
  return answer.array(wanted, ({ topic, partitions }) => {
    answer.string(topic).array(partitions, ({ partition, offset, bytesMax }) => {
      const log = logOf(topic, partition)
      const isOutside = log !== undefined && (offset < log.start || offset > log.end)
      const error =
        fault ||
        (log === undefined ? ERRORS.unknownTopicOrPartition : isOutside ? ERRORS.offsetOutOfRange : ERRORS.none)
      const end = log?.end ?? -1n
      answer.int32(partition).int16(error).int64(end).int64(end).int32(0)
      answer.bytes(error === ERRORS.none && log !== undefined ? log.read(offset, bytesMax) : Buffer.alloc(0))
    })
  })
}

function listOffsets(logOf: LogOf, { body, fault }: Request): WireWriter {
  body.int32()
  body.int8()
  const topics = body.array(() => ({
    topic: body.string(),
    partitions: body.array(() => ({ partition: body.int32(), timestamp: body.int64() })),
  }))
  const answer = new WireWriter().int32(0)
  return answer.array(topics, ({ topic, partitions }) => {
    answer.string(topic).array(partitions, ({ partition, timestamp }) => {
      const log = logOf(topic, partition)
      const error = fault || (log === undefined ? ERRORS.unknownTopicOrPartition : ERRORS.none)
      const found = log === undefined ? undefined : offsetAt(log, timestamp)
      answer
        .int32(partition)
        .int16(error)
        .int64(found?.timestamp ?? -1n)
        .int64(found?.offset ?? -1n)
    })
  })
}

function offsetAt(log: PartitionLog, timestamp: bigint): { timestamp: bigint; offset: bigint } | undefined {
  if (timestamp === LATEST) return { timestamp: -1n, offset: log.end }
  if (timestamp === EARLIEST) return { timestamp: -1n, offset: log.start }
  return log.firstSince(timestamp)
}
