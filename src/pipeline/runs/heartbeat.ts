import type { ClaimedRun, RunStore } from './run-store.js'

const BEAT_MS = 2_000

/** Prolongs a run's lease until it is stopped, and tells when control is down, up again, or the run is another's. */
export class Heartbeat {
  readonly #store: RunStore
  readonly #run: ClaimedRun
  readonly #listeners: { readonly onDown: () => void; readonly onUp: () => void; readonly onLost: () => void }
  readonly #timer: NodeJS.Timeout
  #beat: Promise<void> = Promise.resolve()
  #isDown = false
  isLost = false

  constructor(
    store: RunStore,
    run: ClaimedRun,
    listeners: { readonly onDown: () => void; readonly onUp: () => void; readonly onLost: () => void },
  ) {
    this.#store = store
    this.#run = run
    this.#listeners = listeners
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
      const isOurs = await this.#store.renew(this.#run)
      if (!isOurs) {
        this.isLost = true
        this.#listeners.onLost()
      } else if (this.#isDown) {
        this.#isDown = false
        this.#listeners.onUp()
      }
    } catch {
      // While control is down nobody else can take the run over either; threads pause until it answers.
      if (!this.#isDown) this.#listeners.onDown()
      this.#isDown = true
    }
  }
}
