/**
 * Loads the records of a source: one run, from its claim to its account.
 *
 * 1. Records run in waves along the references; a wave starts when the one before has settled.
 * 2. Every record read has one line in the ledger at the end, or the run is not complete.
 * 3. A fault of a database or of this process leaves a run that the same call resumes.
 */
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf } from '../../cluster/entity.js'
import { sourceKey, type RecordSource } from '../../cluster/record-source.js'
import { ShardyardError } from '../../errors.js'
import { answerLimit } from '../../util/answer-limit.js'
import { groupBy } from '../../util/group-by.js'
import { within } from '../../util/sleep.js'
import { countFor, destinationsOf, type Destination } from '../bulk/destinations.js'
import { LatencyCounts } from '../bulk/latency-counts.js'
import { NO_CARE, SIGNAL, type WorkerReport, type WritePlan } from '../bulk/messages.js'
import { untilReachable } from '../bulk/until-reachable.js'
import { TaskFailed } from '../bulk/task-failed.js'
import { WorkerPool } from '../bulk/worker-pool.js'
import { strayPlan, writePlanOf } from '../bulk/write-plan.js'
import type { RunAccount } from '../reports/run-account.js'
import { accountOf, imbalances } from './account.js'
import { continueIds } from './continue-ids.js'
import { Heartbeat } from './heartbeat.js'
import { resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from './load-options.js'
import { requireShared } from './require-shared.js'
import { controlOf, RunStore, type ClaimedRun, type ReadCount } from './run-store.js'
import { generateTasks, recordPasses, strayTasks } from './tasks.js'
import { wavesOf } from './waves.js'

/** From this many records on, threads make and judge the records of a generated source themselves, */
const GENERATE_FROM = 20_000
/** if they are few: each of them then loads TypeORM and the entities, which many cannot share the memory for. */
const GENERATING_THREADS_MAX = 4
const RELEASE_LIMIT_MS = 2_000

/**
 * Loads a source into the databases of its entities with worker threads. Rejected records are a result, not an error.
 *
 * @throws SY_DEFINITION_INVALID before anything is done, when a database is in memory, where threads cannot reach it;
 * SY_RUN_INCOMPLETE or SY_INTERRUPTED, and the same call resumes the run; SY_RUN_UNBALANCED
 */
export async function loadRecords(
  cluster: Cluster,
  source: RecordSource,
  options: LoadOptions = {},
): Promise<RunAccount> {
  const load = new Load(cluster, source, resolveLoadOptions(options))
  return load.run()
}

class Load {
  readonly #cluster: Cluster
  readonly #source: RecordSource
  readonly #options: ResolvedLoadOptions
  readonly #store: RunStore
  readonly #destinations: readonly Destination[]
  readonly #latencies = new LatencyCounts()
  readonly #busyMs: Record<string, number> = {}
  #settled = 0

  constructor(cluster: Cluster, source: RecordSource, options: ResolvedLoadOptions) {
    this.#cluster = cluster
    this.#source = source
    this.#options = options
    this.#store = new RunStore(cluster, answerLimit(options.waitMs))
    this.#destinations = destinationsOf(cluster, source)
    requireShared(cluster, [...this.#destinations.map(({ database }) => database), controlOf(cluster)])
  }

  async run(): Promise<RunAccount> {
    const { onEvent } = this.#options
    const readCounts = this.#readCounts()
    const run = await this.#claim(readCounts)
    for (const [us, times] of run.earlierMeasures.latencies) this.#latencies.add(us, times)
    Object.assign(this.#busyMs, run.earlierMeasures.busyMs)
    const total = readCounts.reduce((sum, { read }) => sum + read, 0)
    onEvent({ kind: 'started', run: run.id, isResumed: run.isResumed, total })
    const startedAt = performance.now()
    const wallMs = () => run.earlierWallMs + performance.now() - startedAt
    try {
      await this.#write(run)
      return await this.#conclude(run, readCounts, wallMs)
    } catch (error) {
      throw await this.#giveUp(run, wallMs(), error)
    }
  }

  async #claim(readCounts: readonly ReadCount[]): Promise<ClaimedRun> {
    const { threads, batch, signal, onEvent } = this.#options
    const onWaiting = (other: RunRow) => onEvent({ kind: 'waiting-for-run', run: other.id })
    try {
      return await this.#store.claim(this.#source, {
        kind: 'simulation',
        threads,
        batch,
        readCounts,
        signal,
        onWaiting,
      })
    } catch (error) {
      if (signal?.aborted !== true) throw error
      throw new ShardyardError('SY_INTERRUPTED', 'The load was interrupted before it began. The same command runs it.')
    }
  }

  /** How many records of each entity there are, and where their lines go. */
  #readCounts(): ReadCount[] {
    const hasRouters = this.#cluster.definition.routers.length > 0
    const placed = this.#destinations.map((destination) => ({
      entity: nameOf(destination.entity),
      database: destination.database,
      read: countFor(this.#source, destination, hasRouters),
    }))
    const strays = groupBy(this.#source.strays, (stray) => stray.entity)
    const control = this.#cluster.definition.control ?? ''
    return [...placed, ...[...strays].map(([entity, records]) => ({ entity, database: control, read: records.length }))]
  }

  async #write(run: ClaimedRun): Promise<void> {
    const { threads, config, signal, onEvent } = this.#options
    const generator = this.#generatorFor(config)
    const plans = this.#plans()
    const pool = new WorkerPool({
      threads,
      start: { facts: this.#factsOf(run), plans, generator, faults: this.#options.faults },
      onReport: (report, thread) => this.#receive(report, thread),
    })
    const stop = () => pool.signal(SIGNAL.stop)
    signal?.addEventListener('abort', stop)
    if (signal?.aborted === true) stop()
    const heartbeat = new Heartbeat(this.#store, run, {
      waitMs: this.#options.waitMs,
      onDown: (message) => {
        const database = this.#cluster.definition.control ?? ''
        onEvent({ kind: 'waiting-for-database', database, message })
        pool.signal(SIGNAL.pause)
      },
      onUp: () => pool.signal(SIGNAL.run),
      onEnd: stop,
    })
    try {
      const care = { ...NO_CARE, isReplay: run.isResumed }
      const context = {
        cluster: this.#cluster,
        source: this.#source,
        destinations: this.#destinations,
        care,
        options: this.#options,
      }
      for (const wave of wavesOf(this.#source.entities)) {
        const passes = generator === undefined ? recordPasses(context, wave) : [generateTasks(context, wave, threads)]
        for (const tasks of passes) {
          await pool.execute(tasks)
          this.#requireGoingOn(heartbeat)
        }
      }
      await pool.execute(strayTasks(this.#source, plans, care))
      this.#requireGoingOn(heartbeat)
      await pool.flush()
    } finally {
      signal?.removeEventListener('abort', stop)
      heartbeat.stop()
      await pool.close()
    }
  }

  #plans(): WritePlan[] {
    const plans = this.#destinations.map(({ entity, database }) => writePlanOf(this.#cluster, entity, database))
    const names = new Set(this.#source.strays.map((stray) => stray.entity))
    const control = this.#cluster.member(this.#cluster.definition.control ?? '')
    return [...plans, ...[...names].map((name) => strayPlan(control, name))]
  }

  #generatorFor(config: string | undefined) {
    const { generator } = this.#source
    const areFew = this.#options.threads <= GENERATING_THREADS_MAX
    if (generator === undefined || config === undefined || generator.count < GENERATE_FROM || !areFew) return undefined
    return { config, options: generator }
  }

  #factsOf(run: ClaimedRun) {
    const { batch, waitMs } = this.#options
    return { run: run.id, source: sourceKey(this.#source.identity), batch, waitMs }
  }

  #receive(report: WorkerReport, thread: number): void {
    if (report.kind === 'waiting') {
      this.#options.onEvent({ kind: 'waiting-for-database', database: report.database, message: report.message })
    }
    if (report.kind !== 'progress') return
    this.#settled += report.settled
    this.#busyMs[thread] = (this.#busyMs[thread] ?? 0) + report.busyMs
    for (const [us, times] of report.latencies) this.#latencies.add(us, times)
    this.#options.onEvent({ kind: 'progress', settled: this.#settled })
  }

  #requireGoingOn(heartbeat: Heartbeat): void {
    if (heartbeat.isGone) throw new TaskFailed('it does not answer', this.#cluster.definition.control, false)
    if (heartbeat.isLost) throw new TaskFailed('another process has taken the run over', undefined, true)
    if (this.#options.signal?.aborted === true) throw new Interrupted()
  }

  async #conclude(run: ClaimedRun, readCounts: readonly ReadCount[], wallMs: () => number): Promise<RunAccount> {
    for (const { entity, database } of this.#destinations) {
      await untilReachable(this.#cluster, this.#options, database, () => continueIds(this.#cluster, entity, database))
    }
    const { control } = this.#cluster.definition
    const row = await untilReachable(this.#cluster, this.#options, control, () => this.#store.find(run.id))
    const measures = { busyMs: this.#busyMs, latencies: this.#latencies.entries() }
    const complete = { ...(row as RunRow), state: 'complete', measures: JSON.stringify(measures) }
    const account = await untilReachable(this.#cluster, this.#options, undefined, () =>
      accountOf(this.#cluster, { ...complete, wallMs: wallMs() }),
    )
    const unbalanced = imbalances(account, readCounts)
    if (unbalanced.length > 0) {
      throw new ShardyardError(
        'SY_RUN_UNBALANCED',
        `Run ${run.id} does not balance: ${unbalanced.join('; ')}. The same call goes on where it is.`,
        { details: { run: run.id, unbalanced } },
      )
    }
    const finished = await untilReachable(this.#cluster, this.#options, control, async () => {
      await this.#store.release(run, { state: 'complete', wallMs: account.wallMs, measures })
      return this.#store.find(run.id)
    })
    return { ...account, finishedAt: finished?.finishedAt ?? undefined }
  }

  /** Leaves the run so that the same call resumes it; answers the error that says so. */
  async #giveUp(run: ClaimedRun, wallMs: number, error: unknown): Promise<unknown> {
    const isInterrupted = error instanceof Interrupted || this.#options.signal?.aborted === true
    const measures = { busyMs: this.#busyMs, latencies: this.#latencies.entries() }
    const state = isInterrupted ? 'interrupted' : 'incomplete'
    // When control is down too, the lease runs out by itself.
    const released = this.#store.release(run, { state, wallMs, measures }).catch(() => undefined)
    await within(released, RELEASE_LIMIT_MS)
    if (error instanceof ShardyardError && error.code === 'SY_RUN_UNBALANCED') return error
    const details = {
      run: run.id,
      settled: this.#settled,
      database: error instanceof TaskFailed ? error.database : undefined,
    }
    if (isInterrupted) {
      return new ShardyardError('SY_INTERRUPTED', `Run ${run.id} was interrupted. The same command resumes it.`, {
        details,
      })
    }
    const why = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
    const { database } = details
    const where = database === undefined || why.includes(`"${database}"`) ? '' : ` Database "${database}":`
    return new ShardyardError(
      'SY_RUN_INCOMPLETE',
      `Run ${run.id} has stopped before its end.${where} ${why}. ` +
        'What is stored stays stored; mend that, and the same command resumes the run.',
      { cause: error, details },
    )
  }
}

class Interrupted extends Error {}
