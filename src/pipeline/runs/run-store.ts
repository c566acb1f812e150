/**
 * The runs in the control database.
 *
 * States of a run: running → complete; running → incomplete or interrupted → running again, when it is resumed by a call
 * that reads as much; one that reads more or less of the source leaves it incomplete for good and begins another.
 *
 * 1. A source has at most one run that is not complete (`openSource` is unique).
 * 2. A run has one owner at a time: taking it over counts `fence` up, and an owner that finds another number stops.
 * 3. Nobody takes over a run without a source, as that of single records: when its owner dies it is ended.
 */
import { randomBytes } from 'node:crypto'
import { In, IsNull, LessThan, Not, type FindOptionsWhere, type Repository } from 'typeorm'
import { RunSchema, type RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { sourceKey, type RecordSource } from '../../cluster/record-source.js'
import { ShardyardError } from '../../errors.js'
import { answered } from '../../util/answer-limit.js'
import { sleep } from '../../util/sleep.js'
import type { Counts } from '../reports/run-account.js'
import { isAlive, leaseFrom } from './run-lease.js'

const POLL_MS = 300
const TITLE_LENGTH = 255
const ANSWER_MS = 60_000
/** The id of a stream's run does not tell its time. */
const NEWEST_FIRST = { startedAt: 'DESC', id: 'DESC' } as const

/** How many records of an entity a run reads, and in which database their lines are. */
export interface ReadCount {
  readonly entity: string
  readonly database: string
  readonly read: number
}

/** What a run reads: what makes two sources the same, and its name for people. */
export type LoadedSource = Pick<RecordSource, 'identity' | 'title'>

/** What a run has measured, as it is stored. */
export interface Measures {
  readonly busyMs: Readonly<Record<string, number>>
  readonly latencies: readonly (readonly [us: number, times: number])[]
  /** What became of the records that each thread wrote, where no ledger line says whose they are. */
  readonly threads?: Readonly<Record<string, Counts>>
}

/** Where a run stands among all, newest first. */
export interface RunPlace {
  readonly startedAt: Date
  readonly id: string
}

/** Which runs {@link RunStore.page} tells. */
export interface RunPageOptions {
  readonly limit: number
  readonly kind?: string | undefined
  /** As it is told: a run whose owner died is interrupted. */
  readonly state?: string | undefined
  /** The last run of the page before. */
  readonly after?: RunPlace | undefined
}

export interface ClaimOptions {
  readonly kind: string
  readonly threads: number
  readonly batch: number
  readonly readCounts: readonly ReadCount[]
  /** JSON that the run is to be resumed with, for kinds that need it. */
  readonly plan?: string
  readonly signal?: AbortSignal | undefined
  /** Called once when another process is at work on the same source. */
  readonly onWaiting: (run: RunRow) => void
}

/** A run that this process owns. */
export interface ClaimedRun {
  readonly id: string
  readonly fence: number
  readonly isResumed: boolean
  readonly startedAt: Date
  readonly earlierWallMs: number
  readonly earlierMeasures: Measures
}

/** What tells whether a run has changed. */
export type RunGlance = Pick<RunRow, keyof typeof GLANCED>

const GLANCED = {
  id: true,
  state: true,
  owner: true,
  leaseUntil: true,
  openSource: true,
  fence: true,
  finishedAt: true,
} as const

const HEAD = { ...GLANCED, kind: true, startedAt: true } as const

/** A run without what is long about it. */
export type RunHead = Pick<RunRow, keyof typeof HEAD>

export class RunStore {
  readonly #cluster: Cluster
  readonly #control: string
  readonly #answerMs: number

  /** `answerMs` is how long control may take for one statement; it is left when it takes longer. */
  constructor(cluster: Cluster, answerMs = ANSWER_MS) {
    this.#cluster = cluster
    this.#control = controlOf(cluster)
    this.#answerMs = answerMs
  }

  /** Begins a run of the source, or takes its unfinished one over; waits while another process is at work on it. */
  async claim(source: LoadedSource, options: ClaimOptions): Promise<ClaimedRun> {
    let hasWaited = false
    for (;;) {
      options.signal?.throwIfAborted()
      const nowMs = await this.#now()
      const open = await this.#ask((runs) => runs.findOneBy({ openSource: sourceKey(source.identity) }))
      if (open === null) {
        const begun = await this.#begin(source, options, nowMs)
        if (begun !== undefined) return begun
      } else if (isAlive(open, nowMs)) {
        if (!hasWaited) options.onWaiting(open)
        hasWaited = true
        await sleep(POLL_MS, options.signal)
      } else if (open.readCounts === JSON.stringify(options.readCounts)) {
        const taken = await this.#takeOver(open, options, nowMs)
        if (taken !== undefined) return taken
      } else {
        await this.#abandon(open)
      }
    }
  }

  /** Prolongs the lease; false when another process has taken the run over. */
  async renew({ id, fence }: ClaimedRun): Promise<boolean> {
    const { leaseUntil } = leaseFrom(await this.#now())
    const { affected } = await this.#ask((runs) => runs.update({ id, fence }, { leaseUntil }))
    return affected === 1
  }

  /**
   * Says, each time for the length of a lease, that this process is at work on a run that has no source to be found by.
   * One that was ended meanwhile, as its process was taken for dead, goes on.
   */
  async hold(id: string): Promise<void> {
    const held = leaseFrom(await this.#now())
    const { affected } = await this.#ask((runs) => runs.update({ id, state: 'running' }, held))
    if (affected === 1) return
    const again = { ...held, state: 'running', finishedAt: null, fence: () => 'fence + 1' }
    await this.#ask((runs) => runs.update({ id }, again))
  }

  /** Ends the runs that were held by processes that died: what they took is accounted for, and nothing more comes. */
  async endLost(): Promise<void> {
    const where = { state: 'running', openSource: IsNull(), owner: Not(IsNull()) }
    const held = await this.#ask((runs) => runs.find({ select: GLANCED, where }))
    const nowMs = held.length === 0 ? 0 : await this.#now()
    for (const run of held) {
      if (isAlive(run, nowMs)) continue
      const { id, owner, leaseUntil } = run
      const over = { state: 'complete', owner: null, leaseUntil: null, finishedAt: leaseUntil }
      await this.#ask((runs) => runs.update({ id, owner: owner ?? '', state: 'running' }, over))
    }
  }

  /** Ends this process's part of the run. */
  async release(
    { id, fence }: ClaimedRun,
    end: {
      readonly state: 'complete' | 'incomplete' | 'interrupted'
      readonly wallMs: number
      readonly measures: Measures
    },
  ): Promise<void> {
    const isComplete = end.state === 'complete'
    const row = {
      state: end.state,
      owner: null,
      leaseUntil: null,
      finishedAt: isComplete ? new Date(await this.#now()) : null,
      wallMs: Math.round(end.wallMs),
      measures: JSON.stringify(end.measures),
      ...(isComplete ? { openSource: null } : {}),
    }
    await this.#ask((runs) => runs.update({ id, fence }, row))
  }

  /** The states of these runs and of the newest others; reads along the key only, so it may be asked often. */
  async glance(ids: readonly string[], newest: number): Promise<RunGlance[]> {
    const some =
      ids.length === 0 ? [] : await this.#ask((runs) => runs.find({ select: GLANCED, where: { id: In([...ids]) } }))
    const others = await this.#ask((runs) => runs.find({ select: GLANCED, order: { id: 'DESC' }, take: newest }))
    return this.#told([...new Map([...some, ...others].map((run) => [run.id, run])).values()])
  }

  /** The ids of the runs that are not over, the newest of them. */
  async open(limit: number): Promise<string[]> {
    const query = { select: { id: true }, where: { state: 'running' }, order: { id: 'DESC' }, take: limit } as const
    const found = await this.#ask((runs) => runs.find(query))
    return found.map(({ id }) => id)
  }

  /** A run by its id, or with `latest` the latest one, of a kind when one is named. */
  async find(id: string, kind?: string): Promise<RunRow | undefined> {
    const where = kind === undefined ? {} : { kind }
    const found = await this.#ask((runs) =>
      id === 'latest' ? runs.find({ where, order: NEWEST_FIRST, take: 1 }) : runs.findBy({ id }),
    )
    return (await this.#told(found))[0]
  }

  /** The latest runs, newest first. */
  async list(limit: number): Promise<RunRow[]> {
    return this.#told(await this.#ask((runs) => runs.find({ order: NEWEST_FIRST, take: limit })))
  }

  /** A page of runs, newest first; shorter than `limit` on the last one only. */
  async page({ limit, kind, state, after }: RunPageOptions): Promise<RunRow[]> {
    const stored = state === 'running' || state === 'interrupted' ? In(['running', 'interrupted']) : state
    const where = { ...(kind === undefined ? {} : { kind }), ...(stored === undefined ? {} : { state: stored }) }
    const found: RunRow[] = []
    for (let last = after; ; ) {
      const rows = await this.#ask((runs) =>
        runs.find({ where: behind(where, last), order: NEWEST_FIRST, take: limit }),
      )
      for (const run of await this.#told(rows)) if (state === undefined || run.state === state) found.push(run)
      last = rows.at(-1)
      if (found.length >= limit || rows.length < limit) return found.slice(0, limit)
    }
  }

  /** The runs behind one, newest first, without what is long about them: their plans and measures. */
  async heads(limit: number, after: RunPlace | undefined): Promise<RunHead[]> {
    const query = { select: HEAD, order: NEWEST_FIRST, take: limit } as const
    return this.#told(await this.#ask((runs) => runs.find({ ...query, where: behind({}, after) })))
  }

  /** These runs, in no order. */
  async some(ids: readonly string[]): Promise<RunRow[]> {
    return ids.length === 0 ? [] : this.#told(await this.#ask((runs) => runs.findBy({ id: In([...ids]) })))
  }

  /** How many runs are in each state. */
  async stateCounts(): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {}
    const rows = await this.#ask((runs) =>
      runs
        .createQueryBuilder('run')
        .select('run.state', 'state')
        .addSelect('COUNT(*)', 'count')
        .groupBy('run.state')
        .getRawMany<{ state: string; count: string | number }>(),
    )
    for (const { state, count } of rows) counts[state] = Number(count)
    const running = await this.#ask((runs) => runs.find({ select: GLANCED, where: { state: 'running' } }))
    const lost = (await this.#told(running)).filter(({ state }) => state !== 'running').length
    counts['running'] = (counts['running'] ?? 0) - lost
    counts['interrupted'] = (counts['interrupted'] ?? 0) + lost
    return counts
  }

  /**
   * A run whose owner died is stored as running, and told as interrupted. The run of a topic has many readers, and no
   * owner.
   */
  async #told<Run extends RunGlance>(runs: Run[]): Promise<Run[]> {
    if (!runs.some(({ state }) => state === 'running')) return runs
    const nowMs = await this.#now()
    return runs.map((run) =>
      run.state === 'running' && (run.openSource !== null || run.owner !== null) && !isAlive(run, nowMs)
        ? { ...run, state: 'interrupted' }
        : run,
    )
  }

  /** Asks control; an answer that comes too late is no answer. */
  #ask<T>(question: (runs: Repository<RunRow>) => Promise<T>): Promise<T> {
    const { dataSource, address } = this.#cluster.member(this.#control)
    return answered(question(dataSource.getRepository(RunSchema)), this.#answerMs, () => {
      throw new ShardyardError(
        'SY_DATABASE_DOWN',
        `It (${address}) has not answered for ${Math.round(this.#answerMs / 1000)} s.`,
        { details: { database: this.#control, kind: 'unavailable' } },
      )
    })
  }

  async #begin(source: LoadedSource, options: ClaimOptions, nowMs: number): Promise<ClaimedRun | undefined> {
    const key = sourceKey(source.identity)
    const startedAt = new Date(nowMs)
    const measures: Measures = { busyMs: {}, latencies: [] }
    const id = runId(nowMs)
    try {
      const row = {
        ...lease(options, nowMs),
        id,
        kind: options.kind,
        source: key,
        openSource: key,
        identity: source.identity,
        title: shortened(source.title),
        fence: 1,
        startedAt,
        finishedAt: null,
        wallMs: 0,
        measures: JSON.stringify(measures),
        plan: options.plan ?? null,
      }
      await this.#ask((runs) => runs.insert(row))
    } catch (error) {
      if (!this.#isTaken(error)) throw error
      return undefined
    }
    return { id, fence: 1, isResumed: false, startedAt, earlierWallMs: 0, earlierMeasures: measures }
  }

  /** Leaves an unfinished run for good: it read another part of its source, so this call cannot bring it to its end. */
  async #abandon({ id, fence }: RunRow): Promise<void> {
    const row = { state: 'incomplete', openSource: null, owner: null, leaseUntil: null, fence: fence + 1 }
    await this.#ask((runs) => runs.update({ id, fence }, row))
  }

  async #takeOver(open: RunRow, options: ClaimOptions, nowMs: number): Promise<ClaimedRun | undefined> {
    const fence = open.fence + 1
    const row = { ...lease(options, nowMs), fence, ...(options.plan === undefined ? {} : { plan: options.plan }) }
    const { affected } = await this.#ask((runs) => runs.update({ id: open.id, fence: open.fence }, row))
    if (affected !== 1) return undefined
    return {
      id: open.id,
      fence,
      isResumed: true,
      startedAt: open.startedAt,
      earlierWallMs: Number(open.wallMs),
      earlierMeasures: JSON.parse(open.measures) as Measures,
    }
  }

  async #now(): Promise<number> {
    const { driver } = this.#cluster.member(this.#control)
    const rows = (await this.#ask((runs) => runs.query(`SELECT ${driver.dialect.nowMs} AS now`))) as { now: unknown }[]
    return Number(rows[0]?.now)
  }

  #isTaken(error: unknown): boolean {
    const cause = error instanceof ShardyardError ? error.cause : error
    return this.#cluster.member(this.#control).driver.faultOf(cause).kind === 'unique'
  }
}

