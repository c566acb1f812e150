/** Where answers are kept for a while. */

/** Keeps texts; what it has lost is made anew. */
export interface AnswerStore {
  /** Never rejects: what cannot be reached is not there. */
  get(key: string): Promise<string | undefined>
  /** Never rejects. */
  set(key: string, text: string): Promise<void>
  delete(key: string): Promise<void>
  close(): Promise<void>
}

const BYTES_MAX = 16 * 2 ** 20

/** Answers in memory: those that were asked for last, up to 16 MiB. */
export class MemoryStore implements AnswerStore {
  readonly #texts = new Map<string, string>()
  #bytes = 0

  async get(key: string): Promise<string | undefined> {
    const text = this.#texts.get(key)
    if (text !== undefined) {
      this.#texts.delete(key)
      this.#texts.set(key, text)
    }
    return text
  }

  async set(key: string, text: string): Promise<void> {
    await this.delete(key)
    this.#texts.set(key, text)
    this.#bytes += sizeOf(key, text)
    for (const [oldest] of this.#texts) {
      if (this.#bytes <= BYTES_MAX) return
      await this.delete(oldest)
    }
  }

  async delete(key: string): Promise<void> {
    const text = this.#texts.get(key)
    if (text === undefined) return
    this.#texts.delete(key)
    this.#bytes -= sizeOf(key, text)
  }

  async close(): Promise<void> {
    this.#texts.clear()
    this.#bytes = 0
  }
}

function sizeOf(key: string, text: string): number {
  return 2 * (key.length + text.length)
}
