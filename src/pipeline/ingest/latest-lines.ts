/** The records that an entity has taken last, as the ledger has them. */
import { RunSchema } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import { controlOf } from '../runs/run-store.js'
import { INGESTION } from './ingest.js'
import type { IngestPlan } from './ingest-plan.js'
import { linesBefore, type IngestLine } from './ledger-reader.js'
import { PartStore, type Part } from './part-store.js'

/** A place in the ledger. */
export interface LinePlace {
  readonly run: string
  readonly file: number
  readonly position: number
}

/** A line and the run that it belongs to. */
export interface LatestLine extends IngestLine {
  readonly run: string
}

const PAGE_RUNS = 100
const NEWEST_FIRST = { startedAt: 'DESC', id: 'DESC' } as const

/**
 * The lines of an entity: those of the run that was begun last first, in a run the last record first. With `after`
 * those that come behind that place.
 */
export async function latestLines(
  cluster: Cluster,
  entity: PlacedEntity,
  { limit, after }: { readonly limit: number; readonly after?: LinePlace | undefined },
): Promise<readonly LatestLine[]> {
  const found: LatestLine[] = []
  for await (const { id, plan } of runsOf(cluster, nameOf(entity), after?.run)) {
    const parts = await new PartStore(cluster, id, plan).read()
    const files = [...new Set(parts.map(({ row }) => row.file))].toSorted((a, b) => b - a)
    for (const file of files) {
      const isHere = id === after?.run
      if (isHere && file > after.file) continue
      const before = isHere && file === after.file ? after.position : Number.MAX_SAFE_INTEGER
      const own = parts.filter(({ row }) => row.file === file)
      const lines = await lastLines(cluster, own, { before, limit: limit - found.length })
      found.push(...lines.map((line) => ({ ...line, run: id })))
      if (found.length === limit) return found
    }
  }
  return found
}

/** The last lines of a file, whose records are in several databases. */
async function lastLines(
  cluster: Cluster,
  parts: readonly Part[],
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<readonly IngestLine[]> {
  const lines: IngestLine[] = []
  for (const part of parts) lines.push(...(await linesBefore(cluster, part, before, limit)))
  return lines.toSorted((a, b) => b.position - a.position).slice(0, limit)
}

/** The ingestions into an entity, the latest first, from a run on when one is named. */
async function* runsOf(cluster: Cluster, entity: string, from: string | undefined) {
  const runs = cluster.member(controlOf(cluster)).dataSource.getRepository(RunSchema)
  let isPassed = from === undefined
  for (let skip = 0; ; skip += PAGE_RUNS) {
    const page = await runs.find({
      select: { id: true, startedAt: true, plan: true },
      where: { kind: INGESTION },
      order: NEWEST_FIRST,
      skip,
      take: PAGE_RUNS,
    })
    for (const { id, plan } of page) {
      isPassed ||= id === from
      const read = JSON.parse(plan ?? '{}') as IngestPlan
      if (isPassed && read.entity === entity) yield { id, plan: read }
    }
    if (page.length < PAGE_RUNS) return
  }
}
