import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import { nameOf } from '../../cluster/entity.js'
import { planOf } from '../../pipeline/ingest/part-store.js'
import type { Counts, Outcome } from '../../pipeline/reports/run-account.js'
import { databasesOfRun, progressIn, type RunProgress } from '../../pipeline/runs/run-progress.js'
import { RunStore, type RunGlance } from '../../pipeline/runs/run-store.js'
import { within } from '../../util/sleep.js'
import type { ServerContext } from '../server-context.js'
import type { Watch } from './live-watcher.js'
import { RateWindow } from './rate-window.js'
import { runEvent } from './run-event.js'

const NEWEST = 30
const OPEN_MAX = 100
/** A run that is taken up again is found by looking at all of them, which is done at every so manieth look. */
const LOOKS_PER_SEARCH = 10
/** What takes long is asked the less often: so much of the time at most. */
const SHARE = 1 / 20
const ANSWER_MS = 2_000
/** As for jobs: the first look tells also of what ended a moment ago. */
const JUST_MS = 30_000

interface Known {
  /** Another one means that the run has changed hands or state; empty when it could not be read whole. */
  mark: string
  readonly isRunning: boolean
  /** Nothing of it had come before the first look. */
  readonly isNew: boolean
  readonly progress: Map<string, RunProgress>
  /** By database: when it may be asked again. */
  readonly askAt: Map<string, number>
  text: string
}

/**
 * Runs that come, go on and end, whichever process works on them: `run`; with them `rates`, `rejects` and, for single
 * records, `events`.
 */
export class RunWatch implements Watch {
  readonly #context: ServerContext
  readonly #isUp: (database: string) => boolean
  readonly #known = new Map<string, Known>()
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
    const { cluster, live } = this.#context
    const { control } = cluster.definition
    // Not even an SQLite file is made by looking.
    if (control === undefined || !this.#isUp(control)) return
    const store = new RunStore(cluster, ANSWER_MS)
    const glances = await this.#glances(store)
    for (const glance of glances.toReversed()) await this.#follow(store, glance)
    const seen = new Set(glances.map(({ id }) => id))
    for (const id of this.#known.keys()) if (!seen.has(id)) this.#known.delete(id)
    this.#looks += 1
    this.#tellRates()
    this.#tellRejects()
    if (Object.values(this.#events).some((count) => count > 0)) live.publish('events', this.#events)
    this.#events = { accepted: 0, duplicate: 0, rejected: 0 }
  }

  forget(): void {
    this.#known.clear()
    this.#rates.clear()
    this.#looks = 0
    this.#rejects = '[]'
    this.#isResting = true
  }

  async #glances(store: RunStore): Promise<readonly RunGlance[]> {
    const ids = [...this.#known].filter(([, { isRunning }]) => isRunning).map(([id]) => id)
    if (this.#looks % LOOKS_PER_SEARCH === 0) ids.push(...(await store.open(OPEN_MAX)))
    return store.glance(ids, NEWEST)
  }

  /** Reads a run that runs or has changed, and tells it when it is not as it was told. */
  async #follow(store: RunStore, glance: RunGlance): Promise<void> {
    const { id, state, fence, finishedAt } = glance
    const mark = `${state} ${fence} ${finishedAt?.getTime() ?? ''}`
    const isRunning = state === 'running'
    const before = this.#known.get(id)
    const hasChanged = before === undefined ? this.#looks > 0 || justEnded(glance) : before.mark !== mark
    // One that is taken up again has a higher number.
    const known = this.#keep(id, { mark, isRunning, isNew: this.#looks > 0 && fence === 1 })
    if (!isRunning && !hasChanged) return
    const run = await store.find(id)
    if (run === undefined) return
    const isWhole = await this.#read(run, known)
    if (!isWhole) known.mark = ''
    const told = runEvent(run, { progress: known.progress.values(), isWhole })
    const text = JSON.stringify(told)
    if (text === known.text) return
    known.text = text
    this.#context.live.publish('run', told)
  }

  #keep(id: string, now: Pick<Known, 'mark' | 'isRunning' | 'isNew'>): Known {
    const before = this.#known.get(id) ?? { isNew: now.isNew, progress: new Map(), askAt: new Map(), text: '' }
    const known = { ...before, mark: now.mark, isRunning: now.isRunning }
    this.#known.set(id, known)
    return known
  }

  /** Asks the databases of a run that answer, and says whether all did; of the others stands what they said before. */
  async #read(run: RunRow, known: Known): Promise<boolean> {
    let isWhole = true
    for (const database of databasesOfRun(run)) {
      const startedAt = performance.now()
      if (known.isRunning && startedAt < (known.askAt.get(database) ?? 0)) continue
      const now = await this.#progress(run, database)
      known.askAt.set(database, startedAt + (performance.now() - startedAt) / SHARE)
      if (now === undefined) isWhole = false
      else this.#take(run, database, { known, now })
    }
    return isWhole
  }

  /** Undefined of a database that does not answer; which one that is, and why, the health tells. */
  async #progress(run: RunRow, database: string): Promise<RunProgress | undefined> {
    if (!this.#isUp(database)) return undefined
    const asked = progressIn(this.#context.cluster, run, database).catch(() => undefined)
    return within(asked, ANSWER_MS)
  }

  #take(run: RunRow, database: string, { known, now }: { known: Known; now: RunProgress }): void {
    const before = known.progress.get(database)?.counts
    if (before !== undefined || known.isNew) this.#count(run, database, { before, now: now.counts })
    known.progress.set(database, now)
  }

  #count(run: RunRow, database: string, { before, now }: { before: Counts | undefined; now: Counts }): void {
    const more = (outcome: Outcome) => Math.max(0, now[outcome] - (before?.[outcome] ?? 0))
    const rows = (Object.keys(now) as Outcome[]).reduce((sum, outcome) => sum + more(outcome), 0)
    this.#rates.add(database, rows)
    if (!this.#isOfEvents(run)) return
    for (const outcome of ['accepted', 'duplicate', 'rejected'] as const) this.#events[outcome] += more(outcome)
  }

  /** Whether a run takes single records into the entity of the installation's events. */
  #isOfEvents(run: RunRow): boolean {
    const { events } = this.#context.settings
    if (events === undefined || run.kind !== 'ingestion') return false
    const { stream, entity } = planOf(run)
    return stream !== undefined && entity === nameOf(events.into)
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
    for (const { isRunning, progress } of this.#known.values()) {
      if (!isRunning) continue
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

function justEnded({ finishedAt }: RunGlance): boolean {
  return finishedAt != null && Date.now() - finishedAt.getTime() < JUST_MS
}
