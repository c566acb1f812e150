import { healthJson } from '../routes/cluster-routes.js'
import type { ServerContext } from '../server-context.js'
import type { Watch } from './live-watcher.js'

const LOOK_MS = 5_000
/** The other watches wait for this one. */
const ANSWER_MS = 1_000

/** How the databases are, every few seconds: `health`. The other watches ask those that are up. */
export class HealthWatch implements Watch {
  readonly #context: ServerContext
  #down: ReadonlySet<string> = new Set()
  #lookedAt: number | undefined

  constructor(context: ServerContext) {
    this.#context = context
  }

  /** Whether to ask a database: not one that did not answer just now, nor a file that asking would make. */
  isUp(database: string): boolean {
    return !this.#down.has(database) && this.#context.cluster.member(database).exists
  }

  async look(): Promise<void> {
    const now = performance.now()
    if (this.#lookedAt !== undefined && now - this.#lookedAt < LOOK_MS) return
    this.#lookedAt = now
    const { cluster, live } = this.#context
    const health = await cluster.health(ANSWER_MS)
    this.#down = new Set(health.filter(({ state }) => state === 'down').map(({ name }) => name))
    live.publish('health', healthJson(health))
  }

  forget(): void {
    this.#lookedAt = undefined
  }
}
