/** Jobs that a time-table begins: `rollup` adds up what has come, `retention` removes what is not kept any more. */
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { IdempotencyStore } from '../idempotency/idempotency-store.js'
import { findRollups, runRollup } from '../reports/run-rollup.js'
import type { UploadStore } from '../uploads/upload-store.js'
import type { JobFiles } from './job-files.js'
import type { JobQueue, NewJob } from './job-queue.js'
import type { JobContext, JobHandler } from './job-runner.js'
import type { Json } from './job.js'

/** What retention goes through. */
export interface UpkeepTools {
  readonly queue: JobQueue
  readonly files: JobFiles
  readonly uploads: UploadStore
}

/**
 * The job of a roll-up, or of all of them, for a queue to store.
 *
 * @throws SY_OPTION_INVALID when there is none of that name
 */
export function rollupJob(cluster: Cluster, { name, key }: { readonly name?: string; readonly key?: string }): NewJob {
  findRollups(cluster.definition, name)
  return { kind: 'rollup', data: name === undefined ? {} : { name }, ...(key === undefined ? {} : { key }) }
}

/** The job that removes what is not kept any more. */
export function retentionJob({ key }: { readonly key?: string } = {}): NewJob {
  return { kind: 'retention', data: {}, ...(key === undefined ? {} : { key }) }
}

/** The handlers of these jobs, for a `JobRunner`. */
export function upkeepHandlers(tools: UpkeepTools): Readonly<Record<'rollup' | 'retention', JobHandler>> {
  return { rollup: rollUp, retention: ({ cluster }) => retain(cluster, tools) }
}

async function rollUp({ job, cluster, signal, progress }: JobContext): Promise<Json> {
  const { name } = (job.data ?? {}) as { readonly name?: unknown }
  const rollups = findRollups(cluster.definition, name === undefined ? undefined : String(name))
  const results: Json[] = []
  for (const rollup of rollups) {
    const onProgress = (done: number, total: number) => progress(done, total, rollup.name)
    try {
      const { rows, says } = await runRollup(rollup, { cluster, isAnew: false, signal, onProgress })
      results.push({ name: rollup.name, rows, says })
    } catch (error) {
      // Every night of an installation that has no such data yet.
      if (!(error instanceof ShardyardError && error.code === 'SY_SCHEMA_DRIFT')) throw error
      results.push({ name: rollup.name, rows: 0, says: error.message })
    }
  }
  return { rollups: results }
}

/**
 * Nothing that a run needs is touched: rejected records and what makes duplicates known stay for as long as the rows.
 */
async function retain(cluster: Cluster, { queue, files, uploads }: UpkeepTools): Promise<Json> {
  const jobs = await queue.prune()
  const { control } = cluster.definition
  const requests = control === undefined ? 0 : await new IdempotencyStore(cluster, 0).prune()
  return { jobs, files: await files.prune(queue), uploads: await uploads.prune(), requests }
}
