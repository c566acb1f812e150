/**
 * Takes records that arrive one by one, such as events that are posted, and tells the outcome of each.
 *
 * 1. A record whose outcome is told is on disk, with its ledger line. One that is `unavailable` may be stored or not:
 *    given again, it is stored once.
 * 2. Records that come while others are at work share a transaction, so that many callers wait for few commits.
 */
import type { Cluster } from '../../cluster/cluster.js'
import { HASH_TABLE, LINE_TABLE } from '../../cluster/bookkeeping/tables.js'
import { ShardyardError } from '../../errors.js'
import type { Row } from '../../drivers/driver.js'
import { runId } from '../runs/run-store.js'
import type { IngestAccount } from './ingest-account.js'
import { resolveIngestOptions, type IngestOptions } from './ingest-options.js'
import type { IngestReason } from './ingest-reason.js'
import { linesBetween, type IngestLine } from './ledger-reader.js'
import { MessageIntake, messagePlan, type Message, type Unsettled } from './message-intake.js'
import { rejectId } from './rejects.js'

/** Options of {@link RecordIntake}. */
export interface RecordIntakeOptions extends Pick<IngestOptions, 'into' | 'map' | 'zone' | 'dedupe' | 'faults'> {
  /** How long a database may be down before the outcome is `unavailable`, in milliseconds. @defaultValue 5000 */
  readonly waitMs?: number
}

/** One record: the text or the bytes of one JSON object, or the object. Equal objects with other orders of keys differ. */
export type GivenRecord = string | Uint8Array | Readonly<Record<string, unknown>>

/** What became of a record. */
export type RecordOutcome =
  | { readonly outcome: 'accepted'; readonly rowId: string | undefined }
  /** It was stored before; `rowId` is the row that it became then, as far as the ledger knows. */
  | { readonly outcome: 'duplicate'; readonly rowId: string | undefined }
  | { readonly outcome: 'rejected'; readonly rejectId: string; readonly reasons: readonly IngestReason[] }
  /** Its database is down: give it again later. */
  | { readonly outcome: 'unavailable'; readonly database: string; readonly message: string }

const BATCH_MAX = 1_000
const WAIT_MS = 5_000
const TOPIC = 'single records'

const EMPTY: IngestReason = {
  code: 'INVALID_JSON',
  field: '',
  pointer: '',
  message: 'The record is empty.',
  fix: 'Give one JSON object.',
}

interface Waiting {
  readonly raw: Buffer
  readonly resolve: (outcome: RecordOutcome) => void
  readonly reject: (error: unknown) => void
}

export class RecordIntake {
  /** The run that its records belong to. */
  readonly run: string
  readonly #cluster: Cluster
  readonly #intake: MessageIntake
  readonly #waiting: Waiting[] = []
  #position = 0
  #work: Promise<void> | undefined
  #isClosed = false

  /**
   * Begins a run of records into an entity; `close` ends it.
   *
   * @throws SY_OPTION_INVALID, SY_ENTITY_UNKNOWN; what keeps control from being reached
   * @example
   * const intake = await RecordIntake.open(cluster, { into: Event })
   * const [{ outcome }] = await intake.take([{ source: 'client A', payload: { metric: 'clicks', value: 1, ts: 1704067200 } }])
   */
  static async open(cluster: Cluster, options: RecordIntakeOptions): Promise<RecordIntake> {
    const resolved = resolveIngestOptions({ waitMs: WAIT_MS, ...options, ledger: 'full' })
    const plan = messagePlan(cluster, resolved, { topic: TOPIC, group: '' })
    const id = runId(Date.now())
    const run = { id, identity: `${TOPIC} ${id}`, title: `${TOPIC} into ${plan.entity}` }
    const mayGoOn = () => Promise.resolve()
    return new RecordIntake(cluster, id, await MessageIntake.open(cluster, { plan, run, options: resolved, mayGoOn }))
  }

  private constructor(cluster: Cluster, run: string, intake: MessageIntake) {
    this.#cluster = cluster
    this.run = run
    this.#intake = intake
  }

