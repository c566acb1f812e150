/** What the jobs have in common that load records: how they are stored, watched, done again, and told. */
import type { Faults } from '../bulk/fault-points.js'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { TaskFailed } from '../bulk/task-failed.js'
import type { IngestAccount } from '../ingest/ingest-account.js'
import { RunStore } from '../runs/run-store.js'
import type { SourcePlaces } from '../uploads/load-source.js'
import type { Job, Json } from './job.js'
import type { NewJob } from './job-queue.js'

/** What the handlers of loads work with. */
export interface LoadTools extends SourcePlaces {
  /** The config file that the threads of a load import. @defaultValue one thread does all the work */
  readonly config?: string | undefined
  /** Points at which to fail on purpose, for tests. @defaultValue none */
  readonly faults?: Faults | undefined
}

/** A database may be away for minutes: the load waits for it, and then its job rests, longer each time. */
export const LOAD_PATIENCE = { attempts: 8, backoffMs: 5_000 } as const satisfies Partial<NewJob>
/** How long a load itself waits for a database. */
export const LOAD_WAIT_MS = 60_000
const REASONS_MAX = 50

/** The run of an earlier attempt that has come to its end, of which only the queue has not heard. */
export async function finishedRunOf(cluster: Cluster, { progress }: Job): Promise<RunRow | undefined> {
  if (progress?.run === undefined) return undefined
  const run = await new RunStore(cluster).find(progress.run)
  return run?.state === 'complete' ? run : undefined
}

/** Does a load; what it meets is told as it was met. */
export async function loading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof TaskFailed && error.cause instanceof ShardyardError ? error.cause : error
  }
}

/** What a job keeps of an ingestion; the run itself has all of it. */
export function ingestResult(account: IngestAccount): Json {
  const { id, entity, dedupe, ledger, threads, counts, reasons } = account
  return {
    run: id,
    entity,
    dedupe,
    ledger,
    threads,
    counts: { ...counts },
    successRate: account.successRate ?? null,
    wallMs: Math.round(account.wallMs),
    reasons: reasons.slice(0, REASONS_MAX).map((reason) => ({ ...reason })),
  }
}

/** A value as a queue keeps it: what JSON cannot say is left out. */
export function plainJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
