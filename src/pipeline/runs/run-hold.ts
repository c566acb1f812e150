import type { RunStore } from './run-store.js'

const AGAIN_MS = 5_000

/** Says of a run that nobody resumes, as that of single records, that this process is at work on it, until it ends. */
export class RunHold {
  readonly #store: RunStore
  readonly #run: string
  readonly #timer: NodeJS.Timeout
  #saying: Promise<void> | undefined

  /** Ends such runs whose processes died, too. */
  static async begin(store: RunStore, run: string): Promise<RunHold> {
    await store.endLost()
    await store.hold(run)
    return new RunHold(store, run)
  }

  private constructor(store: RunStore, run: string) {
    this.#store = store
    this.#run = run
    this.#timer = setInterval(() => {
      this.#saying ??= this.#say()
    }, AGAIN_MS).unref()
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    await this.#saying
  }

  async #say(): Promise<void> {
    // While control is away the run may be taken for lost, and is told as it is when control is back.
    await this.#store.hold(this.#run).catch(() => undefined)
    this.#saying = undefined
  }
}
