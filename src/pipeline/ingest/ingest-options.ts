import type { Readable } from 'node:stream'
import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import type { Faults } from '../bulk/fault-points.js'
import type { ScanOptions } from '../formats/scan-options.js'
import type { Dedupe, LedgerMode } from './ingest-plan.js'

/** What is ingested: the path of a file (`-` is standard input), bytes that stream in, or objects. */
export type IngestSource = string | Readable | Iterable<object> | AsyncIterable<object>

/**
 * What an ingestion tells while it runs. `total` is in bytes while a file is scanned (undefined when that is not known),
 * then in records; `settled` and `rejected` count the records so far, those of earlier attempts with them.
 */
export type IngestEvent =
  | { readonly kind: 'scanning'; readonly file: string; readonly bytes: number; readonly total: number | undefined }
  | { readonly kind: 'started'; readonly run: string; readonly isResumed: boolean; readonly total: number }
  | { readonly kind: 'progress'; readonly settled: number; readonly rejected: number }
  | { readonly kind: 'waiting-for-run'; readonly run: string }
  | { readonly kind: 'waiting-for-database'; readonly database: string; readonly message: string }

/** An entity: its class, or its name as the placement has it. */
export type EntityName = string | (abstract new (...args: never[]) => object)

/** Options of {@link ingest}. */
export interface IngestOptions {
  /** The entity that the records become: its class or its name. */
  readonly into: EntityName
  /** @defaultValue 'auto': told from the first bytes */
  readonly format?: ScanOptions['format']
  /** WHATWG label, such as `windows-1254`. @defaultValue what a byte order mark says, else UTF-8 */
  readonly encoding?: string
  /** CSV: what stands between two fields. @defaultValue told from the first records */
  readonly delimiter?: string
  /** CSV: names of the columns of files without a header line. */
  readonly header?: readonly string[]
  /** JSON: the member of the outer object that holds the records. */
  readonly path?: string
  /** Source name, or JSON pointer into the record, → property. */
  readonly map?: Readonly<Record<string, string>>
  /** IANA time zone of dates that say none, for properties whose `@Intake` declares no zone. */
  readonly zone?: string
  /** Worker threads, 1 to 64. @defaultValue 2 */
  readonly threads?: number
  /** What makes two records the same. @defaultValue 'raw' */
  readonly dedupe?: Dedupe
  /** What is kept of the records. @defaultValue 'full' */
  readonly ledger?: LedgerMode
  /** The run stops when more are rejected: a number of records, or a share such as `5%`. @defaultValue no limit */
  readonly maxRejects?: number | string
  /** How long to wait for a database that is down, in milliseconds. @defaultValue 60,000 */
  readonly waitMs?: number
  /** The config file that the worker threads import. Without it this thread does all the work. */
  readonly config?: string
  /** Id of the unfinished run that this call must go on with; with other files or options it fails. */
  readonly resume?: string
  readonly signal?: AbortSignal
  readonly onEvent?: (event: IngestEvent) => void
  /** Bytes of a chunk, which is one transaction. @defaultValue 384 KiB */
  readonly chunkBytes?: number
  /** Points at which to fail on purpose; see util/faults.ts and bulk/fault-points.ts. @defaultValue none */
  readonly faults?: Faults
}

export type ResolvedIngestOptions = ReturnType<typeof resolveIngestOptions>

const DEDUPES: readonly unknown[] = ['raw', 'canonical', 'key']
const LEDGERS: readonly unknown[] = ['full', 'rejects', 'counts']

/** Fills in the defaults and checks what was given. */
export function resolveIngestOptions({
  threads = 2,
  dedupe = 'raw',
  ledger = 'full',
  waitMs = 60_000,
  chunkBytes = 384 * 1024,
  ...rest
}: IngestOptions) {
  requireOneOf('dedupe', dedupe, DEDUPES)
  requireOneOf('ledger', ledger, LEDGERS)
  return Object.freeze({
    ...rest,
    map: rest.map ?? {},
    threads: checkInteger('threads', threads, { min: 1, max: 64 }),
    dedupe,
    ledger,
    waitMs: checkInteger('waitMs', waitMs, { min: 0, max: 86_400_000 }),
    chunkBytes: checkInteger('chunkBytes', chunkBytes, { min: 1, max: 2 ** 26 }),
    rejectsMax: rejectLimit(rest.maxRejects),
    onEvent: rest.onEvent ?? (() => undefined),
    faults: rest.faults ?? '',
  })
}

/** How many records may be rejected of so many. */
function rejectLimit(given: number | string | undefined): (records: number) => number {
  if (given === undefined) return () => Number.POSITIVE_INFINITY
  const share = /^(\d{1,3}(?:\.\d+)?)%$/.exec(String(given))?.[1]
  if (share !== undefined && Number(share) <= 100) return (records) => Math.floor((records * Number(share)) / 100)
  if (/^\d{1,15}$/.test(String(given))) return () => Number(given)
  throw new ShardyardError(
    'SY_OPTION_INVALID',
    `Expected \`maxRejects\` to be a number of records or a share such as 5%, got ${JSON.stringify(given)}.`,
    { details: { option: 'maxRejects' } },
  )
}

function requireOneOf(option: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return
  throw new ShardyardError(
    'SY_OPTION_INVALID',
    `Expected \`${option}\` to be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}.`,
    { details: { option } },
  )
}
