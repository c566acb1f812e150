/**
 * The worker threads of a load.
 *
 * States of a slot (one thread's place), and what moves it on:
 *   idle     waits for a task                    `execute`, `flush` → busy
 *   busy     has a task                          report `done`, `stopped`, `failed` → idle
 *   dead     its thread has ended by itself      a new thread is started → busy with the same task again
 *   closed   told to end                         `close`
 *
 * 1. There are exactly as many threads as were asked for, from the start to the end.
 * 2. A task is given up only by its own report; a thread that dies does not take it along.
 * 3. A record at which two threads have died is written as rejected by the third.
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { countThread } from '../../util/thread-count.js'
import { driverOf } from '../../drivers/registry.js'
import { SIGNAL, type Care, type Task, type WorkerReport, type WorkerStart } from './messages.js'
import { TaskFailed } from './task-failed.js'
import { WriterTurns } from './writer-turns.js'

/** What a pool needs; `onReport` sees progress and waiting. */
export interface PoolOptions {
  readonly threads: number
  readonly start: Omit<WorkerStart, 'thread' | 'shared' | 'turns'>
  readonly onReport: (report: WorkerReport, thread: number) => void
}

interface Slot {
  readonly thread: number
  worker: Worker
  task: Task | undefined
  finish: (() => void) | undefined
  fail: ((error: Error) => void) | undefined
  /** Deaths in a row at which no record was at work. */
  deathsWithoutRecord: number
  lastError: Error | undefined
}

const DEATHS_WITHOUT_RECORD_MAX = 3
/** Bounds a thread's heap, so that one that runs wild ends alone. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 }
/** A thread that ingests holds a chunk: its records come and go by the thousand. */
const INGEST_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 }
const CLOSE_LIMIT_MS = 5_000

