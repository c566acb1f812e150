/** Which stores there are: all that have a row of any kind. */
import { BusinessHours } from '../../../entities/business-hours.js'
import { Store } from '../../../entities/store.js'
import { StoreStatus } from '../../../entities/store-status.js'
import type { Cluster } from '../../../src/cluster/cluster.js'
import { keyBounds } from '../../../src/cluster/read/key-bounds.js'
import { rowPages } from '../../../src/cluster/read/row-pages.js'

/** When a store was polled, first and last, in milliseconds since 1970. */
export interface PolledTime {
  readonly first: number
  readonly last: number
}

/** Stores that have polls. */
export async function polledStores(cluster: Cluster, signal: AbortSignal): Promise<Map<string, PolledTime>> {
  const stores = new Map<string, PolledTime>()
  for await (const page of keyBounds(cluster, StoreStatus, { key: 'storeId', of: 'timestamp', signal })) {
    for (const { key, first, last } of page) stores.set(key, { first: first.getTime(), last: last.getTime() })
  }
  return stores
}

/** Stores that have a zone or hours. */
export async function describedStores(cluster: Cluster, signal: AbortSignal): Promise<Set<string>> {
  const stores = new Set<string>()
  for await (const rows of rowPages(cluster, Store, { columns: ['storeId'], orderBy: ['storeId'], signal })) {
    for (const { storeId } of rows) stores.add(storeId)
  }
  const hours = cluster.repository(BusinessHours, { access: 'read' }).createQueryBuilder('hours')
  const rows = await hours.select('hours.storeId', 'storeId').distinct().getRawMany<{ storeId: string }>()
  for (const { storeId } of rows) stores.add(storeId)
  return stores
}

/** The latest poll of all; undefined when there is none. */
export function latestPoll(polled: ReadonlyMap<string, PolledTime>): number | undefined {
  let latest: number | undefined
  for (const { last } of polled.values()) if (latest === undefined || last > latest) latest = last
  return latest
}

/** By the numbers of their characters, the same on every machine. */
export function inOrder(stores: Iterable<string>): string[] {
  return [...stores].toSorted((a, b) => (a < b ? -1 : 1))
}
