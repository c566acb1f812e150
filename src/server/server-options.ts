import type { FastifyServerOptions } from 'fastify'
import { checkInteger } from '../util/check-option.js'

/** Options of {@link createServer}. */
export interface ServerOptions {
  /** The config file that worker threads import. Without it one thread does the work of a load. @defaultValue none */
  readonly config?: string
  /** `redis://…` for several machines. @defaultValue jobs are kept in the control database */
  readonly queueUrl?: string
  /** Where uploads and finished reports are kept. @defaultValue 'data/files' */
  readonly folder?: string
  /** Jobs that this process runs side by side; 0 leaves them to `shardyard work`. @defaultValue 2 */
  readonly concurrency?: number
  /** Largest body of a request that is no upload, in bytes. @defaultValue 1 MiB */
  readonly bodyBytesMax?: number
  /** Largest upload, in bytes. @defaultValue 10 GiB */
  readonly uploadBytesMax?: number
  /** What uploads leave free on the disk, in bytes. @defaultValue 256 MiB */
  readonly freeBytesMin?: number
  /** How long a request may take to come in and be answered, uploads and streams excepted. @defaultValue 60,000 */
  readonly requestMs?: number
  /** Requests that one client, a key or an address, may make in a minute. @defaultValue 600,000 */
  readonly requestsPerMinute?: number
  /** Connections at a time; more are closed at once. @defaultValue 20,000 */
  readonly connectionsMax?: number
  /** Names by which the server may be called, beside `localhost` and addresses; `*` is any. @defaultValue none */
  readonly hosts?: readonly string[]
  /** Whether a bearer key is asked for: always, or as soon as one was made. @defaultValue 'when-made' */
  readonly keys?: 'always' | 'when-made'
  /** Whether faults may be switched on. @defaultValue false */
  readonly mayFail?: boolean
  /** Whether answers that cost time are told again while no data has changed: in memory, or with `queueUrl` in Redis. @defaultValue 'on' */
  readonly cache?: 'on' | 'off'
  /** How many may listen to the stream at once. @defaultValue 10,000 */
  readonly listenersMax?: number
  /** How long a stop waits for work under way, in milliseconds. @defaultValue 10,000 */
  readonly drainMs?: number
  /** Where `env(…)` of the definition's server looks. @defaultValue process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Where log lines go, or `false` for none. @defaultValue false */
  readonly logger?: FastifyServerOptions['logger']
}

export type ResolvedServerOptions = Readonly<Required<Omit<ServerOptions, 'config'>>> & Pick<ServerOptions, 'config'>

const MINUTE_MS = 60_000
const MIB = 2 ** 20

/** Fills in the defaults and checks what was given. */
export function resolveServerOptions(options: ServerOptions): ResolvedServerOptions {
  const { concurrency = 2, bodyBytesMax = MIB, uploadBytesMax = 10_240 * MIB, requestMs = MINUTE_MS } = options
  const { requestsPerMinute = 600_000, drainMs = 10_000, connectionsMax = 20_000, listenersMax = 10_000 } = options
  return Object.freeze({
    ...(options.config === undefined ? {} : { config: options.config }),
    queueUrl: options.queueUrl ?? '',
    folder: options.folder ?? 'data/files',
    concurrency: checkInteger('concurrency', concurrency, { min: 0, max: 64 }),
    bodyBytesMax: checkInteger('bodyBytesMax', bodyBytesMax, { min: 1, max: 1_024 * MIB }),
    uploadBytesMax: checkInteger('uploadBytesMax', uploadBytesMax, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    freeBytesMin: checkInteger('freeBytesMin', options.freeBytesMin ?? 256 * MIB, {
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
    }),
    requestMs: checkInteger('requestMs', requestMs, { min: 100, max: 60 * MINUTE_MS }),
    requestsPerMinute: checkInteger('requestsPerMinute', requestsPerMinute, { min: 1, max: 100_000_000 }),
    connectionsMax: checkInteger('connectionsMax', connectionsMax, { min: 1, max: 1_000_000 }),
    hosts: Object.freeze([...(options.hosts ?? [])]),
    keys: options.keys ?? 'when-made',
    mayFail: options.mayFail ?? false,
    cache: options.cache ?? 'on',
    listenersMax: checkInteger('listenersMax', listenersMax, { min: 0, max: 1_000_000 }),
    drainMs: checkInteger('drainMs', drainMs, { min: 0, max: 60 * MINUTE_MS }),
    environment: options.environment ?? process.env,
    logger: options.logger ?? false,
  })
}
