/** Answers in Redis, shared by all servers of an installation. */
import type { Redis } from 'ioredis'
import type { AnswerStore } from './answer-store.js'

const PREFIX = 'shardyard:answers:'
/** What a server made before its reports were written anew is told for no longer than this. */
const KEPT_S = 3_600
/** An answer is made anew rather than waited for. */
const ANSWER_MS = 500

export class RedisStore implements AnswerStore {
  readonly #redis: Redis

  /** Connects in the background: a server starts without it. */
  constructor(url: string) {
    const ioredis = require('ioredis') as typeof import('ioredis')
    this.#redis = new ioredis.Redis(url, {
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: ANSWER_MS,
      disconnectTimeout: ANSWER_MS,
      retryStrategy: (times) => Math.min(1_000, 50 * times),
    })
    // Each command that fails is told as nothing kept; without a listener the process would end.
    this.#redis.on('error', () => undefined)
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.#redis.get(PREFIX + key).catch(() => null)) ?? undefined
  }

  async set(key: string, text: string): Promise<void> {
    await this.#redis.set(PREFIX + key, text, 'EX', KEPT_S).catch(() => null)
  }

  async delete(key: string): Promise<void> {
    await this.#redis.del(PREFIX + key).catch(() => 0)
  }

  async close(): Promise<void> {
    this.#redis.disconnect()
  }
}