export class WorkerPool {
  readonly #options: PoolOptions
  readonly #shared: Float64Array
  readonly #slots: Slot[] = []
  readonly #deaths = new Map<string, number>()
  readonly #turns: WorkerStart['turns']
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#shared = new Float64Array(new SharedArrayBuffer(8 * (options.threads + 1)))
    const databases = new Set(
      options.start.plans
        .filter(({ connection }) => driverOf(connection.engine).hasOneWriter)
        .map(({ database }) => database),
    )
    this.#turns = { databases: [...databases], buffer: WriterTurns.bufferFor(databases.size) }
    for (let thread = 1; thread <= options.threads; thread++) this.#slots.push(this.#openSlot(thread))
  }

  /** Tells all threads to go on, to pause before the next transaction, or to stop there, which is for good. */
  signal(signal: (typeof SIGNAL)[keyof typeof SIGNAL]): void {
    if (this.#shared[0] !== SIGNAL.stop) this.#shared[0] = signal
  }

  /** Hands out the tasks as threads become free; returns when all are done. Throws the first {@link TaskFailed}. */
  async execute(tasks: AsyncIterator<Task>): Promise<void> {
    let turn: Promise<unknown> = Promise.resolve()
    const next = (): Promise<IteratorResult<Task>> => {
      const pulled = turn.then(() => tasks.next())
      turn = pulled.catch(() => undefined)
      return pulled
    }
    const work = async (slot: Slot) => {
      for (;;) {
        if (this.#shared[0] === SIGNAL.stop) return
        const { done, value } = await next()
        if (done === true) return
        await this.#assign(slot, value)
      }
    }
    await allOrFirstError(
      this.#slots.map((slot) => work(slot)),
      () => this.signal(SIGNAL.stop),
    )
  }

  /** Has every thread put what it wrote on disk. */
  async flush(): Promise<void> {
    const flushes = this.#slots.map((slot) => this.#assign(slot, { kind: 'flush', id: -slot.thread }))
    await allOrFirstError(flushes, () => this.signal(SIGNAL.stop))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(
      this.#slots.map(async ({ worker }) => {
        const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
        const timer = setTimeout(() => void worker.terminate(), CLOSE_LIMIT_MS)
        worker.postMessage('end')
        if (worker.threadId > 0) await ended
        clearTimeout(timer)
      }),
    )
  }

  #openSlot(thread: number): Slot {
    const slot = {
      thread,
      task: undefined,
      finish: undefined,
      fail: undefined,
      deathsWithoutRecord: 0,
      lastError: undefined,
    }
    return Object.assign(slot, { worker: this.#startThread(slot as unknown as Slot) }) as unknown as Slot
  }

  #startThread(slot: Slot): Worker {
    const workerData: WorkerStart = {
      ...this.#options.start,
      thread: slot.thread,
      shared: this.#shared.buffer as SharedArrayBuffer,
      turns: this.#turns,
    }
    const worker = new Worker(join(__dirname, 'worker.js'), {
      workerData,
      resourceLimits: this.#options.start.ingest === undefined ? RESOURCE_LIMITS : INGEST_LIMITS,
    })
    countThread(worker)
    worker.on('message', (report: WorkerReport) => this.#receive(slot, report))
    worker.on('error', (error) => (slot.lastError = error))
    worker.on('exit', () => this.#buryAndReplace(slot))
    return worker
  }

  #assign(slot: Slot, task: Task): Promise<void> {
    return new Promise((resolve, reject) => {
      Object.assign(slot, { task, finish: resolve, fail: reject })
      slot.worker.postMessage(task)
    })
  }

  #receive(slot: Slot, report: WorkerReport): void {
    switch (report.kind) {
      case 'done':
      case 'stopped':
        slot.deathsWithoutRecord = 0
        return this.#settle(slot, slot.finish)
      case 'failed': {
        const error = new TaskFailed(report.message, report.database, report.isFinal)
        const { fail } = slot
        return this.#settle(slot, () => fail?.(error))
      }
      case 'progress':
        slot.deathsWithoutRecord = 0
        return this.#options.onReport(report, slot.thread)
      default:
        return this.#options.onReport(report, slot.thread)
    }
  }

  #settle(slot: Slot, then: (() => void) | undefined): void {
    slot.task = slot.finish = slot.fail = undefined
    then?.()
  }

  /** A thread has ended by itself: another takes its place and its task, with more care. */
  #buryAndReplace(slot: Slot): void {
    new WriterTurns(this.#turns.buffer).endAll(slot.thread)
    if (this.#isClosed) return
    const position = (this.#shared[slot.thread] ?? 0) - 1
    this.#shared[slot.thread] = 0
    const { task, fail } = slot
    // A record of which two threads have died is not tried again: a third death has another cause.
    const hasCause = position >= 0 && !isDeadly(task, position)
    if (!hasCause && ++slot.deathsWithoutRecord > DEATHS_WITHOUT_RECORD_MAX) {
      const why = slot.lastError?.message ?? 'it ended by itself'
      return this.#settle(slot, () =>
        fail?.(new TaskFailed(`A worker thread cannot be kept alive: ${why}`, undefined, true)),
      )
    }
    slot.worker = this.#startThread(slot)
    if (task === undefined) return
    slot.task = task.kind === 'flush' ? task : { ...task, care: this.#moreCare(task, position) }
    slot.worker.postMessage(slot.task)
  }

  #moreCare(task: Exclude<Task, { kind: 'flush' }>, position: number): Care {
    const care = { ...task.care, isReplay: true }
    if (position < 0) return care
    const key = `${task.plan}:${position}`
    const deaths = (this.#deaths.get(key) ?? 0) + 1
    this.#deaths.set(key, deaths)
    const alone = [...care.alone, position]
    return deaths < 2 ? { ...care, alone } : { ...care, alone, deadly: [...care.deadly, position] }
  }
}

function isDeadly(task: Task | undefined, position: number): boolean {
  return task !== undefined && task.kind !== 'flush' && task.care.deadly.includes(position)
}

/** Waits for all; after the first failure `stop` is called, the others are waited for, and the failure is thrown. */
async function allOrFirstError(works: readonly Promise<void>[], stop: () => void): Promise<void> {
  let first: { error: unknown } | undefined
  await Promise.all(
    works.map((work) =>
      work.catch((error: unknown) => {
        first ??= { error }
        stop()
      }),
    ),
  )
  if (first !== undefined) throw first.error
}
