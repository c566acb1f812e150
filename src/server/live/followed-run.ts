import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import { knownFrom } from '../../pipeline/runs/run-counts.js'
import { databasesOfRun, type RunProgress } from '../../pipeline/runs/run-progress.js'
import { runJsonOf } from '../run-json.js'

/** A run as it was seen last. */
export class FollowedRun {
  /** Nothing of it had come before the first look. */
  readonly isNew: boolean
  /** What each of its databases has said last. */
  readonly progress = new Map<string, RunProgress>()
  /** Databases that have answered since the run has this mark, and did so when they were asked last. */
  readonly #answered = new Set<string>()
  /** By database: when it may be asked again. */
  readonly askAt = new Map<string, number>()
  /** Changes when the run changes hands or state. */
  readonly mark: string
  readonly run: RunRow
  readonly databases: readonly string[]
  #told = ''

  /** `before` is what was known of it under another mark. */
  constructor(run: RunRow, mark: string, { before, isNew }: { before: FollowedRun | undefined; isNew: boolean }) {
    this.run = run
    this.mark = mark
    this.databases = databasesOfRun(run)
    this.isNew = before?.isNew ?? isNew
    for (const [database, progress] of before?.progress ?? []) this.progress.set(database, progress)
  }

  /** It may change by itself, or not all of it is known yet. */
  get isOpen(): boolean {
    return this.run.state === 'running' || this.#answered.size < this.databases.length
  }

  /** Takes what a database says; undefined when it does not answer. */
  take(database: string, now: RunProgress | undefined): void {
    if (now === undefined) return void this.#answered.delete(database)
    this.#answered.add(database)
    this.progress.set(database, now)
  }

  /** As the API tells it, when that is not what was told before, but for the time that passes. */
  news(): object | undefined {
    const answered = [...this.progress].filter(([database]) => this.#answered.has(database))
    const known = knownFrom(this.run, new Map(answered.map(([database, { counts }]) => [database, counts])))
    const told = runJsonOf(this.run, known)
    const text = JSON.stringify({ ...told, wallMs: 0 })
    if (text === this.#told) return undefined
    this.#told = text
    return told
  }
}
