/** Sums of stretches, poll by poll. */
import { StoreStatus } from '../../../entities/store-status.js'
import type { Cluster } from '../../../src/cluster/cluster.js'
import { lastRows } from '../../../src/cluster/read/last-rows.js'
import { timelines } from '../../../src/cluster/read/timelines.js'
import { openSpans } from './open-spans.js'
import type { Schedule } from './schedule.js'
import { sumSpans, type Polls, type SpanSums } from './span-sums.js'

/** What {@link rawSums} adds up. */
export interface RawQuestion {
  readonly stores: readonly string[]
  readonly schedules: ReadonlyMap<string, Schedule>
  /** The stretch, from the first to the last, and where it is cut. */
  readonly cuts: readonly number[]
  readonly signal: AbortSignal
}

/** Calls `take` for each store once, with its sums between the cuts; in no order. */
export async function rawSums(
  cluster: Cluster,
  { stores, schedules, cuts, signal }: RawQuestion,
  take: (store: string, sums: SpanSums) => void,
): Promise<void> {
  const [from, to] = [cuts[0] as number, cuts.at(-1) as number]
  const before = await statusesAt(cluster, stores, from)
  const left = new Set(stores)
  const sum = (store: string, polls: Polls | undefined) => {
    const spans = openSpans(schedules.get(store) as Schedule, from, to)
    take(store, sumSpans(cuts, spans, polls, before.get(store)))
  }
  const series = { key: 'storeId', at: 'timestamp', value: 'status' } as const
  for await (const found of timelines(cluster, StoreStatus, { ...series, keys: stores, from, to, signal })) {
    for (const timeline of found) {
      left.delete(timeline.key)
      sum(timeline.key, timeline)
    }
  }
  for (const store of left) sum(store, undefined)
}

/** The status of each store by its last poll at or before a moment. */
async function statusesAt(cluster: Cluster, stores: readonly string[], moment: number): Promise<Map<string, string>> {
  const rows = await lastRows(cluster, StoreStatus, {
    columns: ['storeId', 'timestamp', 'status'],
    key: 'storeId',
    keys: stores,
    orderBy: ['timestamp', 'status'],
    upTo: new Date(moment),
  })
  return new Map(rows.map(({ storeId, status }) => [storeId, status]))
}
