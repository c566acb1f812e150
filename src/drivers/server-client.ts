/** What the engines that are servers share: their options, the clients of their pools, and patience with them. */
import type { DataSourceOptions, QueryRunner } from 'typeorm'
import { within } from '../util/sleep.js'

/** Options that TypeORM hands to the client as they are. */
export function extraOf(options: DataSourceOptions): Record<string, unknown> {
  return (options as { extra?: Record<string, unknown> }).extra ?? {}
}

/** Host, port and database of a URL or of separate options; this machine has one name. */
export function addressParts(
  options: DataSourceOptions,
  portByDefault: number,
): { host: string; port: string; database: string } {
  const given = options as { url?: string; host?: string; port?: number; database?: string }
  const url = given.url === undefined ? undefined : new URL(given.url)
  return {
    host: (url?.hostname ?? given.host ?? 'localhost').toLowerCase().replace(/^(localhost|\[::1\])$/, '127.0.0.1'),
    port: String(url?.port || given.port || portByDefault),
    database: url === undefined ? (given.database ?? '') : decodeURIComponent(url.pathname.slice(1)),
  }
}

/** Keeps every client that a runner has had in `clients` until it ends, so that it can be cut from outside. */
export function trackClient<Client>(
  runner: QueryRunner,
  clients: Set<Client>,
  onEnd: (client: Client, forget: () => void) => void,
): void {
  const { connect } = runner
  runner.connect = async () => {
    const client = (await connect.call(runner)) as Client
    if (!clients.has(client)) onEnd(client, () => clients.delete(client))
    clients.add(client)
    return client
  }
}

const CONNECT_TIMEOUT_MS = 10_000
const CLOSE_LIMIT_MS = 1_000
const WATCH_EVERY_MS = 250

/** How long a client that waits `waitMs` for answers tries to connect, in milliseconds. */
export function connectTimeout(waitMs = Number.POSITIVE_INFINITY): number {
  return Math.max(WATCH_EVERY_MS, Math.min(CONNECT_TIMEOUT_MS, waitMs))
}

/** Cuts the line to a server that leaves a statement without an answer for too long: it may be frozen, or out of reach. */
export class SilenceWatch {
  readonly #cut: (error?: Error) => void
  readonly #timer: NodeJS.Timeout
  #askedAt: number | undefined

  /** `cut` ends the connection, so that what waits for its answer fails with the error. */
  constructor(waitMs: () => number, cut: (error?: Error) => void) {
    this.#cut = cut
    this.#timer = setInterval(() => {
      if (this.#askedAt === undefined) return
      const limitMs = waitMs()
      if (performance.now() - this.#askedAt >= limitMs) cut(silence(limitMs))
    }, WATCH_EVERY_MS).unref()
  }

  /** Watches a statement; they run one after the other. */
  async watch<T>(answer: Promise<T>): Promise<T> {
    this.#askedAt = performance.now()
    try {
      return await answer
    } finally {
      this.#askedAt = undefined
    }
  }

  /** Ends the connection politely, or cuts it when that takes long. */
  async close(end: () => Promise<unknown>): Promise<void> {
    clearInterval(this.#timer)
    await within(
      end().catch(() => undefined),
      CLOSE_LIMIT_MS,
    )
    this.#cut()
  }
}

function silence(limitMs: number): Error {
  const message = `The server has not answered for ${Math.round(limitMs / 100) / 10} s`
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' })
}
