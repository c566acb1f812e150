/** The part of a worker thread that writes: connections, batches, and what to do when a database fails. */
import type { Connection, Driver, Fault } from '../../drivers/driver.js'
import { driverOf } from '../../drivers/registry.js'
import { ShardyardError } from '../../errors.js'
import type { FaultPoint } from '../../util/faults.js'
import { sleep } from '../../util/sleep.js'
import type { Care, JudgedRecord, RunFacts, WritePlan } from './messages.js'
import { TaskFailed } from './task-failed.js'
import { writeBatch, writeDurations, type BatchContext } from './write-batch.js'

/** How the writer reaches the thread around it. */
export interface WriterEnvironment {
  readonly thread: number
  readonly facts: RunFacts
  readonly fault: FaultPoint
  /** Notes which record is at work, where a dying thread cannot take it along; undefined when none is. */
  readonly atWork: (position: number | undefined) => void
  /** The duration is undefined when the records had been settled before. */
  readonly settled: (records: number, durationUs: number | undefined) => void
  /** Waits for this thread's turn to write a database; the answer ends it. */
  readonly turn: (database: string) => Promise<() => void>
  readonly waiting: (database: string, message: string) => void
  /** How long a database may leave a statement waiting, in milliseconds. */
  readonly answerMs: () => number
  /** Returns when work may go on; throws when it is to stop. */
  readonly mayGoOn: () => Promise<void>
}

/** How often a transaction is run again because of what another writer did, before its records are written singly. */
const CONFLICTS_MAX = 20
const DURATIONS_MAX = 500
const DEADLY = 'RECORD_KILLS_WORKER'
const REFUSED = 'REFUSED_BY_DATABASE'

export class Writer {
  readonly #environment: WriterEnvironment
  readonly #connections = new Map<string, Connection>()
  readonly #durations = new Map<WritePlan, [position: number, durationUs: number][]>()

  constructor(environment: WriterEnvironment) {
    this.#environment = environment
  }

  /** Writes records in their order, in transactions of the run's size. */
  async write(plan: WritePlan, records: readonly JudgedRecord[], care: Care): Promise<void> {
    const size = this.#environment.facts.batch
    for (let from = 0; from < records.length; from += size) {
      const batch = records.slice(from, from + size).map((record) => asDeadly(record, care))
      const isSafe = size > 1 && !batch.some(({ position }) => care.alone.includes(position))
      if (isSafe) await this.#writeOrSplit(plan, batch, care.isReplay)
      else for (const record of batch) await this.#writeOrSplit(plan, [record], care.isReplay)
    }
  }

  /** Puts the last durations into the ledger and everything on disk. */
  async flush(): Promise<void> {
    for (const plan of this.#durations.keys()) await this.#flushDurations(plan)
    for (const connection of this.#connections.values()) await connection.flush()
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#connections.values()].map((connection) => connection.close()))
    this.#connections.clear()
  }

  async #writeOrSplit(plan: WritePlan, batch: readonly JudgedRecord[], isReplay: boolean): Promise<void> {
    const { atWork, settled, facts, mayGoOn } = this.#environment
    await mayGoOn()
    atWork(batch[0]?.position)
    const startedAt = performance.now()
    const written = await this.#untilWritten(plan, batch, isReplay)
    if (written.refusal !== undefined) {
      const [only] = batch
      // Its line is refused like its row: nothing is left to try.
      if (only?.reasons.some(({ code }) => code === REFUSED) === true) {
        throw new TaskFailed(messageOf(written.refusal), plan.database, true, written.refusal)
      }
      if (batch.length > 1) for (const record of batch) await this.#writeOrSplit(plan, [record], true)
      else if (only !== undefined) await this.#writeOrSplit(plan, [refused(only, written.refusal)], true)
      return
    }
    // What an earlier owner of the run has settled has its duration already.
    const isNew = written.settled > 0
    const durationUs = isNew ? Math.max(1, Math.round((performance.now() - startedAt) * 1000)) : undefined
    if (durationUs !== undefined && facts.batch === 1) await this.#keepDuration(plan, batch, durationUs)
    settled(batch.length, durationUs)
    atWork(undefined)
  }

  /** Writes a batch through outages and conflicts; answers the error when the database refuses the data itself. */
  async #untilWritten(
    plan: WritePlan,
    batch: readonly JudgedRecord[],
    isReplay: boolean,
  ): Promise<{ settled: number; refusal?: unknown }> {
    const { fault, mayGoOn } = this.#environment
    let [conflicts, isAgain] = [0, isReplay]
    for (const deadline = new Deadline(this.#environment.facts.waitMs); ; isAgain = true) {
      try {
        const context = await this.#contextOf(plan)
        for (const record of batch) if (!isDeadly(record)) fault('write', record.position, isReplay ? 2 : 1)
        const settled = await this.#inTurn(plan, () => writeBatch(context, batch, isAgain))
        fault('committed', batch[0]?.position, isReplay ? 2 : 1)
        return { settled }
      } catch (error) {
        await mayGoOn()
        const { kind } = driverOf(plan.connection.engine).faultOf(error)
        if (isOfTheData(kind) && (kind !== 'unique' || ++conflicts > CONFLICTS_MAX))
          return { settled: 0, refusal: error }
        if (kind !== 'unique' && kind !== 'conflict') await this.#wait(plan.database, error, kind, deadline)
        else await sleep(Math.random() * 5)
      }
    }
  }

  async #inTurn<T>({ database }: WritePlan, work: () => Promise<T>): Promise<T> {
    const endTurn = await this.#environment.turn(database)
    try {
      // The one before may have waited long, in vain.
      await this.#environment.mayGoOn()
      return await work()
    } finally {
      endTurn()
    }
  }

