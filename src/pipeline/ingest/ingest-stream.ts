/**
 * Ingests messages that arrive without an end.
 *
 * 1. A batch is settled in every database before its offset is committed to the stream.
 * 2. Each database knows the first offset it has not settled, in the row that it locks; messages before it are passed
 *    over. So what comes twice (after a crash, a re-balance, a lost commit) is stored once, also when two consumers
 *    believe that a partition is theirs.
 */
import { createHash } from 'node:crypto'
import { RunSchema, type RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf } from '../../cluster/entity.js'
import { sourceKey } from '../../cluster/record-source.js'
import { answerLimit } from '../../util/answer-limit.js'
import { faultPoints } from '../../util/faults.js'
import { NO_CARE } from '../bulk/messages.js'
import { Stopped } from '../bulk/stopped.js'
import { untilReachable } from '../bulk/until-reachable.js'
import { readChunk } from '../formats/read-chunk.js'
import type { SourceRecord } from '../formats/source-shape.js'
import { RunStore } from '../runs/run-store.js'
import type { MessageStream, StreamBatch, StreamEvent } from '../streams/message-stream.js'
import { ChunkReader } from './chunk-reader.js'
import type { PartCounts } from './part-context.js'
import { databasesOf, entityIn, INGESTION } from './ingest.js'
import type { IngestAccount } from './ingest-account.js'
import { resolveIngestOptions, type IngestEvent, type IngestOptions } from './ingest-options.js'
import type { IngestPlan } from './ingest-plan.js'
import { PartHome } from './part-home.js'
import { ingestAccountOf, PartStore } from './part-store.js'
import { MESSAGE_SHAPE } from './planned-file.js'

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
  const intake = await StreamIntake.open(cluster, options)
  try {
    await stream.run((batch) => intake.take(batch), {
      signal: options.signal,
      ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    })
  } finally {
    await intake.close()
  }
  return intake.account()
}

class StreamIntake {
  readonly #cluster: Cluster
  readonly #run: string
  readonly #plan: IngestPlan
  readonly #reader: ChunkReader
  readonly #homes: readonly PartHome[]
  readonly #parts: PartStore
  readonly #partIds = new Map<number, readonly number[]>()
  readonly #options: ReturnType<typeof resolveIngestOptions>
  #turn: Promise<unknown> = Promise.resolve()
  readonly #counts = { settled: 0, rejected: 0 }

