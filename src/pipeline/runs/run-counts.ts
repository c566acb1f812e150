/** What is known of the records of runs, also of those under way, without reading their lines again and again. */
import { In } from 'typeorm'
import { PartSchema, type PartRow } from '../../cluster/bookkeeping/part-row.js'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { INGESTION } from '../ingest/ingest.js'
import type { IngestPlan } from '../ingest/ingest-plan.js'
import { addCounts, noCounts, OUTCOMES } from '../ingest/part-context.js'
import { countsOf, planOf } from '../ingest/part-store.js'
import type { Counts } from '../reports/run-account.js'
import { ledgerCounts } from './account.js'
import { databasesOfRun } from './run-progress.js'
import type { ReadCount, RunHead } from './run-store.js'

/** What is known of a run's records now. */
export interface KnownCounts {
  /** How many there are, as far as they have been counted. */
  readonly records: number
  readonly counts: Counts
  /** Undefined while the run goes on, or may, or when not all databases have answered. */
  readonly isBalanced: boolean | undefined
  /** Databases that did not answer: `counts` is without theirs. */
  readonly missing: readonly string[]
}

/** Counting the lines of a simulation takes longer the more there are: its counts are told again for this many times as long. */
const REST = 10
const KEPT_MAX = 20_000

interface Kept {
  readonly known: KnownCounts
  /** By the clock of `performance.now()`. */
  readonly untilMs: number
}

const keptOf = new WeakMap<Cluster, Map<string, Kept>>()

/** What is known of some runs, by their ids. Never rejects because a database is down: it is told as missing. */
export async function knownCounts(
  cluster: Cluster,
  runs: readonly RunRow[],
): Promise<ReadonlyMap<string, KnownCounts>> {
  const kept = keptOf.get(cluster) ?? new Map<string, Kept>()
  keptOf.set(cluster, kept)
  const found = new Map<string, KnownCounts>()
  const open: RunRow[] = []
  for (const run of runs) {
    const known = keptCounts(cluster, run)
    if (known === undefined) open.push(run)
    else found.set(run.id, known)
  }
  const ingestions = open.filter(({ kind }) => kind === INGESTION)
  for (const [run, known] of await ingestionCounts(cluster, ingestions)) {
    found.set(run.id, known)
    if (isFinal(run, known)) keep(kept, run, { known, untilMs: Infinity })
  }
  for (const run of open.filter(({ kind }) => kind !== INGESTION)) {
    const startedMs = performance.now()
    const known = await simulationCounts(cluster, run)
    found.set(run.id, known)
    const nowMs = performance.now()
    keep(kept, run, { known, untilMs: isFinal(run, known) ? Infinity : nowMs + REST * (nowMs - startedMs) })
  }
  return found
}

/** What is known of a run without asking any database; undefined when one has to be asked. */
export function keptCounts(cluster: Cluster, run: RunHead): KnownCounts | undefined {
  const kept = keptOf.get(cluster)?.get(keyOf(run))
  return kept !== undefined && kept.untilMs > performance.now() ? kept.known : undefined
}

/** (accepted + duplicate) / (accepted + duplicate + rejected); undefined when nothing counts. */
export function successRateOf({ accepted, duplicate, rejected }: Counts): number | undefined {
  const judged = accepted + duplicate + rejected
  return judged === 0 ? undefined : (accepted + duplicate) / judged
}

/** Another claim of a run, and its end, make another key. */
function keyOf({ id, state, fence }: RunHead): string {
  return `${id} ${state} ${fence}`
}

function keep(kept: Map<string, Kept>, run: RunRow, value: Kept): void {
  kept.set(keyOf(run), value)
  const [oldest] = kept.keys()
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
}

function isFinal({ state }: RunRow, { missing }: KnownCounts): boolean {
  return state === 'complete' && missing.length === 0
}

async function ingestionCounts(cluster: Cluster, runs: readonly RunRow[]): Promise<[RunRow, KnownCounts][]> {
  const plans = new Map(runs.map((run) => [run.id, planOf(run)]))
  const databases = new Set([...plans.values()].flatMap((plan) => plan.databases))
  const parts = new Map<string, readonly PartRow[] | undefined>()
  const reading = [...databases].map(async (database) => {
    const ids = runs.filter(({ id }) => plans.get(id)?.databases.includes(database)).map(({ id }) => id)
    parts.set(
      database,
      await answerOf(
        cluster
          .member(database)
          .dataSource.getRepository(PartSchema)
          .findBy({ run: In(ids) }),
      ),
    )
  })
  await Promise.all(reading)
  return runs.map((run) => [run, ofParts(run, plans.get(run.id) ?? planOf(run), parts)])
}

function ofParts(
  run: RunRow,
  { databases, files, stream }: IngestPlan,
  parts: ReadonlyMap<string, readonly PartRow[] | undefined>,
): KnownCounts {
  const missing = databases.filter((database) => parts.get(database) === undefined)
  const own = databases.flatMap((database) =>
    (parts.get(database) ?? []).filter((row) => row.run === run.id).map((row) => ({ database, row })),
  )
  const counts = countsOf(own)
  const planned = files.map((file, index) => {
    const settled = total(countsOf(own.filter(({ row }) => row.file === index)))
    return { isSettled: settled === file.records, records: file.records }
  })
  const records = stream === undefined ? planned.reduce((sum, file) => sum + file.records, 0) : total(counts)
  const isBalanced = stream !== undefined || planned.every(({ isSettled }) => isSettled)
  return { records, counts, missing, isBalanced: isOver(run, missing) ? isBalanced : undefined }
}

async function simulationCounts(cluster: Cluster, run: RunRow): Promise<KnownCounts> {
  const found = new Map<string, Counts>()
  for (const database of databasesOfRun(run)) {
    const counts = await answerOf(ledgerCounts(cluster, run, database))
    if (counts !== undefined) found.set(database, counts)
  }
  return knownFrom(run, found)
}

/** What is known of a run when some of its databases have told their counts. */
export function knownFrom(run: RunRow, found: ReadonlyMap<string, Counts>): KnownCounts {
  const counts = noCounts()
  for (const one of found.values()) addCounts(counts, one)
  const records = recordsOf(run) ?? total(counts)
  const missing = databasesOfRun(run).filter((database) => !found.has(database))
  return { records, counts, missing, isBalanced: isOver(run, missing) ? total(counts) === records : undefined }
}

/** Undefined for a stream, which has no other count of its records than what became of them. */
function recordsOf(run: RunRow): number | undefined {
  if (run.kind !== INGESTION) {
    return (JSON.parse(run.readCounts) as ReadCount[]).reduce((sum, { read }) => sum + read, 0)
  }
  const { stream, files } = planOf(run)
  return stream === undefined ? files.reduce((sum, { records }) => sum + records, 0) : undefined
}

/** What a database answers; undefined when it does not. */
async function answerOf<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch {
    // Whether it is down, and why, is told by its health.
    return undefined
  }
}

function isOver({ state }: RunRow, missing: readonly string[]): boolean {
  return state !== 'running' && state !== 'interrupted' && missing.length === 0
}

function total(counts: Counts): number {
  return OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0)
}
