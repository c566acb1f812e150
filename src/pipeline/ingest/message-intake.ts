/**
 * Settles messages that arrive without an end, batch by batch, in the databases of an entity.
 *
 * Each database knows the first position that it has not settled, in the row that it locks; messages before it are
 * passed over. So what comes twice (after a crash, a lost commit) is stored once.
 */
import { RunSchema, type RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf } from '../../cluster/entity.js'
import { sourceKey } from '../../cluster/record-source.js'
import { answerLimit } from '../../util/answer-limit.js'
import { faultPointOf } from '../bulk/fault-points.js'
import { NO_CARE } from '../bulk/messages.js'
import { untilReachable } from '../bulk/until-reachable.js'
import { leaseFrom } from '../runs/run-lease.js'
import { RunStore } from '../runs/run-store.js'
import { ChunkReader, type PreparedRecord } from './chunk-reader.js'
import { databasesOf, entityIn, INGESTION } from './ingest.js'
import type { IngestAccount } from './ingest-account.js'
import type { ResolvedIngestOptions } from './ingest-options.js'
import type { IngestPlan } from './ingest-plan.js'
import type { Outcome } from '../reports/run-account.js'
import type { IngestReason } from './ingest-reason.js'
import type { RawBytes, RecordHash } from './record-hash.js'
import { noCounts, type PartCounts, type Settlement } from './part-context.js'
import { PartHome } from './part-home.js'
import { ingestAccountOf, PartStore, type Part } from './part-store.js'
import { MessageRecords, type MessageRecord } from './message-records.js'
import { MESSAGE_SHAPE } from './planned-file.js'

/** One message: its place, from 0, and its bytes, which are one JSON document; null is a message without any. */
export interface Message {
  readonly position: number
  readonly raw: Buffer | null
}

/** Messages that could not be settled in a database. */
export interface Unsettled {
  readonly database: string
  readonly positions: ReadonlySet<number>
  readonly cause: unknown
}

/** What is known of messages after an attempt to settle them. */
export interface SettledMessages {
  readonly unsettled: readonly Unsettled[]
  /** By position. Of those that were settled by an earlier attempt nothing is told. */
  readonly told: ReadonlyMap<number, ToldMessage>
}

/** What has become of a message; the row of a duplicate only where it was looked for. */
export interface ToldMessage {
  readonly database: string
  readonly outcome: Outcome
  readonly rowId: string | undefined
  readonly hash: RecordHash | undefined
  readonly reasons: readonly IngestReason[]
}

/** What a run of messages is. */
export interface MessageRun {
  readonly id: string
  readonly identity: string
  readonly title: string
  /** Whether it ends with this process; consumers of a topic share theirs. */
  readonly isHeld: boolean
}

/** What messages are settled with; the options' `signal` is the caller's business. */
export interface MessageIntakeOptions {
  readonly plan: IngestPlan
  readonly run: MessageRun
  readonly options: ResolvedIngestOptions
  /** Throws when the work is to stop. */
  readonly mayGoOn: () => Promise<void>
}

/** The plan of messages into an entity. */
export function messagePlan(
  cluster: Cluster,
  { into, dedupe, ledger, map, zone, chunkBytes }: ResolvedIngestOptions,
  stream: { readonly topic: string; readonly group: string },
): IngestPlan {
  const entity = entityIn(cluster, into)
  const databases = databasesOf(cluster, entity)
  return { entity: nameOf(entity), dedupe, ledger, map, zone, chunkBytes, scan: {}, stream, databases, files: [] }
}

export class MessageIntake {
  readonly #cluster: Cluster
  readonly #run: MessageRun
  readonly #plan: IngestPlan
  readonly #reader: ChunkReader
  readonly #records = new MessageRecords()
  readonly #homes: readonly PartHome[]
  readonly #parts: PartStore
  readonly #opened = new Map<number, readonly Part[]>()
  readonly #options: ResolvedIngestOptions
  #turn: Promise<unknown> = Promise.resolve()
  readonly #counts = { settled: 0, rejected: 0 }

  /** Notes the run, which consumers of the same stream share. */
  static async open(cluster: Cluster, given: MessageIntakeOptions): Promise<MessageIntake> {
    const intake = new MessageIntake(cluster, given)
    await intake.#untilReachable(given.plan.databases.at(-1), () => intake.#begin())
    given.options.onEvent({ kind: 'started', run: given.run.id, isResumed: false, total: 0 })
    return intake
  }

  private constructor(cluster: Cluster, { plan, run, options, mayGoOn }: MessageIntakeOptions) {
    this.#cluster = cluster
    this.#plan = plan
    this.#run = run
    this.#options = options
    const entity = entityIn(cluster, options.into)
    this.#reader = new ChunkReader(cluster, entity, plan)
    this.#parts = new PartStore(cluster, run.id, plan)
    const { waitMs, onEvent } = options
    const environment = {
      waitMs,
      fault: faultPointOf(options.faults),
      waiting: (database: string, message: string) => onEvent({ kind: 'waiting-for-database', database, message }),
      answerMs: () => answerLimit(waitMs),
      // Few records at a time, which somebody waits for.
      isLoad: false,
      mayGoOn,
    }
    this.#homes = plan.databases.map((name) => new PartHome(cluster, name, { entity, plan, environment }))
  }