  static async open(cluster: Cluster, options: StreamIngestOptions): Promise<StreamIntake> {
    const { topic, group, onEvent, ...rest } = options
    const told = onEvent === undefined ? {} : { onEvent: onEvent as (event: IngestEvent) => void }
    const resolved = resolveIngestOptions({ ...rest, ...told })
    const entity = entityIn(cluster, resolved.into)
    const { dedupe, ledger, map, zone, chunkBytes } = resolved
    const plan: IngestPlan = {
      entity: nameOf(entity),
      dedupe,
      ledger,
      map,
      zone,
      chunkBytes,
      scan: {},
      stream: { topic, group },
      databases: databasesOf(cluster, entity),
      files: [],
    }
    const intake = new StreamIntake(cluster, plan, resolved)
    await untilReachable(cluster, resolvedPatience(resolved), plan.databases.at(-1), () => intake.#begin())
    resolved.onEvent({ kind: 'started', run: intake.#run, isResumed: false, total: 0 })
    return intake
  }

  private constructor(cluster: Cluster, plan: IngestPlan, options: ReturnType<typeof resolveIngestOptions>) {
    this.#cluster = cluster
    this.#plan = plan
    this.#options = options
    this.#run = streamRunId(plan)
    const entity = entityIn(cluster, options.into)
    this.#reader = new ChunkReader(cluster, entity, plan)
    this.#parts = new PartStore(cluster, this.#run, plan)
    const { waitMs, onEvent, signal } = options
    const environment = {
      waitMs,
      fault: faultPoints(options.faults),
      waiting: (database: string, message: string) => onEvent({ kind: 'waiting-for-database', database, message }),
      answerMs: () => answerLimit(waitMs),
      mayGoOn: async () => {
        if (signal?.aborted === true && this.#isClosing) throw new Stopped()
      },
    }
    this.#homes = plan.databases.map((name) => new PartHome(cluster, name, { entity, plan, environment }))
  }

  #isClosing = false

  /** Settles a batch in every database; one batch at a time, as they share the connections. */
  take(batch: StreamBatch): Promise<void> {
    const taken = this.#turn.then(() => this.#settle(batch))
    this.#turn = taken.catch(() => undefined)
    return taken
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.#turn
    for (const home of this.#homes) {
      await home.flush().catch(() => undefined)
      await home.close()
    }
    const runs = this.#cluster.member(this.#plan.databases.at(-1) ?? '').dataSource.getRepository(RunSchema)
    await runs.update({ id: this.#run }, { state: 'interrupted' }).catch(() => undefined)
  }

  async account(): Promise<IngestAccount> {
    const run = await new RunStore(this.#cluster).find(this.#run)
    return ingestAccountOf(this.#cluster, run as RunRow)
  }

  async #settle({ partition, messages }: StreamBatch): Promise<void> {
    const raws = new Map<number, Buffer>()
    const records = messages.map(({ offset, value }) => {
      const position = safeOffset(offset)
      const raw = Buffer.from(value ?? [])
      raws.set(position, raw)
      return recordOf(position, value === null ? undefined : raw)
    })
    const rawOf = ({ offset }: SourceRecord) => raws.get(offset) ?? Buffer.alloc(0)
    const context = { shape: MESSAGE_SHAPE, care: NO_CARE, atWork: () => undefined }
    const prepared = await untilReachable(this.#cluster, resolvedPatience(this.#options), undefined, () =>
      this.#reader.judge(records, (record) => ({ bytes: rawOf(record), offset: record.offset }), context),
    )
    const parts = await this.#partsOf(partition)
    const last = records.at(-1)?.offset ?? 0
    for (const [index, home] of this.#homes.entries()) {
      const own = prepared.filter(({ database }) => database === index)
      if (own.length === 0) continue
      const work = {
        number: last,
        isStream: true,
        attempt: 1,
        records: own,
        rawOf: ({ source }: { readonly source: SourceRecord }) => rawOf(source),
        originOf: () => null,
      }
      const counts = await home.write(parts[index] ?? -1, work)
      if (typeof counts === 'object') this.#count(counts)
    }
  }

  #count(counts: PartCounts): void {
    for (const count of Object.values(counts)) this.#counts.settled += count
    this.#counts.rejected += counts.rejected
    this.#options.onEvent({ kind: 'progress', ...this.#counts })
  }

  async #partsOf(partition: number): Promise<readonly number[]> {
    let parts = this.#partIds.get(partition)
    if (parts === undefined) {
      const opened = await untilReachable(this.#cluster, resolvedPatience(this.#options), undefined, () =>
        this.#parts.openFile(partition),
      )
      parts = opened.map(({ row }) => Number(row.id))
      this.#partIds.set(partition, parts)
    }
    return parts
  }

  /** Notes the stream among the runs; its consumers share one row. */
  async #begin(): Promise<void> {
    const runs = this.#cluster.member(this.#plan.databases.at(-1) ?? '').dataSource.getRepository(RunSchema)
    const known = await runs.findOneBy({ id: this.#run })
    if (known !== null) return void (await runs.update({ id: this.#run }, { state: 'running' }))
    const { topic, group } = this.#plan.stream ?? { topic: '', group: '' }
    const identity = identityOf(this.#plan)
    const row = {
      id: this.#run,
      kind: INGESTION,
      source: sourceKey(identity),
      openSource: null,
      identity,
      title: `topic ${topic}, group ${group} into ${this.#plan.entity}`.slice(0, 255),
      state: 'running',
      owner: null,
      leaseUntil: null,
      fence: 1,
      threads: 1,
      batch: 0,
      startedAt: new Date(),
      finishedAt: null,
      wallMs: 0,
      readCounts: '[]',
      measures: '{"busyMs":{},"latencies":[]}',
      plan: JSON.stringify(this.#plan),
    }
    try {
      await runs.insert(row)
    } catch (error) {
      // Another consumer of the group may have been faster.
      if ((await runs.findOneBy({ id: this.#run })) === null) throw error
    }
  }
}

function recordOf(position: number, raw: Buffer | undefined): SourceRecord {
  const place = { line: position, offset: position, length: raw?.length ?? 0 }
  if (raw === undefined) return { ...place, kind: 'blank', names: [], values: [], reasons: [] }
  const chunk = { offset: 0, length: raw.length, line: 1, records: 1 }
  const [record] = readChunk(raw, chunk, MESSAGE_SHAPE)
  if (record === undefined) return { ...place, kind: 'blank', names: [], values: [], reasons: [] }
  return { ...record, ...place }
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

function resolvedPatience({ waitMs, signal, onEvent }: ReturnType<typeof resolveIngestOptions>) {
  return { waitMs, signal, onEvent }
}
