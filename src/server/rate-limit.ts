/** How many requests a client may make: a bucket for each, which fills up evenly and holds a minute's worth. */
import { isIPv6 } from 'node:net'
import { HttpProblem } from './problem.js'

interface Bucket {
  left: number
  /** When `left` was true. */
  at: number
}

const MINUTE_MS = 60_000
const CLIENTS_MAX = 10_000

export class RateLimit {
  readonly #perMinute: number
  readonly #perMs: number
  readonly #now: () => number
  /** The one that has not been heard of for the longest time comes first. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.#perMinute = perMinute
    this.#perMs = perMinute / MINUTE_MS
    this.#now = now
  }

  /** Counts requests of a client. @throws HttpProblem TOO_MANY_REQUESTS, which counts nothing */
  take(client: string, cost: number): void {
    const now = this.#now()
    const bucket = this.#bucketOf(client, now)
    bucket.left = Math.min(this.#perMinute, bucket.left + (now - bucket.at) * this.#perMs)
    bucket.at = now
    const due = Math.min(cost, this.#perMinute)
    if (bucket.left >= due) {
      bucket.left -= due
      return
    }
    const waitS = Math.max(1, Math.ceil((due - bucket.left) / this.#perMs / 1_000))
    throw new HttpProblem('TOO_MANY_REQUESTS', `More than ${this.#perMinute} requests a minute. Wait ${waitS} s.`, {
      headers: { 'retry-after': String(waitS) },
    })
  }

  #bucketOf(client: string, now: number): Bucket {
    const known = this.#buckets.get(client)
    if (known !== undefined) return known
    // Whoever calls from ever new addresses pushes out others of that kind first, as they are the latest forgotten.
    if (this.#buckets.size >= CLIENTS_MAX) this.#forgetIdle(now)
    const bucket = { left: this.#perMinute, at: now }
    this.#buckets.set(client, bucket)
    return bucket
  }

  /** Takes out those that would be full by now; the oldest one when there is none. */
  #forgetIdle(now: number): void {
    for (const [client, { left, at }] of this.#buckets) {
      if (left + (now - at) * this.#perMs >= this.#perMinute) this.#buckets.delete(client)
    }
    if (this.#buckets.size < CLIENTS_MAX) return
    const oldest = this.#buckets.keys().next().value
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}

/** Whom an address stands for: one machine, or with IPv6 the network that one customer is given (/64). */
export function clientOf(address: string): string {
  if (!address.includes(':') || !isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = address.split('::')
  const [before, after] = [partsOf(head), partsOf(tail ?? '')]
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const parts = [...before, ...Array.from({ length: zeros }, () => '0'), ...after]
  return `${parts.slice(0, 4).join(':')}::/64`
}

function partsOf(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
