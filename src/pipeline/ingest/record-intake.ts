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
import { TaskFailed } from '../bulk/task-failed.js'
import { RunHold } from '../runs/run-hold.js'
import { runId, RunStore } from '../runs/run-store.js'
import type { IngestAccount } from './ingest-account.js'
import { resolveIngestOptions, type IngestOptions } from './ingest-options.js'
import type { IngestReason } from './ingest-reason.js'
import { linesBetween } from './ledger-reader.js'
import { MessageIntake, messagePlan, type Message, type ToldMessage, type Unsettled } from './message-intake.js'
import type { RecordHash } from './record-hash.js'
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
/** One is written while the disk works on the other. */
const BATCHES_MAX = 2
/** How long a batch waits for more at most, in milliseconds, while every turn of the event loop brings some. */
const GATHER_MS = 5
const WAIT_MS = 5_000
/** How long control may take to be told that the run is at work. */
const HOLD_MS = 5_000
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
  readonly #hold: RunHold
  readonly #waiting: Waiting[] = []
  #position = 0
  /** Batches under way. */
  readonly #open = new Set<Promise<void>>()
  #isSoon = false
  #closing: Promise<void> | undefined

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
    const run = { id, identity: `${TOPIC} ${id}`, title: `${TOPIC} into ${plan.entity}`, isHeld: true }
    const mayGoOn = () => Promise.resolve()
    const intake = await MessageIntake.open(cluster, { plan, run, options: resolved, mayGoOn })
    try {
      const hold = await RunHold.begin(new RunStore(cluster, HOLD_MS), id)
      return new RecordIntake(cluster, intake, { run: id, hold })
    } catch (error) {
      await intake.close('complete')
      throw error
    }
  }

  private constructor(
    cluster: Cluster,
    intake: MessageIntake,
    { run, hold }: { readonly run: string; readonly hold: RunHold },
  ) {
    this.#cluster = cluster
    this.#intake = intake
    this.run = run
    this.#hold = hold
  }

  /** Takes records; the outcomes are in their order. A record never fails the others. @throws SY_CLUSTER_CLOSED after close */
  async take(records: readonly GivenRecord[]): Promise<RecordOutcome[]> {
    return Promise.all(records.map((record) => this.takeOne(record)))
  }

  /** Takes one record; its bytes must stay as they are until the outcome is told. @throws SY_CLUSTER_CLOSED after close */
  takeOne(record: GivenRecord): Promise<RecordOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== undefined)
        throw new ShardyardError('SY_CLUSTER_CLOSED', 'The intake is closed: open another one.')
      this.#waiting.push({ raw: bytesOf(record), resolve, reject })
      this.#settleSoon()
    })
  }

  /** What has become of all records of the run so far. */
  account(): Promise<IngestAccount> {
    return this.#intake.account()
  }

  /** Settles what was given, and ends the run. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    while (this.#isSoon || this.#open.size > 0) {
      await Promise.all(this.#open)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await this.#hold.end()
    await this.#intake.close('complete')
  }

  /** Those go together that arrive without a pause: a commit costs as much as many records. */
  #settleSoon(): void {
    if (this.#isSoon || this.#open.size >= BATCHES_MAX) return
    this.#isSoon = true
    const until = performance.now() + GATHER_MS
    let seen = 0
    const gather = () => {
      const count = this.#waiting.length
      if (count > seen && count < BATCH_MAX && performance.now() < until) {
        seen = count
        setImmediate(gather)
        return
      }
      this.#isSoon = false
      const settled = this.#settle(this.#waiting.splice(0, BATCH_MAX)).finally(() => {
        this.#open.delete(settled)
        if (this.#waiting.length > 0) this.#settleSoon()
      })
      this.#open.add(settled)
      if (this.#waiting.length > 0) this.#settleSoon()
    }
    setImmediate(gather)
  }

  async #settle(batch: readonly Waiting[]): Promise<void> {
    const first = this.#position
    this.#position += batch.length
    const messages = batch.map(({ raw }, index): Message => ({ position: first + index, raw }))
    try {
      const settled = await this.#intake.settle(0, messages)
      const told = await this.#withRows(settled.told)
      const missing = messages.filter(({ position }) => !told.has(position))
      const found = missing.length === 0 ? told : await this.#linesOf(missing)
      for (const [index, { resolve }] of batch.entries()) {
        const position = first + index
        resolve(this.#outcomeOf(position, told.get(position) ?? found.get(position), settled.unsettled))
      }
    } catch (error) {
      for (const { resolve, reject } of batch) {
        if (error instanceof TaskFailed) resolve(unavailable(error))
        else reject(error)
      }
    }
  }

  #outcomeOf(position: number, told: ToldMessage | undefined, unsettled: readonly Unsettled[]): RecordOutcome {
    if (told === undefined) {
      const failed = unsettled.find(({ positions }) => positions.has(position))
      return unavailable(failed?.cause, failed?.database)
    }
    const { outcome, rowId, reasons } = told
    if (outcome === 'accepted' || outcome === 'duplicate') return { outcome, rowId }
    const id = rejectId(this.run, { file: 0, position })
    return { outcome: 'rejected', rejectId: id, reasons: outcome === 'blank' ? [EMPTY] : reasons }
  }

  /** The lines of messages whose commit was not answered, as they are stored. */
  async #linesOf(messages: readonly Message[]): Promise<ReadonlyMap<number, ToldMessage>> {
    const found = new Map<number, ToldMessage>()
    const [first = 0, last = 0] = [messages[0]?.position, messages.at(-1)?.position]
    for (const part of await this.#intake.partsOf(0)) {
      const lines = await this.#ifUp(part.database, () => linesBetween(this.#cluster, part, first, last))
      for (const { position, database, outcome, rowId, hash, reasons } of lines ?? []) {
        found.set(position, { database, outcome, rowId, hash, reasons })
      }
    }
    return this.#withRows(found)
  }

  /** Adds the rows that duplicates repeat. */
  async #withRows(told: ReadonlyMap<number, ToldMessage>): Promise<ReadonlyMap<number, ToldMessage>> {
    const open: [number, ToldMessage][] = []
    for (const entry of told) if (entry[1].outcome === 'duplicate' && entry[1].rowId === undefined) open.push(entry)
    if (open.length === 0) return told
    const all = new Map(told)
    for (const database of new Set(open.map(([, message]) => message.database))) {
      const own = open.filter(([, message]) => message.database === database)
      const hashes = own.flatMap(([, { hash }]) => (hash === undefined ? [] : [hash]))
      const rows = await this.#ifUp(database, () => firstRowsOf(this.#cluster, database, hashes))
      for (const [position, message] of own) {
        all.set(position, { ...message, rowId: rows?.get(String(message.hash)) })
      }
    }
    return all
  }

  /** Undefined when the database is down. */
  async #ifUp<T>(database: string, question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question()
    } catch (error) {
      if (this.#cluster.member(database).driver.faultOf(causeOf(error)).kind !== 'unavailable') throw error
      return undefined
    }
  }
}

