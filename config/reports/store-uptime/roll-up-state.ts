/** What the roll-up of the stores has kept, and for which stores it still holds. */
import { In, LessThan, MoreThan } from 'typeorm'
import { RollupMark } from '../../../entities/rollup-mark.js'
import { StoreDay } from '../../../entities/store-day.js'
import { StoreRollup } from '../../../entities/store-rollup.js'
import { StoreStatus } from '../../../entities/store-status.js'
import type { Cluster } from '../../../src/cluster/cluster.js'
import { DAY_MS } from './schedule.js'
import type { DayRange } from './plan.js'

/** The name of its mark. */
export const MARK = 'store-days'

/** How far the roll-up is; undefined when there has been none. */
export async function readMark(cluster: Cluster): Promise<RollupMark | undefined> {
  const mark = await cluster.repository(RollupMark, { access: 'read' }).findOneBy({ name: MARK })
  return mark ?? undefined
}

/** Polls that came after the roll-up for days that it has kept: the earliest of each store. */
export async function latePolls(cluster: Cluster, { rowIdMax, toDay }: RollupMark): Promise<Map<string, Date>> {
  // Grouped by the column itself, SQLite would walk the index of all polls instead of the few new ids.
  const store = `COALESCE(poll.storeId, '')`
  const rows = await cluster
    .repository(StoreStatus, { access: 'read' })
    .createQueryBuilder('poll')
    .select(store, 'storeId')
    .addSelect('MIN(poll.timestamp)', 'first')
    .where({ id: MoreThan(rowIdMax), timestamp: LessThan(new Date(toDay * DAY_MS)) })
    .groupBy(store)
    .getRawMany<{ storeId: string; first: Date | string }>()
  return new Map(rows.map(({ storeId, first }) => [storeId, momentOf(first)]))
}

/** SQLite answers with the text that it keeps. */
function momentOf(value: Date | string): Date {
  return value instanceof Date ? value : new Date(`${value.replace(' ', 'T')}Z`)
}

/** What is kept of some stores. */
export async function readRollups(cluster: Cluster, stores: readonly string[]): Promise<Map<string, StoreRollup>> {
  const rows = await cluster.repository(StoreRollup, { access: 'read' }).findBy({ storeId: In([...stores]) })
  return new Map(rows.map((row) => [row.storeId, row]))
}

/** Sums of the days of some stores. */
export async function sumDays(
  cluster: Cluster,
  stores: readonly string[],
  { fromDay, toDay }: DayRange,
): Promise<readonly { readonly storeId: string; readonly businessMs: number; readonly upMs: number }[]> {
  const rows = await cluster
    .repository(StoreDay, { access: 'read' })
    .createQueryBuilder('one')
    .select('one.storeId', 'storeId')
    .addSelect('SUM(one.businessMs)', 'businessMs')
    .addSelect('SUM(one.upMs)', 'upMs')
    .where('one.storeId IN (:...stores) AND one.day >= :fromDay AND one.day < :toDay', { stores, fromDay, toDay })
    .groupBy('one.storeId')
    .getRawMany<{ storeId: string; businessMs: unknown; upMs: unknown }>()
  return rows.map((row) => ({
    storeId: row.storeId,
    businessMs: Number(row.businessMs),
    upMs: Number(row.upMs),
  }))
}
