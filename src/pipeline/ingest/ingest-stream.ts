/** Ingests the messages of a stream. A batch is settled in every database before its offset is committed to the stream. */
import { createHash } from 'node:crypto'
import type { Cluster } from '../../cluster/cluster.js'
import { Stopped } from '../bulk/stopped.js'
import type { MessageStream, StreamBatch, StreamEvent } from '../streams/message-stream.js'
import type { IngestAccount } from './ingest-account.js'
import { resolveIngestOptions, type IngestEvent, type IngestOptions } from './ingest-options.js'
import type { IngestPlan } from './ingest-plan.js'
import { MessageIntake, messagePlan } from './message-intake.js'

/** Options of {@link ingestStream}; `topic` and `group` name the run. The stream is the caller's to close. */
export interface StreamIngestOptions
  extends Pick<IngestOptions, 'into' | 'map' | 'zone' | 'dedupe' | 'ledger' | 'waitMs' | 'faults'> {
  readonly topic: string
  readonly group: string
  /** Ends the ingestion: the batch at work is settled and committed. */
  readonly signal: AbortSignal
  readonly onEvent?: (event: IngestEvent | StreamEvent) => void
}

/**
 * Ingests the messages of a stream, each one JSON object, until the signal aborts. What was taken in before, by this
 * call or an earlier one for the same topic, group, entity and options, adds up in one account.
 *
 * @throws SY_OPTION_INVALID, SY_ENTITY_UNKNOWN; SY_STREAM_DOWN; what keeps control from being reached
 * @example
 * const account = await ingestStream(cluster, stream, { into: Event, topic: 'events', group: 'load', signal })
 */
export async function ingestStream(
  cluster: Cluster,
  stream: MessageStream,
  options: StreamIngestOptions,
): Promise<IngestAccount> {
  const { topic, group, onEvent, ...rest } = options
  const told = onEvent === undefined ? {} : { onEvent: onEvent as (event: IngestEvent) => void }
  const resolved = resolveIngestOptions({ ...rest, ...told })
  const plan = messagePlan(cluster, resolved, { topic, group })
  const title = `topic ${topic}, group ${group} into ${plan.entity}`
  let isClosing = false
  const intake = await MessageIntake.open(cluster, {
    plan,
    run: { id: streamRunId(plan), identity: identityOf(plan), title, isHeld: false },
    options: resolved,
    mayGoOn: async () => {
      if (options.signal.aborted && isClosing) throw new Stopped()
    },
  })
  try {
    await stream.run((batch) => take(intake, batch), {
      signal: options.signal,
      ...(onEvent === undefined ? {} : { onEvent }),
    })
  } finally {
    isClosing = true
    await intake.close('interrupted')
  }
  return intake.account()
}

async function take(intake: MessageIntake, { partition, messages }: StreamBatch): Promise<void> {
  const { unsettled } = await intake.settle(
    partition,
    messages.map(({ offset, value }) => ({
      position: safeOffset(offset),
      raw: value === null ? null : Buffer.from(value),
    })),
  )
  if (unsettled[0] !== undefined) throw unsettled[0].cause
}

/** Positions are numbers in the ledger, exact up to 2^53. */
function safeOffset(offset: bigint): number {
  const position = Number(offset)
  if (!Number.isSafeInteger(position)) throw new RangeError(`Offset ${offset} is too large to be kept.`)
  return position
}

/** All consumers of a group share one run: lower case, as every id of a run is. */
function streamRunId(plan: IngestPlan): string {
  return `s${createHash('sha256').update(identityOf(plan)).digest('hex').slice(0, 16)}`
}

function identityOf({ entity, dedupe, ledger, map, zone, databases, stream }: IngestPlan): string {
  const parts = JSON.stringify([entity, dedupe, ledger, map, zone ?? null, databases, stream])
  return `stream 1 ${createHash('sha256').update(parts).digest('hex')}`
}
