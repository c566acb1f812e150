/** What goes on in the server, told to whoever watches. Keeps the latest events, so that a watcher who was away catches up. */

/** One event, as `GET /api/v1/stream` sends it. */
export interface LiveEvent {
  /** Counts up by one while the server lives. */
  readonly id: number
  readonly kind: string
  readonly data: unknown
}

const KEPT = 1_000

export class LiveHub {
  readonly #kept: LiveEvent[] = []
  readonly #watchers = new Set<(event: LiveEvent) => void>()
  #last = 0

  /** How many watch now; whoever finds out what to tell need not when nobody does. */
  get watchers(): number {
    return this.#watchers.size
  }

  /** Tells an event to all who watch. */
  publish(kind: string, data: unknown): void {
    this.#last += 1
    const event = { id: this.#last, kind, data }
    this.#kept.push(event)
    if (this.#kept.length > KEPT) this.#kept.shift()
    for (const watcher of this.#watchers) watcher(event)
  }

  /** Calls back for each event from now on; answers how to end that. */
  watch(watcher: (event: LiveEvent) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** The events after one; undefined when some of them are not kept any more, or it is of another life of the server. */
  since(id: number): readonly LiveEvent[] | undefined {
    const first = this.#kept[0]?.id ?? this.#last + 1
    if (id > this.#last || id < first - 1) return undefined
    return this.#kept.filter((event) => event.id > id)
  }
}
