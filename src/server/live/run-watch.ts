import { nameOf } from '../../cluster/entity.js'
import { INGESTION } from '../../pipeline/ingest/ingest.js'
import { planOf } from '../../pipeline/ingest/part-store.js'
import type { Counts, Outcome } from '../../pipeline/reports/run-account.js'
import { ingestionProgress, simulationProgress, type RunProgress } from '../../pipeline/runs/run-progress.js'
import { RunStore, type RunGlance } from '../../pipeline/runs/run-store.js'
import { within } from '../../util/sleep.js'
import type { ServerContext } from '../server-context.js'
import { FollowedRun } from './followed-run.js'
import type { Watch } from './live-watcher.js'
import { RateWindow } from './rate-window.js'

const NEWEST = 30
const OPEN_MAX = 100
/** A run that is taken up again is found by looking at all of them, which is done at every so manieth look. */
const LOOKS_PER_SEARCH = 10
/** What takes long is asked the less often: so much of the time at most. */
const SHARE = 1 / 20
const ANSWER_MS = 2_000
/** As for jobs: the first look tells also of what ended a moment ago. */
const JUST_MS = 30_000

/**
 * Runs that come, go on and end, whichever process works on them: `run`; with them `rates`, `rejects` and, for single
 * records, `events`. A look asks control what has changed, and each database once how far all open ingestions are.
 */
export class RunWatch implements Watch {
  readonly #context: ServerContext
  readonly #isUp: (database: string) => boolean
  readonly #followed = new Map<string, FollowedRun>()
  /** Marks of the runs that were over at the first look, and are not followed. */
  readonly #over = new Map<string, string>()
  readonly #rates = new RateWindow()
  #looks = 0
  #rejects = '[]'
  #isResting = true
  #events = { accepted: 0, duplicate: 0, rejected: 0 }

  constructor(context: ServerContext, isUp: (database: string) => boolean) {
    this.#context = context
    this.#isUp = isUp
  }

