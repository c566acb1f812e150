/** Ingestions as jobs. One that is run again goes on with its run: what is stored is not stored twice. */
import type { Cluster } from '../../cluster/cluster.js'
import type { EntityClass } from '../../columns/references.js'
import { ShardyardError } from '../../errors.js'
import { resolveScanOptions } from '../formats/scan-options.js'
import { resolveEncoding } from '../formats/text-encoding.js'
import { dryRunNamed } from '../ingest/dry-run.js'
import { entityIn, ingestNamed } from '../ingest/ingest.js'
import { resolveIngestOptions, type IngestOptions } from '../ingest/ingest-options.js'
import { scanGiven } from '../ingest/open-files.js'
import { ingestAccountOf } from '../ingest/part-store.js'
import { migrateFor } from '../maintenance/migrate-for.js'
import { normaliserOf } from '../normalise/normaliser.js'
import {
  loadSourceOf,
  namedSourceOf,
  titleOfSource,
  type LoadSource,
  type SourcePlaces,
} from '../uploads/load-source.js'
import { fittingPreview } from './fitting-preview.js'
import { LoadProgress } from './load-progress.js'
import {
  finishedRunOf,
  ingestResult,
  LOAD_PATIENCE,
  LOAD_WAIT_MS,
  loading,
  plainJson,
  type LoadTools,
} from './load-job.js'
import type { JobContext, JobHandler } from './job-runner.js'
import type { Json } from './job.js'
import type { NewJob } from './job-queue.js'

/** What may be said of an ingestion, and how that is checked when it comes back from a queue. */
const OPTIONS = {
  format: isText,
  encoding: isText,
  delimiter: isText,
  header: (value: unknown) => Array.isArray(value) && value.every(isText),
  path: isText,
  map: (value: unknown) => isObject(value) && Object.values(value).every(isText),
  zone: isText,
  threads: (value: unknown) => typeof value === 'number',
  dedupe: isText,
  ledger: isText,
  maxRejects: (value: unknown) => typeof value === 'number' || isText(value),
} as const

type GivenOptions = Pick<IngestOptions, keyof typeof OPTIONS>

/** What an ingestion job is asked for. */
export interface IngestJobRequest extends GivenOptions {
  readonly source: LoadSource
  /** Name of the entity that the records become. */
  readonly into: string
  /** Only looks at the file; the result has what would become of it. @defaultValue false */
  readonly isDryRun?: boolean
  /** Two requests with the same key are one job. @defaultValue none */
  readonly key?: string
}

/** What is read of a job's data; it was stored by whoever can reach the queue, so nothing of it is trusted. */
interface IngestData {
  readonly source: LoadSource
  readonly into: string
  readonly isDryRun: boolean
  readonly options: GivenOptions
}

/**
 * The job that ingests an upload or a file under a named root, for a queue to store; its result has the account.
 *
 * @throws SY_OPTION_INVALID, SY_ENTITY_UNKNOWN, SY_UPLOAD_UNKNOWN, SY_SOURCE_UNREADABLE before anything is stored
 */
export async function ingestJob(cluster: Cluster, request: IngestJobRequest, places: SourcePlaces): Promise<NewJob> {
  const { source, into, isDryRun = false, key, ...given } = request
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const data = dataOf({ source, into, isDryRun, options })
  requireSound(cluster, data)
  const title = await titleOfSource(data.source, places)
  return {
    kind: 'ingest',
    data: plainJson({ ...data, title }),
    ...LOAD_PATIENCE,
    ...(key === undefined ? {} : { key }),
  }
}

/** The handler of ingestion jobs, for a `JobRunner`. */
export function ingestHandler(tools: LoadTools): JobHandler {
  return (context) => loading(() => runIngest(context, tools))
}

async function runIngest({ job, cluster, signal, tell }: JobContext, tools: LoadTools): Promise<Json> {
  const { source, into, isDryRun, options: given } = dataOf(job.data)
  const finished = await finishedRunOf(cluster, job)
  if (finished !== undefined) return ingestResult(await ingestAccountOf(cluster, finished))
  const { onEvent } = new LoadProgress(tell)
  const patience = { waitMs: LOAD_WAIT_MS, signal, onEvent }
  const { config, faults = '' } = tools
  const options = { ...given, ...patience, into, faults, ...(config === undefined ? {} : { config }) }
  const named = await namedSourceOf(source, tools)
  await migrateFor(cluster, into, { patience, say: () => undefined })
  if (isDryRun) return { preview: fittingPreview(await dryRunNamed(cluster, [named], options)) }
  return ingestResult(await ingestNamed(cluster, [named], options))
}

/** Checks what can be checked before the file is read. */
function requireSound(cluster: Cluster, { into, options }: IngestData): void {
  const entity = entityIn(cluster, into)
  const resolved = resolveIngestOptions({ ...options, into })
  const { map, zone, encoding } = resolved
  resolveScanOptions(scanGiven(resolved))
  if (encoding !== undefined) resolveEncoding(encoding)
  normaliserOf(entity as EntityClass, { map, ...(zone === undefined ? {} : { zone }) })
}

function dataOf(value: unknown): IngestData {
  const { source, into, isDryRun = false, options = {} } = (value ?? {}) as Readonly<Record<string, unknown>>
  const found = loadSourceOf(source)
  if (found === undefined) throw wrong('source', '{ upload } or { root, path }')
  if (typeof into !== 'string') throw wrong('into', 'the name of an entity')
  if (typeof isDryRun !== 'boolean') throw wrong('isDryRun', 'true or false')
  if (!isObject(options)) throw wrong('options', 'an object')
  for (const [name, given] of Object.entries(options)) {
    const isRight = Object.hasOwn(OPTIONS, name) ? OPTIONS[name as keyof typeof OPTIONS] : undefined
    if (isRight === undefined) throw wrong(name, `left out: the options are ${Object.keys(OPTIONS).join(', ')}`)
    if (!isRight(given)) throw wrong(name, 'of another type')
  }
  return { source: found, into, isDryRun, options: options as GivenOptions }
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(option: string, expected: string): ShardyardError {
  return new ShardyardError('SY_OPTION_INVALID', `Expected \`${option}\` of an ingestion to be ${expected}.`, {
    details: { option },
  })
}
