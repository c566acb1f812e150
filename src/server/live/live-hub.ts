/** What goes on, told to whoever listens. Keeps the latest events, so that one who was away for a moment catches up. */
import { randomBytes } from 'node:crypto'

/** One event, as `GET /api/v1/stream` sends it. */
export interface LiveEvent {
  /** `<life of the server>-<number>`; the numbers count up by one, with gaps where nobody was listening. */
  readonly id: string
  readonly kind: string
  readonly data: unknown
  /** The bytes of it, made once for all who listen. */
  readonly frame: Buffer
}

const KEPT = 1_000
/** Far below what a listener may have waiting, so that catching up makes nobody a slow reader. */
const KEPT_BYTES = 512 * 1024

export class LiveHub {
  /** Another one each time a server starts: the numbers of its events begin anew. */
  readonly life = randomBytes(4).toString('hex')
  readonly #kept: LiveEvent[] = []
  #keptBytes = 0
  readonly #watchers = new Set<(event: LiveEvent) => void>()
  #last = 0

  /** How many watch now; whoever finds out what to tell need not when nobody does. */
  get watchers(): number {
    return this.#watchers.size
  }

  /** The id of the latest event; who has it has missed nothing. */
  get lastId(): string {
    return `${this.life}-${this.#last}`
  }

  /** Tells an event to all who watch. */
  publish(kind: string, data: unknown): void {
    this.#last += 1
    const id = this.lastId
    const event = { id, kind, data, frame: frameOf(kind, data, id) }
    this.#keep(event)
    for (const watcher of this.#watchers) watcher(event)
  }

  /** Calls back for each event from now on; answers how to end that. */
  watch(watcher: (event: LiveEvent) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** The events after one; undefined when some of them are not kept any more, or it is of another life of the server. */
  since(id: string): readonly LiveEvent[] | undefined {
    const [, life, text = ''] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(id) ?? []
    const number = Number(text)
    const first = this.#last - this.#kept.length
    if (life !== this.life || number > this.#last || number < first) return undefined
    return this.#kept.slice(number - first)
  }

  /** Has what was told so far be no ground to go on from: from now on something may happen and not be told. */
  forget(): void {
    this.#kept.length = 0
    this.#keptBytes = 0
    this.#last += 1
  }

  #keep(event: LiveEvent): void {
    this.#kept.push(event)
    this.#keptBytes += event.frame.length
    while (this.#kept.length > KEPT || this.#keptBytes > KEPT_BYTES) {
      this.#keptBytes -= this.#kept.shift()?.frame.length ?? 0
    }
  }
}

/** An event as server-sent events have it. JSON has no line breaks of its own, so that one `data:` line does. */
export function frameOf(kind: string, data: unknown, id?: string): Buffer {
  const first = id === undefined ? '' : `id: ${id}\n`
  return Buffer.from(`${first}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`)
}
