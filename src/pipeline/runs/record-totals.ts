/**
 * What became of the records of all ingestions of a cluster, added up. Runs that are complete do not change any more:
 * they are added once, and after that only what came later is read.
 */
import { PartSchema } from '../../cluster/bookkeeping/part-row.js'
import { RunSchema, type RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { groupBy } from '../../util/group-by.js'
import { OUTCOMES } from '../ingest/part-context.js'
import { countsOf, planOf, reasonsOf, type Part } from '../ingest/part-store.js'
import type { Counts } from '../reports/run-account.js'
import { hasRuns } from './find-run.js'
import { controlOf } from './run-store.js'

/** Totals over all ingestions. */
export interface RecordTotals {
  readonly databases: Readonly<Record<string, Counts>>
  readonly codes: Readonly<Record<string, number>>
  /** Records that complete runs have read, and that no outcome accounts for; 0, or something is wrong. */
  readonly unaccounted: number
}

type Parts = readonly Part[]

export class RecordTotalsReader {
  readonly #cluster: Cluster
  /** Of each database the parts up to an id, and what they come to. */
  readonly #settled = new Map<string, { id: number; counts: Counts; codes: Map<string, number> }>()
  readonly #imbalances = new Map<string, number>()
  #last: RecordTotals = { databases: {}, codes: {}, unaccounted: 0 }

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** The totals now; of a database that does not answer those of before. */
  async read(): Promise<RecordTotals> {
    if (!(await hasRuns(this.#cluster))) return this.#last
    const runs = await this.#cluster
      .member(controlOf(this.#cluster))
      .dataSource.getRepository(RunSchema)
      .find({
        select: { id: true, state: true, plan: true },
        where: { kind: 'ingestion' },
      })
    const complete = new Map(runs.filter(({ state }) => state === 'complete').map((run) => [run.id, run]))
    const names = this.#cluster.databases.filter((name) => this.#cluster.member(name).exists)
    const read = await Promise.all(names.map((name) => this.#partsOf(name)))
    // What is judged, and what is settled, is so over all databases.
    const isWhole = !read.includes(undefined)
    if (isWhole)
      this.#noteImbalances(
        complete,
        read.flatMap((parts) => parts ?? []),
      )
    const databases: Record<string, Counts> = { ...this.#last.databases }
    const codes = new Map<string, number>()
    for (const [index, name] of names.entries()) {
      const parts = read[index]
      const settled = this.#settled.get(name)
      if (settled !== undefined) addCodes(codes, settled.codes)
      if (parts === undefined) continue
      databases[name] = sum(settled?.counts, countsOf(parts))
      addCodes(codes, codesOf(parts))
      if (isWhole) this.#settle(name, parts, complete)
    }
    const unaccounted = [...this.#imbalances.values()].reduce((total, one) => total + one, 0)
    this.#last = { databases, codes: Object.fromEntries(codes), unaccounted }
    return this.#last
  }

  /** The parts after those that are settled; undefined while the database, or its table, is away. */
  async #partsOf(database: string): Promise<Parts | undefined> {
    const query = this.#cluster
      .member(database)
      .dataSource.getRepository(PartSchema)
      .createQueryBuilder('part')
      .where('part.id > :id', { id: this.#settled.get(database)?.id ?? 0 })
    try {
      return (await query.orderBy('part.id', 'ASC').getMany()).map((row) => ({ database, row }))
    } catch {
      return undefined
    }
  }

  /** Remembers the first parts, up to one whose run may still go on. */
  #settle(database: string, parts: Parts, complete: ReadonlyMap<string, unknown>): void {
    const open = parts.findIndex(({ row }) => !complete.has(row.run))
    const done = open < 0 ? parts : parts.slice(0, open)
    const last = done.at(-1)
    if (last === undefined) return
    const before = this.#settled.get(database)
    const codes = new Map(before?.codes)
    addCodes(codes, codesOf(done))
    this.#settled.set(database, { id: Number(last.row.id), counts: sum(before?.counts, countsOf(done)), codes })
  }

  /** Judges each complete run once, when all its parts were read together. */
  #noteImbalances(complete: ReadonlyMap<string, Pick<RunRow, 'plan'>>, parts: Parts): void {
    const ofRun = groupBy(parts, ({ row }) => row.run)
    for (const [run, { plan }] of complete) {
      const own = ofRun.get(run)
      if (own === undefined || this.#imbalances.has(run)) continue
      const { files, stream } = planOf({ plan } as RunRow)
      const read = files.reduce((total, { records }) => total + records, 0)
      const settled = OUTCOMES.reduce((total, outcome) => total + countsOf(own)[outcome], 0)
      this.#imbalances.set(run, stream === undefined ? Math.abs(read - settled) : 0)
    }
  }
}

function codesOf(parts: Parts): ReadonlyMap<string, number> {
  const codes = new Map<string, number>()
  for (const { code, count } of reasonsOf(parts)) codes.set(code, (codes.get(code) ?? 0) + count)
  return codes
}

function addCodes(into: Map<string, number>, codes: ReadonlyMap<string, number>): void {
  for (const [code, count] of codes) into.set(code, (into.get(code) ?? 0) + count)
}

function sum(one: Counts | undefined, other: Counts): Counts {
  if (one === undefined) return other
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, one[outcome] + other[outcome]])) as unknown as Counts
}
