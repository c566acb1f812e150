import { within } from '../../util/sleep.js'
import type { ClaimedRun, RunStore } from './run-store.js'

const BEAT_MS = 2_000
const ANSWER_MS = 5_000

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
  #isBeating = false
  #isStopped = false
  #downSince: number | undefined
  /** Another process has taken the run over. */
  isLost = false
  /** Control has been down for longer than the load waits. */
  isGone = false

  constructor(store: RunStore, run: ClaimedRun, options: HeartbeatOptions) {
    this.#store = store
    this.#run = run
    this.#options = options
    this.#timer = setInterval(() => void this.#beat(), BEAT_MS)
  }

  /** A renewal under way is not waited for: it does no harm to a run that was released. */
  stop(): void {
    this.#isStopped = true
    clearInterval(this.#timer)
  }

  async #beat(): Promise<void> {
    if (this.#isBeating) return
    this.#isBeating = true
    await this.#renew()
    this.#isBeating = false
  }

  async #renew(): Promise<void> {
    const startedAt = performance.now()
    try {
      const isMine = await within(this.#store.renew(this.#run), ANSWER_MS)
      if (isMine === undefined) throw new Error(`It has not answered for ${ANSWER_MS / 1000} s`)
      if (!isMine) {
        this.isLost = true
        this.#options.onEnd()
      } else if (this.#downSince !== undefined) {
        this.#downSince = undefined
        this.#options.onUp()
      }
    } catch (error) {
      if (this.#isStopped) return
      // While control is down nobody else can take the run over either; threads pause until it answers.
      if (this.#downSince === undefined) this.#options.onDown(error instanceof Error ? error.message : String(error))
      this.#downSince ??= startedAt
      this.isGone = performance.now() - this.#downSince >= this.#options.waitMs
      if (this.isGone) this.#options.onEnd()
    }
  }
}