  async #contextOf(plan: WritePlan): Promise<BatchContext> {
    const { thread, facts, fault } = this.#environment
    const driver = driverOf(plan.connection.engine)
    const connection = await this.#connection(plan, driver)
    return { connection, dialect: driver.dialect, plan, facts, thread, beforeCommit: () => fault('before-commit') }
  }

  async #connection(plan: WritePlan, driver: Driver): Promise<Connection> {
    let connection = this.#connections.get(plan.database)
    if (connection === undefined) {
      connection = await driver.connect(plan.connection, this.#environment.answerMs, { isLoad: true })
      this.#connections.set(plan.database, connection)
    }
    return connection
  }

  /** Waits before the next attempt on a database that is not there, with a fresh connection. */
  async #wait(database: string, error: unknown, kind: Fault['kind'], deadline: Deadline): Promise<void> {
    if (error instanceof ShardyardError && error.code === 'SY_DRIVER_MISSING') throw error
    const isOutage = kind === 'unavailable' || (error instanceof ShardyardError && error.code === 'SY_DATABASE_BUSY')
    const isFinal = !isOutage
    const connection = this.#connections.get(database)
    this.#connections.delete(database)
    await connection?.close().catch(() => undefined)
    if (isFinal || deadline.isOver) throw new TaskFailed(messageOf(error), database, isFinal, error)
    this.#environment.waiting(database, messageOf(error))
    await sleep(deadline.nextDelayMs())
  }

  async #keepDuration(plan: WritePlan, batch: readonly JudgedRecord[], durationUs: number): Promise<void> {
    const durations = this.#durations.get(plan) ?? []
    this.#durations.set(plan, durations)
    for (const { position } of batch) durations.push([position, durationUs])
    if (durations.length >= DURATIONS_MAX) await this.#flushDurations(plan)
  }

  async #flushDurations(plan: WritePlan): Promise<void> {
    const durations = this.#durations.get(plan)?.splice(0) ?? []
    if (durations.length === 0) return
    for (const deadline = new Deadline(this.#environment.facts.waitMs); ; ) {
      try {
        const context = await this.#contextOf(plan)
        return await this.#inTurn(plan, () => writeDurations(context, durations))
      } catch (error) {
        await this.#environment.mayGoOn()
        const { kind } = driverOf(plan.connection.engine).faultOf(error)
        if (kind === 'conflict') await sleep(Math.random() * 5)
        else await this.#wait(plan.database, error, kind, deadline)
      }
    }
  }
}

/** Exponential delays with full jitter, up to a limit. */
class Deadline {
  readonly #endsAt: number
  #delayMs = 25
  constructor(limitMs: number) {
    this.#endsAt = performance.now() + limitMs
  }
  get isOver(): boolean {
    return performance.now() >= this.#endsAt
  }
  nextDelayMs(): number {
    this.#delayMs = Math.min(2_000, this.#delayMs * 2)
    return Math.random() * this.#delayMs
  }
}

function isOfTheData(kind: Fault['kind']): boolean {
  return kind === 'unique' || kind === 'check' || kind === 'not-null' || kind === 'too-long' || kind === 'out-of-range'
}

function asDeadly(record: JudgedRecord, { deadly }: Care): JudgedRecord {
  if (!deadly.includes(record.position)) return record
  const message = 'Two worker threads died at this record'
  return { ...record, reasons: [...record.reasons, { code: DEADLY, field: '', message }] }
}

/** Such a record is only noted: what killed the threads is not tried again. */
function isDeadly({ reasons }: JudgedRecord): boolean {
  return reasons.some(({ code }) => code === DEADLY)
}

/** The record with the database's refusal as a reason: a constraint that no rule of the entity foretold. */
function refused(record: JudgedRecord, error: unknown): JudgedRecord {
  const message = `The database refused it: ${messageOf(error)}`
  return { ...record, reasons: [{ code: REFUSED, field: '', message }] }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
