/** Ingestions and redrives as the API tells them: a job, its run, and what the run has counted. */
import type { Cluster } from '../cluster/cluster.js'
import { ShardyardError } from '../errors.js'
import { ingestAccountOf } from '../pipeline/ingest/part-store.js'
import type { Job, Json } from '../pipeline/jobs/job.js'
import type { Counts } from '../pipeline/reports/run-account.js'
import { RunStore } from '../pipeline/runs/run-store.js'
import { COUNTS } from './counts-schema.js'
import { COUNT, MAYBE_NUMBER, MAYBE_TEXT, MAYBE_TIME, TIME } from './schemas.js'
import { JOB_STATES } from '../pipeline/jobs/job.js'

/** The kinds of jobs that are told as ingestions. */
export const INGESTION_KINDS = ['ingest', 'redrive'] as const

export const INGESTION = {
  $id: 'Ingestion',
  type: 'object',
  required: ['id', 'run', 'state', 'kind', 'into', 'source', 'isDryRun', 'progress', 'counts', 'error', 'createdAt'],
  properties: {
    id: { type: 'string', description: 'that of its job' },
    run: { ...MAYBE_TEXT, description: 'id of its run, once that has begun' },
    state: { enum: JOB_STATES },
    kind: { enum: INGESTION_KINDS },
    into: { type: 'string' },
    source: { type: 'string', description: 'for people' },
    isDryRun: { type: 'boolean' },
    progress: {
      type: ['object', 'null'],
      properties: {
        done: COUNT,
        total: MAYBE_NUMBER,
        rejected: COUNT,
        recordsPerSecond: MAYBE_NUMBER,
        etaSeconds: MAYBE_NUMBER,
        note: { ...MAYBE_TEXT, description: 'what it does now, when it does not load' },
      },
    },
    counts: { ...COUNTS, type: ['object', 'null'] },
    isBalanced: { type: ['boolean', 'null'], description: 'null until the run is complete' },
    error: { type: ['object', 'null'], properties: { code: { type: 'string' }, message: { type: 'string' } } },
    preview: { type: ['object', 'null'], additionalProperties: true, description: 'of a dry run' },
    createdAt: TIME,
    startedAt: MAYBE_TIME,
    finishedAt: MAYBE_TIME,
  },
} as const

/** The run that a job has made, or is at. */
export function runOfJob({ result, progress }: Job): string | undefined {
  const run = member(result, 'run')
  return typeof run === 'string' ? run : progress?.run
}

/** An ingestion; `isWhole` also looks up what a run has counted that has not ended well. */
export async function ingestionJson(cluster: Cluster, job: Job) {
  const run = runOfJob(job)
  const counts = countsOf(job) ?? (run === undefined ? undefined : await countsOfRun(cluster, run))
  return {
    id: job.id,
    run: run ?? null,
    state: job.state,
    kind: job.kind,
    into: textOf(job.data, 'into'),
    source: textOf(job.data, 'title'),
    isDryRun: member(job.data, 'isDryRun') === true,
    progress: progressOf(job, counts),
    counts: counts ?? null,
    // A run that does not balance does not become complete.
    isBalanced: job.state === 'complete' && run !== undefined ? true : null,
    error: job.error ?? null,
    preview: member(job.result, 'preview') ?? null,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
  }
}

/** What the run has stored is newer than what its job has told. */
function progressOf({ progress, state }: Job, counts: Counts | undefined) {
  if (progress === undefined) return null
  const { total, recordsPerSecond, note } = progress
  const settled = Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0)
  const done = Math.max(progress.done, settled)
  const rejected = Math.max(progress.rejected ?? 0, counts?.rejected ?? 0)
  const isRunning = state === 'running' && total !== undefined && recordsPerSecond !== undefined && recordsPerSecond > 0
  return {
    done,
    total: total ?? null,
    rejected,
    recordsPerSecond: recordsPerSecond ?? null,
    etaSeconds: isRunning ? Math.ceil(Math.max(0, total - done) / recordsPerSecond) : null,
    note: note ?? null,
  }
}

function countsOf({ result }: Job): Counts | undefined {
  return member(result, 'counts') as Counts | undefined
}

/** Undefined too while a database that has a part of the run is away: the ingestion itself can still be told. */
async function countsOfRun(cluster: Cluster, id: string): Promise<Counts | undefined> {
  try {
    const run = await new RunStore(cluster).find(id)
    return run === undefined ? undefined : (await ingestAccountOf(cluster, run)).counts
  } catch (error) {
    if (error instanceof ShardyardError && error.code.startsWith('SY_DATABASE_')) return undefined
    throw error
  }
}

function textOf(value: Json, name: string): string {
  return String(member(value, name) ?? '')
}

function member(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return (value as Readonly<Record<string, Json>>)[name]
}
