/**
 * Ingests files: one run, from the first look at them to its account.
 *
 * 1. Every file is read once to know it (hash, shape, chunks), then chunk by chunk by the threads.
 * 2. Chunks are written in their order in each database; a part's progress is committed with its records.
 * 3. A run is complete only when each file's outcomes add up to the records that the first reading has counted.
 * 4. A fault of a database or of this process leaves a run that the same call resumes, and rejects nothing.
 */
import { createHash } from 'node:crypto'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import { ShardyardError } from '../../errors.js'
import { answerLimit } from '../../util/answer-limit.js'
import { within } from '../../util/sleep.js'
import type { WorkerReport } from '../bulk/messages.js'
import { TaskFailed } from '../bulk/task-failed.js'
import { untilReachable } from '../bulk/until-reachable.js'
import { requireUnchanged } from '../formats/spool.js'
import { continueIds } from '../runs/continue-ids.js'
import { Heartbeat } from '../runs/heartbeat.js'
import { requireShared } from '../runs/require-shared.js'
import { controlOf, RunStore, type ClaimedRun } from '../runs/run-store.js'
import { ChunkCrew } from './chunk-crew.js'
import { ChunkMeasures } from './chunk-measures.js'
import { entityOf } from './chunk-work.js'
import type { IngestAccount } from './ingest-account.js'
import { explained, Interrupted, TooManyRejects } from './ingest-end.js'
import {
  resolveIngestOptions,
  type IngestOptions,
  type IngestSource,
  type ResolvedIngestOptions,
} from './ingest-options.js'
import type { IngestPlan } from './ingest-plan.js'
import { closeFiles, openFiles, scanGiven, type NamedSource, type OpenedFile } from './open-files.js'
import { requireKey, requireMap } from './require-fit.js'
import { OUTCOMES } from './part-context.js'
import { ingestAccountOf, ingestImbalances, planOf, PartStore, type Part } from './part-store.js'

const RELEASE_LIMIT_MS = 2_000
const CHECKPOINT_MS = 2_000
/** How an ingestion is recorded among the runs. */
export const INGESTION = 'ingestion'

/**
 * Ingests files, streams or objects into the databases of an entity. Rejected records are a result, not an error.
 *
 * @throws SY_OPTION_INVALID, SY_ENTITY_UNKNOWN, SY_SOURCE_UNREADABLE; SY_RUN_INCOMPLETE, SY_INTERRUPTED or
 * SY_TOO_MANY_REJECTS, after which the same call goes on with the run; SY_RUN_UNBALANCED
 * @example
 * const account = await ingest(cluster, ['events.csv'], { into: Event, threads: 4, config: 'config.js' })
 */
export async function ingest(
  cluster: Cluster,
  sources: readonly IngestSource[],
  options: IngestOptions,
): Promise<IngestAccount> {
  return ingestNamed(
    cluster,
    sources.map((source) => ({ source })),
    options,
  )
}

/** The same for sources of which more is known. */
export async function ingestNamed(
  cluster: Cluster,
  sources: readonly NamedSource[],
  options: IngestOptions,
): Promise<IngestAccount> {
  const resolved = resolveIngestOptions(options)
  if (sources.length === 0) {
    throw new ShardyardError('SY_OPTION_INVALID', 'Expected at least one source to ingest, got none.')
  }
  const entity = entityIn(cluster, resolved.into)
  requireShared(cluster, databasesOf(cluster, entity))
  const files = await openFiles(sources, resolved)
  try {
    requireMap(entity, files, resolved)
    if (resolved.dedupe === 'key') requireKey(cluster, entity, files, resolved)
    return await new Ingestion(cluster, files, { ...resolved, entity }).run()
  } finally {
    await closeFiles(files)
  }
}

/** The placed entity that is meant. @throws SY_ENTITY_UNKNOWN */
export function entityIn(cluster: Cluster, into: IngestOptions['into']): PlacedEntity {
  const entity = typeof into === 'string' ? entityOf(cluster, into) : (into as PlacedEntity)
  cluster.router.routeForWrite(entity)
  return entity
}

class Ingestion {
  readonly #cluster: Cluster
  readonly #files: readonly OpenedFile[]
  readonly #options: ResolvedIngestOptions & { readonly entity: PlacedEntity }
  readonly #plan: IngestPlan
  readonly #store: RunStore
  readonly #measured = new ChunkMeasures()
  #settled = 0
  #rejected = 0

