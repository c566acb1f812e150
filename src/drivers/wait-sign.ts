/**
 * How those who wait for an SQLite file are seen by those who write it again and again, in whatever process each of
 * them is: a file beside the database whose time of change is touched while somebody waits; one for loads, and one for
 * all others. Without the right to make one nobody is seen, and all take turns by chance as before.
 */
import { closeSync, openSync, rmSync, statSync, utimesSync } from 'node:fs'

/** Whoever waits touches the sign at least this often, as long as it waits. */
const FRESH_MS = 15

export class WaitSign {
  readonly #path: string | undefined

  constructor(database: string, who: 'load' | 'others' = 'others') {
    const name = who === 'load' ? 'load-waiting' : 'waiting'
    this.#path = database === ':memory:' ? undefined : `${database}-${name}`
  }

  /** Says that somebody waits now. */
  raise(): void {
    if (this.#path === undefined) return
    const now = Date.now() / 1000
    try {
      utimesSync(this.#path, now, now)
    } catch {
      this.#make()
    }
  }

  /** Says that one of those who waited is in; the others say again that they wait. */
  lower(): void {
    if (this.#path === undefined) return
    try {
      utimesSync(this.#path, 0, 0)
    } catch {
      // Somebody has taken it away.
    }
  }

  /** Whether somebody waits, or did a moment ago. */
  get isRaised(): boolean {
    if (this.#path === undefined) return false
    const sign = statSync(this.#path, { throwIfNoEntry: false })
    return sign !== undefined && Math.abs(Date.now() - sign.mtimeMs) < FRESH_MS
  }

  /** Takes it away; whoever waits puts it there again. */
  remove(): void {
    if (this.#path === undefined) return
    try {
      rmSync(this.#path, { force: true })
    } catch {
      // It is where it does no harm.
    }
  }

  #make(): void {
    try {
      closeSync(openSync(this.#path ?? '', 'a'))
    } catch {
      // Nobody is seen then.
    }
  }
}
