/** What became of all the records that were ever ingested into an entity. */
import { INGESTION_MIGRATION } from '../../cluster/bookkeeping/migrations.js'
import { PartSchema } from '../../cluster/bookkeeping/part-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import { migrationStatus } from '../maintenance/migration-status.js'
import type { Counts, Outcome } from '../reports/run-account.js'
import { hasRuns } from '../runs/find-run.js'
import type { CodeCount } from './ingest-account.js'
import { OUTCOMES } from './part-context.js'
import { countsOf, reasonsOf } from './part-store.js'

/** The ingestions of an entity, added up. A file that was loaded twice counts twice, as duplicates the second time. */
export interface EntityOutcomes {
  /** How many files, streams and partitions were read. */
  readonly sources: number
  readonly counts: Counts
  /** (accepted + duplicate) / (accepted + duplicate + rejected), 0 to 1; undefined when nothing was read. */
  readonly successRate: number | undefined
  readonly reasons: readonly CodeCount[]
}

const PAGE_ROWS = 500

export async function entityOutcomes(cluster: Cluster, entity: PlacedEntity): Promise<EntityOutcomes> {
  const counts: Record<Outcome, number> = { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }
  const codes = new Map<string, CodeCount>()
  const sources = new Set<string>()
  if (!(await hasRuns(cluster))) return { sources: 0, counts, successRate: undefined, reasons: [] }
  for (const database of await ledgersOf(cluster, entity)) {
    for await (const parts of partPages(cluster, database, nameOf(entity))) {
      for (const { row } of parts) sources.add(`${row.run} ${row.file}`)
      const added = countsOf(parts)
      for (const outcome of OUTCOMES) counts[outcome] += added[outcome]
      for (const reason of reasonsOf(parts)) {
        const key = `${reason.code} ${reason.field}`
        codes.set(key, { ...reason, count: reason.count + (codes.get(key)?.count ?? 0) })
      }
    }
  }
  const { accepted, duplicate, rejected } = counts
  const judged = accepted + duplicate + rejected
  return {
    sources: sources.size,
    counts,
    successRate: judged === 0 ? undefined : (accepted + duplicate) / judged,
    reasons: [...codes.values()].toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)),
  }
}

/** The databases that may have taken records of an entity, and control, which has those that no other can take. */
async function ledgersOf(cluster: Cluster, entity: PlacedEntity): Promise<readonly string[]> {
  const databases = cluster.databases.filter((name) => {
    const isHome = name === cluster.definition.control || cluster.router.allowMigrate(name, entity)
    return isHome && cluster.member(name).dataSource.hasMetadata(PartSchema)
  })
  const statuses = await migrationStatus(cluster, { databases })
  const isPending = (name: string) =>
    statuses.some(({ database, migration, state }) => {
      return database === name && migration === INGESTION_MIGRATION && state === 'pending'
    })
  return databases.filter((name) => !isPending(name))
}

async function* partPages(cluster: Cluster, database: string, entity: string) {
  const parts = cluster.member(database).dataSource.getRepository(PartSchema)
  for (let after: number | string = 0; ; ) {
    const rows = await parts
      .createQueryBuilder('part')
      .where('part.entity = :entity AND part.id > :after', { entity, after })
      .orderBy('part.id')
      .limit(PAGE_ROWS)
      .getMany()
    yield rows.map((row) => ({ database, row }))
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE_ROWS) return
    after = last.id
  }
}