  constructor(
    cluster: Cluster,
    files: readonly OpenedFile[],
    options: ResolvedIngestOptions & { readonly entity: PlacedEntity },
  ) {
    this.#cluster = cluster
    this.#files = files
    this.#options = options
    this.#store = new RunStore(cluster, answerLimit(options.waitMs))
    const { dedupe, ledger, map, zone, chunkBytes, entity } = options
    this.#plan = {
      entity: nameOf(entity),
      dedupe,
      ledger,
      map,
      zone,
      chunkBytes,
      scan: scanGiven(options),
      databases: databasesOf(cluster, entity),
      files: files.map(({ path, title, sha256, sizeBytes, shape, records }) => ({
        path,
        title,
        sha256,
        sizeBytes,
        shape,
        records,
      })),
    }
  }

  async run(): Promise<IngestAccount> {
    await this.#requireResumable()
    const run = await this.#claim()
    const total = this.#total
    const startedAt = performance.now()
    const wallMs = () => run.earlierWallMs + performance.now() - startedAt
    this.#measured.goOn(run.earlierMeasures)
    try {
      const parts = new PartStore(this.#cluster, run.id, this.#plan)
      const opened = await this.#patiently(undefined, () => parts.open())
      this.#countEarlier(opened)
      this.#options.onEvent({ kind: 'started', run: run.id, isResumed: run.isResumed, total })
      await this.#write(run, parts, opened)
      await this.#requireSameFiles()
      return await this.#conclude(run, wallMs)
    } catch (error) {
      // A file that was changed explains whatever else went wrong with it.
      const cause: unknown = await this.#requireSameFiles().then(
        () => error,
        (changed: unknown) => changed,
      )
      throw await this.#giveUp(run, wallMs(), cause)
    }
  }

  /** A run that is to be resumed reads what it has read before. */
  async #requireResumable(): Promise<void> {
    const { resume } = this.#options
    if (resume === undefined) return
    const run = await this.#patiently(this.#plan.databases.at(-1), () => this.#store.find(resume))
    if (run?.identity === identityOf(this.#plan) && run.openSource !== null) return
    throw new ShardyardError(
      'SY_INPUT_INVALID',
      `Run ${resume} cannot be resumed: its files have changed since, or it is complete. Ingest them anew: what is stored is found again.`,
      { details: { run: resume } },
    )
  }

  get #total(): number {
    return this.#files.reduce((sum, { records }) => sum + records, 0)
  }

  async #claim(): Promise<ClaimedRun> {
    const { threads, signal, onEvent } = this.#options
    const source = { identity: identityOf(this.#plan), title: titleOf(this.#plan) }
    try {
      return await this.#store.claim(source, {
        kind: INGESTION,
        threads,
        batch: 0,
        readCounts: [{ entity: this.#plan.entity, database: '', read: this.#total }],
        plan: JSON.stringify(this.#plan),
        signal,
        onWaiting: (other: RunRow) => onEvent({ kind: 'waiting-for-run', run: other.id }),
      })
    } catch (error) {
      if (signal?.aborted !== true) throw error
      throw new ShardyardError('SY_INTERRUPTED', 'The run was interrupted before it began. The same command runs it.')
    }
  }

  #countEarlier(parts: readonly (readonly Part[])[]): void {
    for (const { row } of parts.flat()) {
      for (const outcome of OUTCOMES) this.#settled += Number(row[outcome])
      this.#rejected += Number(row.rejected)
    }
  }

  async #write(run: ClaimedRun, parts: PartStore, opened: readonly (readonly Part[])[]): Promise<void> {
    const { signal, onEvent, waitMs } = this.#options
    const crew = new ChunkCrew(this.#cluster, {
      run,
      plan: this.#plan,
      files: this.#files,
      parts: opened,
      options: this.#options,
      onReport: (report, thread) => this.#receive(report, thread, crew),
    })
    const stop = () => crew.stop()
    signal?.addEventListener('abort', stop)
    if (signal?.aborted === true) stop()
    const control = this.#plan.databases.at(-1) ?? ''
    const heartbeat = new Heartbeat(this.#store, run, {
      waitMs,
      onDown: (message) => {
        onEvent({ kind: 'waiting-for-database', database: control, message })
        crew.pause()
      },
      onUp: () => crew.goOn(),
      onEnd: stop,
    })
    const checkpoint = setInterval(() => void crew.checkpoint(parts).catch(() => undefined), CHECKPOINT_MS)
    try {
      await crew.execute((database) =>
        this.#patiently(this.#plan.databases[database], async () => {
          await this.#cluster.member(this.#plan.databases[database] ?? '').open()
        }),
      )
      this.#requireGoingOn(heartbeat, control)
      await crew.flush()
      await crew.checkpoint(parts)
    } finally {
      clearInterval(checkpoint)
      signal?.removeEventListener('abort', stop)
      heartbeat.stop()
      await crew.close()
    }
  }

  #receive(report: WorkerReport, thread: number, crew: ChunkCrew): void {
    if (report.kind === 'waiting') {
      this.#options.onEvent({ kind: 'waiting-for-database', database: report.database, message: report.message })
    }
    if (report.kind !== 'chunk') return
    const { counts } = report.outcome
    for (const outcome of OUTCOMES) this.#settled += counts[outcome]
    this.#rejected += counts.rejected
    this.#measured.add(thread, { counts, busyMs: report.busyMs })
    this.#options.onEvent({ kind: 'progress', settled: this.#settled, rejected: this.#rejected })
    if (this.#hasTooManyRejects) crew.stop()
  }

  get #hasTooManyRejects(): boolean {
    return this.#rejected > this.#options.rejectsMax(this.#total)
  }

  #requireGoingOn(heartbeat: Heartbeat, control: string): void {
    if (heartbeat.isGone) throw new TaskFailed('it does not answer', control, false)
    if (heartbeat.isLost) throw new TaskFailed('another process has taken the run over', undefined, true)
    if (this.#hasTooManyRejects) throw new TooManyRejects()
    if (this.#options.signal?.aborted === true) throw new Interrupted()
  }

  async #requireSameFiles(): Promise<void> {
    for (const { source, title } of this.#files) await requireUnchanged(source.handle, source.stamp, title)
  }

  async #conclude(run: ClaimedRun, wallMs: () => number): Promise<IngestAccount> {
    const { entity } = this.#options
    for (const name of this.#plan.databases) {
      if (!this.#cluster.member(name).dataSource.hasMetadata(entity as never)) continue
      await this.#patiently(name, () => continueIds(this.#cluster, entity, name))
    }
    const control = this.#plan.databases.at(-1)
    const row = await this.#patiently(control, () => this.#store.find(run.id))
    const account = await this.#patiently(undefined, () =>
      ingestAccountOf(this.#cluster, {
        ...(row as RunRow),
        state: 'complete',
        wallMs: wallMs(),
        measures: JSON.stringify(this.#measured.measures),
      }),
    )
    const unbalanced = ingestImbalances(account)
    if (unbalanced.length > 0) {
      throw new ShardyardError(
        'SY_RUN_UNBALANCED',
        `Run ${run.id} does not balance: ${unbalanced.join('; ')}. The same call goes on where it is.`,
        { details: { run: run.id, unbalanced } },
      )
    }
    // A chunk whose thread died after its commit has told nobody of its rejects.
    this.#rejected = account.counts.rejected
    if (this.#hasTooManyRejects) throw new TooManyRejects()
    const { measures } = this.#measured
    const finished = await this.#patiently(control, async () => {
      await this.#store.release(run, { state: 'complete', wallMs: account.wallMs, measures })
      return this.#store.find(run.id)
    })
    return { ...account, finishedAt: finished?.finishedAt ?? undefined }
  }

  #patiently<T>(database: string | undefined, attempt: () => Promise<T>): Promise<T> {
    const { waitMs, signal, onEvent } = this.#options
    return untilReachable(this.#cluster, { waitMs, signal, onEvent }, database, attempt)
  }

  /** Leaves the run so that the same call resumes it; answers the error that says so. */
  async #giveUp(run: ClaimedRun, wallMs: number, error: unknown): Promise<unknown> {
    const isInterrupted = error instanceof Interrupted || this.#options.signal?.aborted === true
    const { measures } = this.#measured
    const state = isInterrupted ? 'interrupted' : 'incomplete'
    // When control is down too, the lease runs out by itself.
    await within(
      this.#store.release(run, { state, wallMs, measures }).catch(() => undefined),
      RELEASE_LIMIT_MS,
    )
    const details = { run: run.id, settled: this.#settled, rejected: this.#rejected, total: this.#total }
    return explained(error, { ...details, isInterrupted, hasTooManyRejects: this.#hasTooManyRejects })
  }
}

/** The databases that rows of an entity may go to, control last: it takes the lines of what no other can take. */
export function databasesOf(cluster: Cluster, entity: PlacedEntity): string[] {
  const control = controlOf(cluster)
  const homes =
    cluster.definition.routers.length === 0
      ? [cluster.router.routeForWrite(entity).database]
      : cluster.databases.filter((name) => cluster.router.allowMigrate(name, entity))
  return [...homes.filter((name) => name !== control), control]
}

/** What makes two ingestions the same: the bytes, and all that decides what becomes of them. */
function identityOf({ entity, dedupe, ledger, map, zone, chunkBytes, databases, files }: IngestPlan): string {
  const sources = files.map(({ sha256, shape }) => [sha256, shape])
  return `ingestion 1 ${digestOf([entity, dedupe, ledger, map, zone ?? null, chunkBytes, databases, sources])}`
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

function titleOf({ files, entity }: IngestPlan): string {
  const [first] = files
  const others = files.length > 1 ? ` and ${files.length - 1} more` : ''
  return `${first?.title ?? 'nothing'}${others} into ${entity}`
}

/** The plan of a run of the kind ingestion. @throws SY_RUN_UNKNOWN when it is of another kind */
export function requireIngestion(run: RunRow): IngestPlan {
  if (run.kind === INGESTION) return planOf(run)
  throw new ShardyardError('SY_RUN_UNKNOWN', `Run ${run.id} is a ${run.kind}, not an ingestion.`, {
    details: { run: run.id },
  })
}
