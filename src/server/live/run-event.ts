import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import { planOf } from '../../pipeline/ingest/part-store.js'
import type { Counts } from '../../pipeline/reports/run-account.js'
import type { RunProgress } from '../../pipeline/runs/run-progress.js'
import type { ReadCount } from '../../pipeline/runs/run-store.js'

const OUTCOMES = ['accepted', 'rejected', 'duplicate', 'blank', 'header'] as const

interface Known {
  /** What each of its databases has said last. */
  readonly progress: Iterable<RunProgress>
  /** Whether all of them have said it now. */
  readonly isWhole: boolean
}

/** A run as the API tells it. */
export function runEvent(run: RunRow, { progress, isWhole }: Known) {
  const counts = sumOf(progress)
  const settled = OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0)
  const { records = settled, entity } = sizeOf(run)
  const judged = counts.accepted + counts.duplicate + counts.rejected
  return {
    id: run.id,
    kind: run.kind,
    title: run.title,
    entity,
    state: run.state,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
    wallMs: Number(run.wallMs),
    threads: run.threads,
    records,
    counts,
    successRate: judged === 0 ? null : (counts.accepted + counts.duplicate) / judged,
    isBalanced: run.state === 'running' || !isWhole ? null : settled === records,
  }
}

function sumOf(progress: Iterable<RunProgress>): Counts {
  const sum = { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }
  for (const { counts } of progress) for (const outcome of OUTCOMES) sum[outcome] += counts[outcome]
  return sum
}

/** A stream has no other count of its records than what became of them. */
function sizeOf(run: RunRow): { readonly records: number | undefined; readonly entity: string | null } {
  if (run.kind !== 'ingestion') {
    const reads = JSON.parse(run.readCounts) as ReadCount[]
    return { records: reads.reduce((sum, { read }) => sum + read, 0), entity: null }
  }
  const { stream, files, entity } = planOf(run)
  const records = stream === undefined ? files.reduce((sum, file) => sum + file.records, 0) : undefined
  return { records, entity }
}
