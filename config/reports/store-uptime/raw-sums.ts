/** Sums of stretches, poll by poll. */
import { StoreStatus } from '../../../entities/store-status.js'
import type { Cluster } from '../../../src/cluster/cluster.js'
import { lastRows } from '../../../src/cluster/read/last-rows.js'
import { changesOf } from '../../../src/cluster/read/changes.js'
import { openSpans } from './open-spans.js'
import type { Schedule } from './schedule.js'
import { NO_POLLS, sumSpans, type Polls, type SpanSums } from './span-sums.js'

/** Polls come about every hour: reading a little more spares a search for the last one before the stretch. */
const LOOK_BACK_MS = 3 * 3_600_000

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
  const left = new Set(stores)
  const sum = (store: string, polls: Polls, before: string | undefined) => {
    left.delete(store)
    take(store, sumSpans(cuts, openSpans(schedules.get(store) as Schedule, from, to), polls, before))
  }
  const settle = async (some: ReadonlyMap<string, Polls>) => {
    const before = await statusesAt(cluster, [...some.keys()], from)
    for (const [store, polls] of some) sum(store, polls, before.get(store))
  }
  const range = { key: 'storeId', at: 'timestamp', value: 'status', from: from - LOOK_BACK_MS, to } as const
  for await (const found of changesOf(cluster, StoreStatus, { ...range, keys: stores, signal })) {
    const unsure = new Map<string, Polls>()
    for (const changes of found) {
      if ((changes.at[0] as number) > from) unsure.set(changes.key, changes)
      else sum(changes.key, changes, undefined)
    }
    await settle(unsure)
  }
  await settle(new Map([...left].map((store) => [store, NO_POLLS])))
}

/** The status of each store by its last poll at or before a moment. */
async function statusesAt(cluster: Cluster, stores: readonly string[], moment: number): Promise<Map<string, string>> {
  const rows = await lastRows(cluster, StoreStatus, {
    columns: ['storeId', 'status'],
    key: 'storeId',
    keys: stores,
    orderBy: ['timestamp', 'status'],
    upTo: new Date(moment),
  })
  return new Map(rows.map(({ storeId, status }) => [storeId, status]))
}
