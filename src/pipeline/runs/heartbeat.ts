import type { ClaimedRun, RunStore } from './run-store.js'

const BEAT_MS = 2_000

/** What a load does when its control database goes down, comes back, or the run is over for this process. */
export interface HeartbeatOptions {
  /** How long control may be down. */
  readonly waitMs: number
  readonly onDown: (message: string) => void
  readonly onUp: () => void
  readonly onEnd: () => void
}

/** Prolongs a run's lease until it is stopped; while control is down it asks again and again. */
export class Heartbeat {
  readonly #store: RunStore
  readonly #run: ClaimedRun
  readonly #options: HeartbeatOptions
  readonly #timer: NodeJS.Timeout
  #beat: Promise<void> = Promise.resolve()
  #downSince: number | undefined
  /** Another process has taken the run over. */
  isLost = false
  /** Control has been down for longer than the load waits. */
  isGone = false

  constructor(store: RunStore, run: ClaimedRun, options: HeartbeatOptions) {
    this.#store = store
    this.#run = run
    this.#options = options
    this.#timer = setInterval(() => {
      this.#beat = this.#beat.then(() => this.#renew())
    }, BEAT_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#beat
  }

  async #renew(): Promise<void> {
    try {
      if (!(await this.#store.renew(this.#run))) {
        this.isLost = true
        this.#options.onEnd()
      } else if (this.#downSince !== undefined) {
        this.#downSince = undefined
        this.#options.onUp()
      }
    } catch (error) {
      // While control is down nobody else can take the run over either; threads pause until it answers.
      if (this.#downSince === undefined) this.#options.onDown(error instanceof Error ? error.message : String(error))
      this.#downSince ??= performance.now()
      this.isGone = performance.now() - this.#downSince >= this.#options.waitMs
      if (this.isGone) this.#options.onEnd()
    }
  }
}
