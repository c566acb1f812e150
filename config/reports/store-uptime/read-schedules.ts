/** The schedules of some stores. */
import { BusinessHours } from '../../../entities/business-hours.js'
import { Store } from '../../../entities/store.js'
import type { Cluster } from '../../../src/cluster/cluster.js'
import { rowPages } from '../../../src/cluster/read/row-pages.js'
import { scheduleOf, zoneOrDefault, type HoursRow, type Schedule } from './schedule.js'

/** What had to be assumed of stores. */
export interface Assumptions {
  readonly withoutZone: number
  readonly unknownZone: number
  readonly withoutHours: number
}

export interface StoreSchedules {
  readonly byStore: ReadonlyMap<string, Schedule>
  readonly assumed: Assumptions
}

/** One schedule for each of the stores, whether they have rows or not. */
export async function readSchedules(
  cluster: Cluster,
  stores: readonly string[],
  signal: AbortSignal,
): Promise<StoreSchedules> {
  const zones = await readZones(cluster, stores, signal)
  const hours = await readHours(cluster, stores, signal)
  let unknownZone = 0
  const byStore = new Map<string, Schedule>()
  for (const store of stores) {
    const { zone, isUnknown } = zoneOrDefault(zones.get(store))
    if (isUnknown) unknownZone += 1
    byStore.set(store, scheduleOf(zone, hours.get(store) ?? []))
  }
  const withoutZone = stores.filter((store) => !zones.has(store)).length
  return { byStore, assumed: { withoutZone, unknownZone, withoutHours: stores.length - hours.size } }
}

async function readZones(cluster: Cluster, stores: readonly string[], signal: AbortSignal) {
  const zones = new Map<string, string>()
  const where = [['storeId', 'in', stores]] as const
  const columns = ['storeId', 'timezone'] as const
  for await (const rows of rowPages(cluster, Store, { columns, orderBy: ['storeId'], where, signal })) {
    for (const { storeId, timezone } of rows) zones.set(storeId, timezone)
  }
  return zones
}

async function readHours(cluster: Cluster, stores: readonly string[], signal: AbortSignal) {
  const hours = new Map<string, HoursRow[]>()
  const where = [['storeId', 'in', stores]] as const
  const key = ['storeId', 'dayOfWeek', 'startTimeLocal', 'endTimeLocal'] as const
  for await (const rows of rowPages(cluster, BusinessHours, { columns: key, orderBy: key, where, signal })) {
    for (const row of rows) {
      const own = hours.get(row.storeId)
      if (own === undefined) hours.set(row.storeId, [row])
      else own.push(row)
    }
  }
  return hours
}
