/**
 * The keys as a server checks them: a copy of the table, read again when it is a few seconds old.
 *
 * 1. A key that was revoked works for {@link FRESH_MS} at most while control answers.
 * 2. While control does not answer, keys that were known go on working for {@link STALE_MS}; then nothing is allowed.
 *    A server that knows of no key goes on asking for none: none can be made meanwhile, and it has to tell of the outage.
 * 3. At most one read is under way, and a request waits for it {@link ANSWER_MS} at most.
 */
import type { KeyRow } from '../../cluster/bookkeeping/key-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { within } from '../../util/sleep.js'
import { isKeyOf, keyIdOf } from './key-text.js'
import { readKeys, toKey, type ServerKey } from './keys.js'

interface Copy {
  readonly rows: ReadonlyMap<string, KeyRow>
  /** By a clock that only goes on. */
  readonly readAt: number
  /** When the table was last asked for, with or without an answer. */
  readonly askedAt: number
}

/** Options of {@link KeyRing}, for tests of its times. */
export interface KeyRingOptions {
  /** @defaultValue 3,000 */
  readonly freshMs?: number
  /** @defaultValue 60,000 */
  readonly staleMs?: number
}

const FRESH_MS = 3_000
const STALE_MS = 60_000
const ANSWER_MS = 2_000
/** A key that is not known may have been made just now; whoever guesses causes a read this often at most. */
const AGAIN_MS = 200

export class KeyRing {
  readonly #cluster: Cluster
  readonly #freshMs: number
  readonly #staleMs: number
  readonly #againMs: number
  #copy: Copy | undefined
  #reading: Promise<boolean> | undefined

  constructor(cluster: Cluster, { freshMs = FRESH_MS, staleMs = STALE_MS }: KeyRingOptions = {}) {
    this.#cluster = cluster
    this.#freshMs = freshMs
    this.#staleMs = staleMs
    this.#againMs = Math.min(AGAIN_MS, freshMs)
  }

  /** Whether a key was ever made, also one that is revoked by now. @throws SY_DATABASE_DOWN */
  async isAnyMade(): Promise<boolean> {
    return (await this.#rows()).size > 0
  }

  /** What a key allows; undefined when it is none, or revoked, or expired. @throws SY_DATABASE_DOWN when that is not known */
  async check(text: string): Promise<ServerKey | undefined> {
    const id = keyIdOf(text)
    if (id === undefined) return undefined
    const row = (await this.#rows()).get(id) ?? (await this.#rows(this.#againMs)).get(id)
    if (row === undefined) {
      // It may have been made while control could not be asked.
      if (!this.#isFresh()) throw this.#unknown()
      return undefined
    }
    if (row.revokedAt !== null || !isKeyOf(text, row.hash)) return undefined
    return row.expiresAt === null || Number(row.expiresAt) > Date.now() ? toKey(row) : undefined
  }

  /** True as long as it is known that no key was made: then there is nothing to wait for. */
  get isKnownEmpty(): boolean {
    return this.#copy?.rows.size === 0 && performance.now() - this.#copy.askedAt <= this.#freshMs
  }

  async #rows(freshMs = this.#freshMs): Promise<Copy['rows']> {
    if (this.#copy === undefined || performance.now() - this.#copy.askedAt > freshMs) {
      this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
      await within(this.#reading, ANSWER_MS)
    }
    const copy = this.#copy
    const isStale = copy !== undefined && copy.rows.size > 0 && performance.now() - copy.readAt > this.#staleMs
    if (copy === undefined || isStale) throw this.#unknown()
    return copy.rows
  }

  async #read(): Promise<boolean> {
    const askedAt = performance.now()
    // Whoever comes while this read is under way goes on with what was known before it.
    if (this.#copy !== undefined) this.#copy = { ...this.#copy, askedAt }
    try {
      const rows = new Map((await readKeys(this.#cluster)).map((row) => [row.id, row]))
      this.#copy = { rows, askedAt, readAt: askedAt }
      return true
    } catch {
      // What was known goes on for a while; whoever finds nothing known tells that control is away.
      return false
    }
  }

  #isFresh(): boolean {
    return this.#copy !== undefined && performance.now() - this.#copy.readAt <= 2 * this.#freshMs
  }

  #unknown(): ShardyardError {
    const database = this.#cluster.definition.control ?? ''
    return new ShardyardError('SY_DATABASE_DOWN', 'The keys cannot be read: the control database does not answer.', {
      details: { database, kind: 'unavailable' },
    })
  }
}
