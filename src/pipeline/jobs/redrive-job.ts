/** Redrives as jobs: the rejects of a run as they stand, or a corrected export of them that was uploaded. */
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { ingestAccountOf } from '../ingest/part-store.js'
import { redriveFile, redriveRun } from '../ingest/redrive.js'
import { requireKept } from '../ingest/rejects.js'
import { migrateFor } from '../maintenance/migrate-for.js'
import { findRun } from '../runs/find-run.js'
import type { SourcePlaces } from '../uploads/load-source.js'
import { finishedRunOf, ingestResult, LOAD_PATIENCE, LOAD_WAIT_MS, loading, type LoadTools } from './load-job.js'
import { LoadProgress } from './load-progress.js'
import type { JobContext, JobHandler } from './job-runner.js'
import type { Json } from './job.js'
import type { NewJob } from './job-queue.js'

/** What a redrive job is asked for. */
export interface RedriveJobRequest {
  /** The run whose rejects are loaded again. */
  readonly run: string
  /** A corrected export of them. @defaultValue none: they are loaded as they stood */
  readonly upload?: string | undefined
  /** Two requests with the same key are one job. @defaultValue none */
  readonly key?: string
}

/**
 * The job that loads the rejects of a run again, for a queue to store.
 *
 * @throws SY_RUN_UNKNOWN, SY_UPLOAD_UNKNOWN; SY_INPUT_INVALID when the run has no rejects that could be loaded
 */
export async function redriveJob(
  cluster: Cluster,
  { run: id, upload, key }: RedriveJobRequest,
  { uploads }: Pick<SourcePlaces, 'uploads'>,
): Promise<NewJob> {
  const run = await findRun(cluster, id, 'ingestion')
  const { entity } = requireKept(run)
  const { counts } = await ingestAccountOf(cluster, run)
  if (counts.rejected === 0) throw new ShardyardError('SY_INPUT_INVALID', `Run ${run.id} has no rejects.`)
  const corrections = upload === undefined ? undefined : (await uploads.show(upload)).name
  const title = corrections ?? `rejects of run ${run.id}`
  return {
    kind: 'redrive',
    data: { run: run.id, into: entity, title, ...(upload === undefined ? {} : { upload }) },
    ...LOAD_PATIENCE,
    ...(key === undefined ? {} : { key }),
  }
}

/** The handler of redrive jobs, for a `JobRunner`. */
export function redriveHandler(tools: LoadTools): JobHandler {
  return (context) => loading(() => runRedrive(context, tools))
}

async function runRedrive({ job, cluster, signal, tell }: JobContext, tools: LoadTools): Promise<Json> {
  const { run: id, upload } = dataOf(job.data)
  const finished = await finishedRunOf(cluster, job)
  if (finished !== undefined) return ingestResult(await ingestAccountOf(cluster, finished))
  const run = await findRun(cluster, id, 'ingestion')
  const { onEvent } = new LoadProgress(tell)
  const patience = { waitMs: LOAD_WAIT_MS, signal, onEvent }
  const { config, faults = '', uploads } = tools
  const options = { ...patience, faults, ...(config === undefined ? {} : { config }) }
  await migrateFor(cluster, requireKept(run).entity, { patience, say: () => undefined })
  if (upload === undefined) return ingestResult(await redriveRun(cluster, run, options))
  const { name: title } = await uploads.show(upload)
  const open = () => uploads.open(upload)
  const corrected = { ...options, run: run.id, title, open }
  return ingestResult(await redriveFile(cluster, uploads.pathOf(upload), corrected))
}

function dataOf(value: unknown): { readonly run: string; readonly upload: string | undefined } {
  const { run, upload } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof run === 'string' && (upload === undefined || typeof upload === 'string')) return { run, upload }
  throw new ShardyardError('SY_OPTION_INVALID', 'Expected a redrive job to name a run, and an upload as text.')
}
