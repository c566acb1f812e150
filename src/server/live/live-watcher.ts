/**
 * Finds out what goes on, by asking control, the queue and the databases once a second, and tells what has changed. So
 * what other processes do is told as well, and nothing is lost with a process. Nobody asks while nobody listens.
 *
 * States: asleep → awake → asleep
 *   asleep  nobody has listened for a while: what was told is no ground to go on from        {@link LiveWatcher.run}
 *   awake   every part looks once a second; one that fails leaves the others alone, and looks again
 */
import { sleep } from '../../util/sleep.js'
import type { ServerContext } from '../server-context.js'
import { HealthWatch } from './health-watch.js'
import { JobWatch } from './job-watch.js'
import { RunWatch } from './run-watch.js'

/** Looks for changes in one kind of thing, and publishes them. */
export interface Watch {
  /** Its first look since it has forgotten finds what there is, and tells of it what is under way. */
  look(): Promise<void>
  forget(): void
}

const LOOK_MS = 1_000
/** Whoever reloads a page is back by then. */
const AWAKE_MS = 30_000

export class LiveWatcher {
  readonly #context: ServerContext
  readonly #watches: readonly Watch[]
  readonly #onTrouble: (error: unknown) => void
  readonly #troubled = new Set<Watch>()
  #listenedAt: number | undefined

  /** `onTrouble` is told when a look fails, once until one succeeds again. */
  constructor(context: ServerContext, onTrouble: (error: unknown) => void) {
    this.#context = context
    this.#onTrouble = onTrouble
    const health = new HealthWatch(context)
    this.#watches = [health, new RunWatch(context, (database) => health.isUp(database)), new JobWatch(context)]
  }

  /** Until the server stops. */
  async run(): Promise<void> {
    const { stopping } = this.#context
    while (!stopping.aborted) {
      if (this.#isAwake()) for (const watch of this.#watches) await this.#look(watch)
      // It rejects when the server stops.
      await sleep(LOOK_MS, stopping).catch(() => undefined)
    }
  }

  #isAwake(): boolean {
    const now = performance.now()
    if (this.#context.live.watchers > 0) {
      this.#listenedAt = now
      return true
    }
    if (this.#listenedAt === undefined) return false
    if (now - this.#listenedAt < AWAKE_MS) return true
    this.#listenedAt = undefined
    this.#context.live.forget()
    for (const watch of this.#watches) watch.forget()
    return false
  }

  async #look(watch: Watch): Promise<void> {
    if (this.#context.stopping.aborted) return
    try {
      await watch.look()
      this.#troubled.delete(watch)
    } catch (error) {
      if (!this.#troubled.has(watch) && !this.#context.stopping.aborted) this.#onTrouble(error)
      this.#troubled.add(watch)
    }
  }
}
