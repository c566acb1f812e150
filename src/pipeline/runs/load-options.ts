import type { Faults } from '../bulk/fault-points.js'
import { checkInteger } from '../../util/check-option.js'

/** What a load tells while it runs. */
export type LoadEvent =
  | { readonly kind: 'started'; readonly run: string; readonly isResumed: boolean; readonly total: number }
  | { readonly kind: 'progress'; readonly settled: number }
  | { readonly kind: 'waiting-for-run'; readonly run: string }
  | { readonly kind: 'waiting-for-database'; readonly database: string; readonly message: string }

/** Options of {@link loadRecords}. */
export interface LoadOptions {
  /** Worker threads, 1 to 64. @defaultValue 10 */
  readonly threads?: number
  /** Records in one transaction, 1 to 10,000. @defaultValue 1 */
  readonly batch?: number
  /** How long to wait for a database that is down, in milliseconds. @defaultValue 60,000 */
  readonly waitMs?: number
  /** The config file, which threads of a large generated load import. @defaultValue none: this thread makes the records */
  readonly config?: string
  readonly signal?: AbortSignal
  readonly onEvent?: (event: LoadEvent) => void
  /** Points at which to fail on purpose, for tests; see util/faults.ts. @defaultValue none */
  readonly faults?: Faults
}

export type ResolvedLoadOptions = ReturnType<typeof resolveLoadOptions>

export function resolveLoadOptions({ threads = 10, batch = 1, waitMs = 60_000, ...rest }: LoadOptions) {
  return Object.freeze({
    threads: checkInteger('threads', threads, { min: 1, max: 64 }),
    batch: checkInteger('batch', batch, { min: 1, max: 10_000 }),
    waitMs: checkInteger('waitMs', waitMs, { min: 0, max: 86_400_000 }),
    config: rest.config,
    signal: rest.signal,
    onEvent: rest.onEvent ?? (() => undefined),
    faults: rest.faults ?? '',
  })
}