  /** Takes records; the outcomes are in their order. A record never fails the others. @throws SY_CLUSTER_CLOSED after close */
  async take(records: readonly GivenRecord[]): Promise<RecordOutcome[]> {
    if (this.#isClosed) throw new ShardyardError('SY_CLUSTER_CLOSED', 'The intake is closed: open another one.')
    const outcomes = records
      .map(bytesOf)
      .map((raw) => new Promise<RecordOutcome>((resolve, reject) => this.#waiting.push({ raw, resolve, reject })))
    this.#work ??= this.#drain()
    return Promise.all(outcomes)
  }

  /** What has become of all records of the run so far. */
  account(): Promise<IngestAccount> {
    return this.#intake.account()
  }

  /** Settles what was given, and ends the run. */
  async close(): Promise<void> {
    const isFirst = !this.#isClosed
    this.#isClosed = true
    await this.#work
    if (isFirst) await this.#intake.close('complete')
  }

  async #drain(): Promise<void> {
    // Those that are given in the same turn of the event loop go together.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#settle(this.#waiting.splice(0, BATCH_MAX))
    this.#work = undefined
  }

  async #settle(batch: readonly Waiting[]): Promise<void> {
    const first = this.#position
    this.#position += batch.length
    const messages = batch.map(({ raw }, index): Message => ({ position: first + index, raw }))
    try {
      const unsettled = await this.#intake.settle(0, messages)
      const lines = await this.#linesOf(messages)
      for (const [index, { resolve }] of batch.entries()) {
        const position = first + index
        resolve(this.#outcomeOf(position, lines.get(position), unsettled))
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  #outcomeOf(position: number, found: FoundLine | undefined, unsettled: readonly Unsettled[]): RecordOutcome {
    if (found === undefined) {
      const failed = unsettled.find(({ positions }) => positions.has(position))
      const message = failed?.cause instanceof Error ? failed.cause.message : 'Its line was not found.'
      return { outcome: 'unavailable', database: failed?.database ?? '', message }
    }
    const { line, rowId } = found
    if (line.outcome === 'accepted' || line.outcome === 'duplicate') return { outcome: line.outcome, rowId }
    const reasons = line.outcome === 'blank' ? [EMPTY] : line.reasons
    return { outcome: 'rejected', rejectId: rejectId(this.run, line), reasons }
  }

  /** The lines of a batch by position. They are read back, so that also a commit whose answer was lost is told. */
  async #linesOf(messages: readonly Message[]): Promise<ReadonlyMap<number, FoundLine>> {
    const found = new Map<number, FoundLine>()
    const [first = 0, last = 0] = [messages[0]?.position, messages.at(-1)?.position]
    for (const part of await this.#intake.partsOf(0)) {
      let lines: IngestLine[]
      try {
        lines = await linesBetween(this.#cluster, part, first, last)
      } catch (error) {
        if (this.#cluster.member(part.database).driver.faultOf(causeOf(error)).kind !== 'unavailable') throw error
        continue
      }
      for (const line of lines) {
        const rowId =
          line.outcome === 'duplicate' ? (line.rowId ?? (await firstRowOf(this.#cluster, line))) : line.rowId
        found.set(line.position, { line, rowId })
      }
    }
    return found
  }
}

interface FoundLine {
  readonly line: IngestLine
  readonly rowId: string | undefined
}

/** The row of the record that a duplicate repeats. */
async function firstRowOf(cluster: Cluster, { database, hash }: IngestLine): Promise<string | undefined> {
  if (hash === undefined) return undefined
  const { dataSource, driver } = cluster.member(database)
  const { quote: q, placeholder: p } = driver.dialect
  const [row] = (await dataSource.query(
    `SELECT l.${q('rowId')} FROM ${q(HASH_TABLE)} h JOIN ${q(LINE_TABLE)} l ` +
      `ON l.${q('part')} = h.${q('part')} AND l.${q('position')} = h.${q('position')} ` +
      `WHERE h.${q('hash1')} = ${p(1)} AND h.${q('hash2')} = ${p(2)}`,
    [...hash],
  )) as Row[]
  return typeof row?.['rowId'] === 'string' ? row['rowId'] : undefined
}

function causeOf(error: unknown): unknown {
  return error instanceof ShardyardError ? error.cause : error
}

function bytesOf(record: GivenRecord): Buffer {
  if (typeof record === 'string') return Buffer.from(record)
  return record instanceof Uint8Array ? Buffer.from(record) : Buffer.from(JSON.stringify(record))
}
