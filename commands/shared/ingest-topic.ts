import type { Cluster } from '../../src/cluster/cluster.js'
import type { IngestAccount } from '../../src/pipeline/ingest/ingest-account.js'
import type { IngestEvent } from '../../src/pipeline/ingest/ingest-options.js'
import { ingestStream } from '../../src/pipeline/ingest/ingest-stream.js'
import { openKafkaStream } from '../../src/pipeline/streams/kafka-stream.js'
import type { StreamEvent } from '../../src/pipeline/streams/message-stream.js'
import { cellText } from './io.js'
import { interruptible } from './interruptible.js'
import { migrateFor } from '../../src/pipeline/maintenance/migrate-for.js'
import { readMap } from './read-map.js'
import type { CommandContext } from './with-cluster.js'

/** What is asked of a topic. */
export interface TopicRequest {
  readonly kafka: string
  readonly topic?: string
  readonly group?: string
  readonly into: string
  readonly map?: string
  readonly zone?: string
  readonly dedupe: 'raw' | 'canonical' | 'key'
  readonly ledger: 'full' | 'rejects' | 'counts'
  readonly wait: number
  readonly json: boolean
}

/** How often the numbers of a stream are told where no line can be redrawn. */
const TELL_MS = 10_000

/** Reads a Kafka topic until Ctrl-C or SIGTERM; answers the account of all that was ever taken from it. */
export async function ingestTopic(
  cluster: Cluster,
  context: CommandContext,
  request: TopicRequest,
): Promise<IngestAccount> {
  const { topic = '', group = '', into, dedupe, ledger, zone } = request
  const map = request.map === undefined ? undefined : await readMap(request.map)
  const say = request.json ? context.err : context.out
  const waitMs = request.wait * 1000
  let toldAt = 0
  const onEvent = (event: IngestEvent | StreamEvent): void => {
    const line = lineOf(event)
    if (line !== undefined) return say(line)
    if (event.kind !== 'progress') return
    const text = `${event.settled.toLocaleString('en-US')} messages, ${event.rejected.toLocaleString('en-US')} rejected`
    if (context.isTerminal && !request.json) return context.redraw(text)
    if (performance.now() - toldAt < TELL_MS) return
    toldAt = performance.now()
    say(text)
  }
  const end = () => (context.isTerminal && !request.json ? context.redraw('') : undefined)
  return interruptible({ end }, async (signal) => {
    await migrateFor(cluster, into, { patience: { waitMs, signal, onEvent }, say })
    const stream = await openKafkaStream({ brokers: request.kafka.split(','), topic, group, waitMs })
    try {
      return await ingestStream(cluster, stream, {
        into,
        topic,
        group,
        dedupe,
        ledger,
        ...(map === undefined ? {} : { map }),
        ...(zone === undefined ? {} : { zone }),
        waitMs,
        signal,
        onEvent,
        faults: process.env['SHARDYARD_FAULTS'] ?? '',
      })
    } finally {
      await stream.close()
    }
  })
}

/** What a person should know, as a line; undefined for what only numbers tell. */
function lineOf(event: IngestEvent | StreamEvent): string | undefined {
  switch (event.kind) {
    case 'joined':
      return `Reading ${event.partitions.length === 0 ? 'no partition yet' : `the partitions ${event.partitions.join(', ')}`}. Ctrl-C ends it.`
    case 'rebalancing':
      return 'The group shares its partitions out anew.'
    case 'waiting-for-stream':
      return `Kafka does not answer; waiting for it. (${cellText(event.message, 200)})`
    case 'waiting-for-database':
      return `Database "${event.database}" does not answer; waiting for it. (${cellText(event.message, 200)})`
    case 'batch-failed':
      return `Partition ${event.partition}: a batch failed and is tried again. (${cellText(event.error instanceof Error ? event.error.message : String(event.error), 200)})`
    default:
      return undefined
  }
}