  /**
   * Settles messages of a partition in every database, and has them on disk; one batch at a time, as they share the
   * connections. Those that a database did not take are answered: whether they are stored is not known.
   */
  settle(partition: number, messages: readonly Message[]): Promise<SettledMessages> {
    const written = this.#turn.then(() => this.#write(partition, messages))
    this.#turn = written.catch(() => undefined)
    // The next batch is written while the disk works on this one.
    return written.then((batch) => this.#synced(batch))
  }

  /** The parts of a partition, in the order of the plan's databases. */
  async partsOf(partition: number): Promise<readonly Part[]> {
    let parts = this.#opened.get(partition)
    if (parts === undefined) {
      parts = await this.#untilReachable(undefined, () => this.#parts.openFile(partition))
      this.#opened.set(partition, parts)
    }
    return parts
  }

  async close(state: RunRow['state']): Promise<void> {
    await this.#turn
    for (const home of this.#homes) await home.close()
    const runs = this.#cluster.member(this.#plan.databases.at(-1) ?? '').dataSource.getRepository(RunSchema)
    const finishedAt = state === 'complete' ? new Date() : null
    const end = { state, finishedAt, owner: null, leaseUntil: null }
    await runs.update({ id: this.#run.id }, end).catch(() => undefined)
  }

  async account(): Promise<IngestAccount> {
    const run = await new RunStore(this.#cluster).find(this.#run.id)
    return ingestAccountOf(this.#cluster, run as RunRow)
  }

  async #write(partition: number, messages: readonly Message[]): Promise<WrittenBatch> {
    const records = messages.map(({ position, raw }) => this.#records.recordOf(position, raw))
    const context = { shape: MESSAGE_SHAPE, care: NO_CARE, atWork: () => undefined }
    const prepared = await this.#untilReachable(undefined, () => this.#reader.judge(records, itself, context))
    const parts = await this.partsOf(partition)
    const unsettled: Unsettled[] = []
    const written: WrittenPart[] = []
    for (const [index, home] of this.#homes.entries()) {
      const own = prepared.filter(({ database }) => database === index)
      if (own.length === 0) continue
      const told = new Map<number, ToldMessage>()
      const work = {
        number: records.at(-1)?.offset ?? 0,
        isStream: true,
        attempt: 1,
        records: own,
        counts: noCounts(),
        rawOf: bytesOf,
        originOf: () => null,
        note: (settlement: Settlement, ids: readonly (string | undefined)[]) =>
          noteAll(told, home.name, { settlement, ids }),
      }
      const positionsOf = () => new Set(own.map(({ position }) => position))
      try {
        const counts = await home.write(Number(parts[index]?.row.id ?? -1), work)
        if (typeof counts === 'object') this.#count(counts)
        // Begun before anyone else can drop the connection.
        const synced = home.sync()
        synced.catch(() => undefined)
        written.push({ database: home.name, positionsOf, told: counts === undefined ? NOTHING_TOLD : told, synced })
      } catch (cause) {
        unsettled.push({ database: home.name, positions: positionsOf(), cause })
      }
    }
    return { unsettled, written }
  }

  /** What is acknowledged is on disk. */
  async #synced({ unsettled, written }: WrittenBatch): Promise<SettledMessages> {
    const all = [...unsettled]
    let told = NOTHING_TOLD
    for (const { database, positionsOf, told: own, synced } of written) {
      try {
        await synced
        told = told.size === 0 ? own : new Map([...told, ...own])
      } catch (cause) {
        all.push({ database, positions: positionsOf(), cause })
      }
    }
    return { unsettled: all, told }
  }

  #count(counts: PartCounts): void {
    for (const count of Object.values(counts)) this.#counts.settled += count
    this.#counts.rejected += counts.rejected
    this.#options.onEvent({ kind: 'progress', ...this.#counts })
  }

  #untilReachable<T>(database: string | undefined, work: () => Promise<T>): Promise<T> {
    const { waitMs, signal, onEvent } = this.#options
    return untilReachable(this.#cluster, { waitMs, signal, onEvent }, database, work)
  }

  async #begin(): Promise<void> {
    const runs = this.#cluster.member(this.#plan.databases.at(-1) ?? '').dataSource.getRepository(RunSchema)
    const { id, identity, title, isHeld } = this.#run
    if ((await runs.findOneBy({ id })) !== null) return void (await runs.update({ id }, { state: 'running' }))
    const row = {
      id,
      kind: INGESTION,
      source: sourceKey(identity),
      openSource: null,
      identity,
      title: title.slice(0, 255),
      state: 'running',
      ...(isHeld ? leaseFrom(Date.now()) : { owner: null, leaseUntil: null }),
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
      // Another consumer of the same stream may have been faster.
      if ((await runs.findOneBy({ id })) === null) throw error
    }
  }
}

function itself(record: MessageRecord): RawBytes {
  return record
}

/** What is judged is what the intake has made of its messages. */
function bytesOf({ source }: PreparedRecord): Buffer {
  return (source as MessageRecord).bytes
}

const NOTHING_TOLD: ReadonlyMap<number, ToldMessage> = new Map()

interface WrittenPart {
  readonly database: string
  readonly positionsOf: () => ReadonlySet<number>
  readonly told: ReadonlyMap<number, ToldMessage>
  readonly synced: Promise<void>
}

interface WrittenBatch {
  readonly unsettled: readonly Unsettled[]
  readonly written: readonly WrittenPart[]
}

/** Notes what an attempt is about to commit, in place of what one before it was. */
function noteAll(
  told: Map<number, ToldMessage>,
  database: string,
  { settlement, ids }: { readonly settlement: Settlement; readonly ids: readonly (string | undefined)[] },
): void {
  told.clear()
  for (const [index, { position, hash }] of settlement.accepted.entries()) {
    told.set(position, { database, outcome: 'accepted', rowId: ids[index], hash, reasons: [] })
  }
  for (const { record, outcome, rowId, reasons } of settlement.others) {
    told.set(record.position, { database, outcome, rowId, hash: record.hash, reasons })
  }
}