  async look(): Promise<void> {
    const { control } = this.#context.cluster.definition
    // Not even an SQLite file is made by looking.
    if (control === undefined || !this.#isUp(control)) return
    await this.#findChanges(new RunStore(this.#context.cluster, ANSWER_MS))
    const open = [...this.#followed.values()].filter(({ isOpen }) => isOpen)
    await this.#readIngestions(open.filter(({ run }) => run.kind === INGESTION))
    for (const one of open.filter(({ run }) => run.kind !== INGESTION)) await this.#readSimulation(one)
    this.#looks += 1
    this.#tell(open)
  }

  forget(): void {
    this.#followed.clear()
    this.#over.clear()
    this.#rates.clear()
    this.#looks = 0
    this.#rejects = '[]'
    this.#isResting = true
  }

  /** Follows the runs that run, and those that have come or changed; the others are left. */
  async #findChanges(store: RunStore): Promise<void> {
    const ids = [...this.#followed.values()].filter(({ isOpen }) => isOpen).map(({ run }) => run.id)
    if (this.#looks % LOOKS_PER_SEARCH === 0) ids.push(...(await store.open(OPEN_MAX)))
    const glances = await store.glance(ids, NEWEST)
    for (const glance of glances.toReversed()) await this.#follow(store, glance)
    const seen = new Set(glances.map(({ id }) => id))
    for (const known of [this.#followed, this.#over]) for (const id of known.keys()) if (!seen.has(id)) known.delete(id)
  }

  async #follow(store: RunStore, { id, state, fence, finishedAt }: RunGlance): Promise<void> {
    const mark = `${state} ${fence} ${finishedAt?.getTime() ?? ''}`
    const before = this.#followed.get(id)
    if (mark === (before?.mark ?? this.#over.get(id))) return
    if (this.#looks === 0 && state !== 'running' && !justEnded({ finishedAt })) return void this.#over.set(id, mark)
    const run = await store.find(id)
    // One that is taken up again has a higher number, and has had rows before.
    const isNew = this.#looks > 0 && fence === 1 && !this.#over.has(id)
    if (run !== undefined) this.#followed.set(id, new FollowedRun(run, mark, { before, isNew }))
  }

  /** Asks the databases that answer; which one does not, and why, the health tells. */
  async #readIngestions(open: readonly FollowedRun[]): Promise<void> {
    for (const database of new Set(open.flatMap(({ databases }) => databases))) {
      const own = open.filter(({ databases }) => databases.includes(database))
      const ids = own.map(({ run }) => run.id)
      const found = await this.#ask(database, () => ingestionProgress(this.#context.cluster, ids, database))
      for (const one of own) this.#take(one, database, found?.get(one.run.id))
    }
  }

  async #readSimulation(one: FollowedRun): Promise<void> {
    for (const database of one.databases) {
      const startedAt = performance.now()
      if (one.run.state === 'running' && startedAt < (one.askAt.get(database) ?? 0)) continue
      const found = await this.#ask(database, () => simulationProgress(this.#context.cluster, one.run, database))
      one.askAt.set(database, startedAt + (performance.now() - startedAt) / SHARE)
      this.#take(one, database, found)
    }
  }

  async #ask<T>(database: string, question: () => Promise<T>): Promise<T | undefined> {
    if (!this.#isUp(database)) return undefined
    return within(
      question().catch(() => undefined),
      ANSWER_MS,
    )
  }

  #take(one: FollowedRun, database: string, now: RunProgress | undefined): void {
    const before = one.progress.get(database)?.counts
    if (now !== undefined && (before !== undefined || one.isNew))
      this.#count(one, database, { before, now: now.counts })
    one.take(database, now)
  }

  #count(one: FollowedRun, database: string, { before, now }: { before: Counts | undefined; now: Counts }): void {
    const more = (outcome: Outcome) => Math.max(0, now[outcome] - (before?.[outcome] ?? 0))
    const rows = (Object.keys(now) as Outcome[]).reduce((sum, outcome) => sum + more(outcome), 0)
    this.#rates.add(database, rows)
    if (!this.#isOfEvents(one)) return
    for (const outcome of ['accepted', 'duplicate', 'rejected'] as const) this.#events[outcome] += more(outcome)
  }

  /** Whether a run takes single records into the entity of the installation's events. */
  #isOfEvents({ run }: FollowedRun): boolean {
    const { events } = this.#context.settings
    if (events === undefined || run.kind !== INGESTION) return false
    const { stream, entity } = planOf(run)
    return stream !== undefined && entity === nameOf(events.into)
  }

  #tell(looked: readonly FollowedRun[]): void {
    const { live } = this.#context
    for (const one of looked) {
      const news = one.news()
      if (news !== undefined) live.publish('run', news)
    }
    this.#tellRates()
    this.#tellRejects()
    if (Object.values(this.#events).some((count) => count > 0)) live.publish('events', this.#events)
    this.#events = { accepted: 0, duplicate: 0, rejected: 0 }
  }

  /** Told while anything comes, and once when nothing does any more. */
  #tellRates(): void {
    const databases = this.#rates.sample(performance.now())
    const total = Object.values(databases).reduce((sum, rate) => sum + rate, 0)
    if (total > 0 || !this.#isResting) this.#context.live.publish('rates', { databases, total })
    this.#isResting = total === 0
  }

  #tellRejects(): void {
    const counts = new Map<string, number>()
    for (const { run, progress } of this.#followed.values()) {
      if (run.state !== 'running') continue
      for (const { codes } of progress.values())
        for (const { code, count } of codes) counts.set(code, (counts.get(code) ?? 0) + count)
    }
    const codes = [...counts]
      .map(([code, count]) => ({ code, count }))
      .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
    const text = JSON.stringify(codes)
    if (text !== this.#rejects) this.#context.live.publish('rejects', { codes })
    this.#rejects = text
  }
}

function justEnded({ finishedAt }: Pick<RunGlance, 'finishedAt'>): boolean {
  return finishedAt != null && Date.now() - finishedAt.getTime() < JUST_MS
}