/** The name of the database where runs are recorded. @throws SY_DEFINITION_INVALID when there is none */
export function controlOf({ definition: { control } }: Cluster): string {
  if (control !== undefined) return control
  throw new ShardyardError(
    'SY_DEFINITION_INVALID',
    'The cluster has no control database, where runs are recorded. Define one named "control", or name one with "control".',
  )
}

/** What comes behind a run, newest first. */
function behind(where: FindOptionsWhere<RunRow>, last: RunPlace | undefined): FindOptionsWhere<RunRow>[] {
  if (last === undefined) return [where]
  const { startedAt, id } = last
  return [
    { ...where, startedAt: LessThan(startedAt) },
    { ...where, startedAt, id: LessThan(id) },
  ]
}

function lease({ threads, batch, readCounts }: ClaimOptions, nowMs: number) {
  return {
    ...leaseFrom(nowMs),
    state: 'running',
    threads,
    batch,
    readCounts: JSON.stringify(readCounts),
  }
}

/** As much of a title as the table keeps; a file's name may be as long. */
function shortened(title: string): string {
  const characters = [...title.replaceAll('\u0000', '').toWellFormed()]
  return characters.length <= TITLE_LENGTH ? title : `${characters.slice(0, TITLE_LENGTH - 1).join('')}…`
}

/** An id for a run. Sorts by time: eight characters of it, and four by chance. */
export function runId(nowMs: number): string {
  return nowMs.toString(36).padStart(8, '0') + randomBytes(3).toString('hex').slice(0, 4)
}
