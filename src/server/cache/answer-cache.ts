/** Answers that are told again as long as the data they were made from has not changed. */
import { createHash } from 'node:crypto'
import type { DataVersions } from '../../pipeline/cache/data-versions.js'
import type { AnswerStore } from './answer-store.js'

const { version: LIBRARY } = require('../../../../package.json') as { version: string }

export class AnswerCache {
  readonly #versions: DataVersions
  /** Undefined when nothing is to be kept. */
  readonly #store: AnswerStore | undefined
  readonly #making = new Map<string, Promise<unknown>>()

  constructor(versions: DataVersions, store: AnswerStore | undefined) {
    this.#versions = versions
    this.#store = store
  }

  /** The answer of `make`, plain JSON, or the same from before, when nothing in those databases was committed since. */
  async through<T>(name: string, databases: readonly string[], make: () => Promise<T>): Promise<T> {
    const store = this.#store
    // Told before anything is read: what is committed while the answer is made gives the next one another version.
    const version = store === undefined ? undefined : await this.#versions.of(databases)
    if (store === undefined || version === undefined) return make()
    const key = keyOf(name, version)
    const kept = await store.get(key)
    if (kept !== undefined) return JSON.parse(kept) as T
    const making =
      this.#making.get(key) ??
      make().then(async (answer) => {
        await store.set(key, JSON.stringify(answer))
        return answer
      })
    this.#making.set(key, making)
    try {
      return (await making) as T
    } finally {
      this.#making.delete(key)
    }
  }

  /**
   * A text that is kept for all that reports read, and how to keep one; undefined when the data has no version, or
   * nothing is to be kept.
   */
  async kept(name: string): Promise<KeptText | undefined> {
    const store = this.#store
    const version = store === undefined ? undefined : await this.#versions.ofAll()
    if (store === undefined || version === undefined) return undefined
    const key = keyOf(name, version)
    return { text: await store.get(key), keep: (text) => store.set(key, text) }
  }

  async close(): Promise<void> {
    await this.#versions.close()
    await this.#store?.close()
  }
}

/** What {@link AnswerCache.kept} tells. */
export interface KeptText {
  readonly text: string | undefined
  readonly keep: (text: string) => Promise<void>
}

function keyOf(name: string, version: string): string {
  return createHash('sha256')
    .update(JSON.stringify([LIBRARY, name, version]))
    .digest('base64url')
}
