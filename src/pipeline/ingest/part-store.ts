/** The parts of an ingestion: how far each file is in each database, and what became of its records there. */
import type { Repository } from 'typeorm'
import { PartSchema, type PartRow } from '../../cluster/bookkeeping/part-row.js'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { NO_COUNTS, type Counts, type Outcome, type ThreadAccount } from '../reports/run-account.js'
import { latencyOf } from '../runs/run-latency.js'
import type { Measures } from '../runs/run-store.js'
import type { CodeCount, FileAccount, IngestAccount } from './ingest-account.js'
import type { IngestPlan } from './ingest-plan.js'
import { OUTCOMES } from './part-context.js'
import { partitionTitle } from './planned-file.js'

/** A part as it is stored, and its database. */
export interface Part {
  readonly database: string
  readonly row: PartRow
}

export class PartStore {
  readonly #cluster: Cluster
  readonly #run: string
  readonly #plan: IngestPlan

  constructor(cluster: Cluster, run: string, plan: IngestPlan) {
    this.#cluster = cluster
    this.#run = run
    this.#plan = plan
  }

  /** The parts of every file in every database, in the order of the plan; those that are missing are made. */
  async open(): Promise<Part[][]> {
    const found: Part[][] = this.#plan.files.map(() => [])
    for (const database of this.#plan.databases) {
      const parts = this.#repository(database)
      const known = new Map((await parts.findBy({ run: this.#run })).map((row) => [row.file, row]))
      for (const [file] of this.#plan.files.entries()) {
        const row = known.get(file) ?? (await this.#make(parts, file))
        found[file]?.push({ database, row })
      }
    }
    return found
  }

  /** The parts of one file in every database; those that are missing are made. */
  async openFile(file: number): Promise<Part[]> {
    const found: Part[] = []
    for (const database of this.#plan.databases) {
      const row = await this.#repository(database).findOneBy({ run: this.#run, file })
      found.push({ database, row: row ?? (await this.#make(this.#repository(database), file)) })
    }
    return found
  }

  /** Notes that every chunk before `next` is settled in a database, also those that had nothing for it. */
  async advance({ database, row }: Part, next: number): Promise<void> {
    const parts = this.#repository(database)
    await parts
      .createQueryBuilder()
      .update()
      .set({ next })
      .where('id = :id AND next < :next', { id: row.id, next })
      .execute()
  }

  async read(): Promise<Part[]> {
    const all = this.#plan.databases.map(async (database) => {
      const rows = await this.#repository(database).findBy({ run: this.#run })
      return rows.map((row) => ({ database, row }))
    })
    return (await Promise.all(all)).flat()
  }

  async #make(parts: Repository<PartRow>, file: number): Promise<PartRow> {
    const zero = { next: 0, settledTo: 0, accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0, codes: '{}' }
    try {
      await parts.insert({ run: this.#run, file, entity: this.#plan.entity, ...zero })
    } catch (error) {
      // Another consumer of the same stream may have been faster.
      if ((await parts.findOneBy({ run: this.#run, file })) === null) throw error
    }
    return parts.findOneByOrFail({ run: this.#run, file })
  }

  #repository(database: string): Repository<PartRow> {
    return this.#cluster.member(database).dataSource.getRepository(PartSchema)
  }
}

/** The account of an ingestion as its parts have it now. */
export async function ingestAccountOf(cluster: Cluster, run: RunRow): Promise<IngestAccount> {
  const plan = planOf(run)
  const measures = JSON.parse(run.measures) as Measures
  const parts = await new PartStore(cluster, run.id, plan).read()
  const counts = countsOf(parts)
  const judged = counts.accepted + counts.duplicate + counts.rejected
  const wallMs = Number(run.wallMs)
  const total = judged + counts.blank + counts.header
  return {
    id: run.id,
    state: run.state as IngestAccount['state'],
    entity: plan.entity,
    dedupe: plan.dedupe,
    ledger: plan.ledger,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt ?? undefined,
    threads: run.threads,
    wallMs,
    recordsPerSecond: wallMs === 0 ? 0 : total / (wallMs / 1000),
    counts,
    latency: latencyOf(measures, 'chunk'),
    perThread: threadsOf(measures),
    successRate: judged === 0 ? undefined : (counts.accepted + counts.duplicate) / judged,
    files: plan.stream === undefined ? filesOf(plan, parts) : partitionsOf(plan.stream, parts),
    databases: plan.databases.map((database) => ({
      database,
      engine: cluster.member(database).address,
      counts: countsOf(parts.filter((part) => part.database === database)),
    })),
    reasons: reasonsOf(parts),
  }
}

function threadsOf({ busyMs, threads = {} }: Measures): ThreadAccount[] {
  return Object.entries(busyMs)
    .map(([thread, ms]) => ({ thread: Number(thread), counts: threads[thread] ?? NO_COUNTS, busyMs: ms }))
    .toSorted((a, b) => a.thread - b.thread)
}

function filesOf({ files }: IngestPlan, parts: readonly Part[]): FileAccount[] {
  return files.map(({ title, sha256, sizeBytes, records }, file) => {
    const counts = countsOf(parts.filter(({ row }) => row.file === file))
    return { title, sha256, sizeBytes, records, counts }
  })
}

/** A stream has no other count of its messages than what became of them. */
function partitionsOf(stream: NonNullable<IngestPlan['stream']>, parts: readonly Part[]): FileAccount[] {
  const partitions = [...new Set(parts.map(({ row }) => row.file))].toSorted((a, b) => a - b)
  return partitions.map((partition) => {
    const counts = countsOf(parts.filter(({ row }) => row.file === partition))
    const records = OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0)
    return { title: partitionTitle(stream, partition), sha256: '', sizeBytes: 0, records, counts }
  })
}

/** Files whose counts do not add up to what the scan has counted, as sentences; none when the run balances. */
export function ingestImbalances({ files }: IngestAccount): string[] {
  return files.flatMap(({ title, records, counts }) => {
    const settled = OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0)
    return settled === records ? [] : [`${title}: ${records} read, ${settled} accounted for`]
  })
}

/** What a run of the kind `ingestion` was planned with. */
export function planOf(run: RunRow): IngestPlan {
  return JSON.parse(run.plan ?? '{}') as IngestPlan
}

/** What became of the records of parts, added up. */
export function countsOf(parts: readonly Part[]): Counts {
  const counts: Record<Outcome, number> = { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }
  for (const { row } of parts) for (const outcome of OUTCOMES) counts[outcome] += Number(row[outcome])
  return counts
}

/** How often each reason was met in parts, the most frequent first. */
export function reasonsOf(parts: readonly Part[]): CodeCount[] {
  const counts = new Map<string, number>()
  for (const { row } of parts) {
    for (const [key, count] of Object.entries(JSON.parse(row.codes) as Record<string, number>)) {
      counts.set(key, (counts.get(key) ?? 0) + count)
    }
  }
  return [...counts]
    .map(([key, count]) => {
      const [code = '', ...field] = key.split(' ')
      return { code, field: field.join(' '), count }
    })
    .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
}
