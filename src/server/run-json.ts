/** Runs as the API tells them. */
import type { RunRow } from '../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../cluster/cluster.js'
import { INGESTION } from '../pipeline/ingest/ingest.js'
import type { Counts } from '../pipeline/reports/run-account.js'
import { noCounts } from '../pipeline/ingest/part-context.js'
import { knownCounts, successRateOf, type KnownCounts } from '../pipeline/runs/run-counts.js'
import { planOf } from '../pipeline/ingest/part-store.js'
import { COUNTS } from './counts-schema.js'
import { COUNT, MAYBE_NUMBER, MAYBE_TEXT, MAYBE_TIME, TIME } from './schemas.js'

export const RUN = {
  $id: 'Run',
  type: 'object',
  required: [
    'id',
    'kind',
    'title',
    'entity',
    'state',
    'startedAt',
    'finishedAt',
    'wallMs',
    'threads',
    'records',
    'counts',
  ],
  properties: {
    id: { type: 'string' },
    kind: { enum: ['ingestion', 'simulation'] },
    title: { type: 'string' },
    entity: MAYBE_TEXT,
    state: { enum: ['running', 'complete', 'incomplete', 'interrupted'] },
    startedAt: TIME,
    finishedAt: MAYBE_TIME,
    wallMs: { type: 'number' },
    threads: COUNT,
    records: { ...COUNT, description: 'as far as they have been counted' },
    counts: COUNTS,
    successRate: { ...MAYBE_NUMBER, description: '(accepted + duplicate) / (accepted + duplicate + rejected)' },
    isBalanced: { type: ['boolean', 'null'], description: 'null while the run goes on, or may' },
    missing: {
      type: 'array',
      items: { type: 'string' },
      description: 'databases that do not answer: the counts are without theirs',
    },
  },
} as const

/** What {@link runsJson} tells of each run. */
export interface RunJson {
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly entity: string | null
  readonly state: string
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly wallMs: number
  readonly threads: number
  readonly records: number
  readonly counts: Counts
  readonly successRate: number | null
  readonly isBalanced: boolean | null
  readonly missing: readonly string[]
}

/** Runs with what is known of their records now, in the same order. */
export async function runsJson(cluster: Cluster, runs: readonly RunRow[]): Promise<RunJson[]> {
  const known = await knownCounts(cluster, runs)
  return runs.map((run) => runJsonOf(run, known.get(run.id)))
}

/** One run with what is known of its records now. */
export async function runJson(cluster: Cluster, run: RunRow): Promise<RunJson> {
  return runJsonOf(run, (await knownCounts(cluster, [run])).get(run.id))
}

/** One run with what its asker knows of its records. */
export function runJsonOf(run: RunRow, known: KnownCounts | undefined): RunJson {
  const { id, kind, title, state, threads, startedAt, finishedAt } = run
  const counts = known?.counts ?? noCounts()
  return {
    id,
    kind,
    title,
    state,
    threads,
    counts,
    entity: kind === INGESTION ? planOf(run).entity : null,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    wallMs: wallMsOf(run),
    records: known?.records ?? 0,
    successRate: successRateOf(counts) ?? null,
    isBalanced: known?.isBalanced ?? null,
    missing: known?.missing ?? [],
  }
}

/** Stored when a claim ends; before that it is the time since the start. */
function wallMsOf({ state, wallMs, startedAt }: RunRow): number {
  return state === 'running' ? Math.max(Number(wallMs), Date.now() - startedAt.getTime()) : Number(wallMs)
}
