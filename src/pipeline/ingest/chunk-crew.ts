/** Those who write the chunks of an ingestion: worker threads, or this thread when there is no config to import. */
import type { Cluster } from '../../cluster/cluster.js'
import { answerLimit } from '../../util/answer-limit.js'
import { faultPointOf } from '../bulk/fault-points.js'
import { pastSpan } from '../../util/tracing.js'
import { NO_CARE, SIGNAL, type WorkerReport } from '../bulk/messages.js'
import { Stopped } from '../bulk/stopped.js'
import { WorkerPool } from '../bulk/worker-pool.js'
import { strayPlan } from '../bulk/write-plan.js'
import { ChunkOrder } from './chunk-order.js'
import { ChunkWork } from './chunk-work.js'
import type { ResolvedIngestOptions } from './ingest-options.js'
import type { ChunkTask, IngestPlan, IngestStart } from './ingest-plan.js'
import type { OpenedFile } from './open-files.js'
import type { Part, PartStore } from './part-store.js'

/** What a crew works on. */
export interface CrewOptions {
  readonly run: { readonly id: string; readonly isResumed: boolean }
  readonly plan: IngestPlan
  readonly files: readonly OpenedFile[]
  /** For each file its parts, in the order of the plan's databases. */
  readonly parts: readonly (readonly Part[])[]
  readonly options: ResolvedIngestOptions
  readonly onReport: (report: WorkerReport, thread: number) => void
}

export class ChunkCrew {
  readonly #options: CrewOptions
  readonly #order: ChunkOrder
  readonly #hands: Hands
  /** Databases that were down and have to be written later. */
  readonly #leftOut = new Set<number>()
  #hasMissed = false
  /** For each file the chunks that are settled, all before the number and those in the set. */
  readonly #progress: { next: number; readonly ahead: Set<number> }[]
  #sequence = 0
  #id = 0