function unavailable(cause: unknown, database?: string): RecordOutcome {
  const message = cause instanceof Error ? cause.message : 'Its line was not found.'
  const lost = database ?? (cause instanceof TaskFailed ? cause.database : undefined) ?? ''
  return { outcome: 'unavailable', database: lost, message }
}

/** The rows of the records with these hashes, by the hash as text. */
async function firstRowsOf(
  cluster: Cluster,
  database: string,
  hashes: readonly RecordHash[],
): Promise<ReadonlyMap<string, string>> {
  const { dataSource, driver } = cluster.member(database)
  const { quote: q, placeholder: p } = driver.dialect
  const found = new Map<string, string>()
  if (hashes.length === 0) return found
  const places = hashes.map((_, index) => p(index + 1)).join(', ')
  const rows = (await dataSource.query(
    `SELECT h.${q('hash1')}, h.${q('hash2')}, l.${q('rowId')} FROM ${q(HASH_TABLE)} h JOIN ${q(LINE_TABLE)} l ` +
      `ON l.${q('part')} = h.${q('part')} AND l.${q('position')} = h.${q('position')} WHERE h.${q('hash1')} IN (${places})`,
    hashes.map(([hash1]) => hash1),
  )) as Row[]
  for (const row of rows) {
    if (typeof row['rowId'] === 'string') found.set(`${Number(row['hash1'])},${Number(row['hash2'])}`, row['rowId'])
  }
  return found
}

function causeOf(error: unknown): unknown {
  return error instanceof ShardyardError ? error.cause : error
}

function bytesOf(record: GivenRecord): Buffer {
  if (typeof record === 'string') return Buffer.from(record)
  if (!(record instanceof Uint8Array)) return Buffer.from(JSON.stringify(record))
  return Buffer.from(record.buffer, record.byteOffset, record.length)
}