  constructor(cluster: Cluster, options: CrewOptions) {
    this.#options = options
    const { plan, files, parts } = options
    const order = ChunkOrder.bufferFor(plan.databases.length)
    this.#order = new ChunkOrder(order)
    this.#progress = parts.map((own) => ({
      next: Math.min(...own.map(({ row }) => Number(row.next))),
      ahead: new Set(),
    }))
    const start: IngestStart = {
      plan,
      config: options.options.config ?? '',
      descriptors: files.map(({ source }) => source.handle.fd),
      parts: parts.map((own) => own.map(({ row }) => Number(row.id))),
      origins: files.map(({ origins }) => origins),
      order,
    }
    const onReport = (report: WorkerReport, thread: number) => this.#receive(report, thread)
    this.#hands =
      options.options.config === undefined
        ? new OwnHands(cluster, start, { ...options, onReport })
        : poolOf(cluster, start, { ...options, onReport })
  }

  /** Writes all chunks; databases that were left out are written when `isBack` has returned for them. */
  async execute(isBack: (database: number) => Promise<void>): Promise<void> {
    const all = this.#options.plan.databases.map((_, index) => index)
    await this.#hands.execute(this.#tasks(all, (file) => this.#progress[file]?.next ?? 0))
    while (this.#leftOut.size > 0 && !this.#hands.isStopped) {
      const [database = 0] = this.#leftOut
      await isBack(database)
      this.#order.restart(database, this.#sequence)
      this.#hasMissed = false
      // The part knows how far it is, and passes over what it has.
      await this.#hands.execute(this.#tasks([database], () => 0))
      if (!this.#hasMissed && !this.#hands.isStopped) this.#leftOut.delete(database)
    }
  }

  /** Notes in control how far the files are, so that a run that is resumed need not look at what had nothing for it. */
  async checkpoint(parts: PartStore): Promise<void> {
    if (this.#leftOut.size > 0) return
    for (const [file, { next }] of this.#progress.entries()) {
      const part = this.#options.parts[file]?.at(-1)
      if (part !== undefined) await parts.advance(part, next)
    }
  }

  flush(): Promise<void> {
    return this.#hands.flush()
  }
  close(): Promise<void> {
    return this.#hands.close()
  }
  stop(): void {
    this.#hands.signal(SIGNAL.stop)
  }
  pause(): void {
    this.#hands.signal(SIGNAL.pause)
  }
  goOn(): void {
    this.#hands.signal(SIGNAL.run)
  }

  async *#tasks(databases: readonly number[], firstOf: (file: number) => number): AsyncGenerator<ChunkTask> {
    const care = { ...NO_CARE, isReplay: this.#options.run.isResumed }
    for (const [plan, { chunks }] of this.#options.files.entries()) {
      for (let number = firstOf(plan); number < chunks.length; number++) {
        const chunk = chunks[number]
        if (chunk === undefined) continue
        const sequence = this.#sequence++
        yield { kind: 'chunk', id: ++this.#id, plan, chunk, number, sequence, databases, care }
      }
    }
  }

  #receive(report: WorkerReport, thread: number): void {
    if (report.kind === 'chunk') {
      const { task, outcome } = report
      pastSpan('ingest chunk', report.busyMs, { 'shardyard.run': this.#options.run.id, 'shardyard.chunk': task.number })
      for (const database of outcome.leftOut) this.#leftOut.add(database)
      if (outcome.leftOut.length > 0) this.#hasMissed = true
      const progress = this.#progress[task.plan]
      progress?.ahead.add(task.number)
      while (progress?.ahead.delete(progress.next) === true) progress.next += 1
    }
    this.#options.onReport(report, thread)
  }
}

/** Whoever does the tasks. */
interface Hands {
  readonly isStopped: boolean
  execute(tasks: AsyncGenerator<ChunkTask>): Promise<void>
  flush(): Promise<void>
  close(): Promise<void>
  signal(signal: (typeof SIGNAL)[keyof typeof SIGNAL]): void
}

function poolOf(cluster: Cluster, ingest: IngestStart, { run, plan, options, onReport }: CrewOptions): Hands {
  const facts = { run: run.id, source: '', batch: 1, waitMs: options.waitMs }
  const control = cluster.member(plan.databases.at(-1) ?? '')
  let isStopped = false
  const pool = new WorkerPool({
    threads: options.threads,
    start: { facts, plans: [strayPlan(control, plan.entity)], generator: undefined, ingest, faults: options.faults },
    onReport,
  })
  return {
    get isStopped() {
      return isStopped
    },
    execute: (tasks) => pool.execute(tasks),
    flush: () => pool.flush(),
    close: () => pool.close(),
    signal(signal) {
      if (signal === SIGNAL.stop) isStopped = true
      pool.signal(signal)
    },
  }
}

/** This thread. */
class OwnHands implements Hands {
  readonly #work: ChunkWork
  readonly #onReport: CrewOptions['onReport']
  readonly #stop = new AbortController()
  #pause: { readonly over: Promise<void>; readonly end: () => void } | undefined

  constructor(cluster: Cluster, start: IngestStart, { options, onReport }: CrewOptions) {
    this.#onReport = onReport
    this.#work = new ChunkWork(cluster, start, {
      waitMs: options.waitMs,
      fault: faultPointOf(options.faults),
      atWork: () => undefined,
      waiting: (database, message) => onReport({ kind: 'waiting', database, message }, 1),
      answerMs: () => answerLimit(options.waitMs),
      isLoad: true,
      mayGoOn: async () => {
        await this.#pause?.over
        if (this.isStopped) throw new Stopped()
      },
      stopSignal: this.#stop.signal,
    })
  }

  get isStopped(): boolean {
    return this.#stop.signal.aborted
  }

  async execute(tasks: AsyncGenerator<ChunkTask>): Promise<void> {
    try {
      for await (const task of tasks) {
        if (this.isStopped) return
        const startedAt = performance.now()
        const outcome = await this.#work.run(task)
        this.#onReport({ kind: 'chunk', task, outcome, busyMs: performance.now() - startedAt }, 1)
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
    }
  }

  flush(): Promise<void> {
    return this.#work.flush()
  }
  close(): Promise<void> {
    return this.#work.close()
  }

  signal(signal: (typeof SIGNAL)[keyof typeof SIGNAL]): void {
    if (signal === SIGNAL.stop) this.#stop.abort(new Stopped())
    if (signal === SIGNAL.pause && this.#pause === undefined) {
      let end: () => void = () => undefined
      this.#pause = { over: new Promise((resolve) => (end = resolve)), end: () => end() }
    } else if (signal !== SIGNAL.pause) {
      this.#pause?.end()
      this.#pause = undefined
    }
  }
}
