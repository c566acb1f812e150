/**
 * Keeps the sums of whole days, so that a long report need not read every poll again.
 *
 * 1. A day is kept once it is over by the latest poll, from the first whole day after a store's first poll on: what
 *    comes before hangs on that poll. Days are those of UTC, so that no change of the clocks cuts one.
 * 2. The mark moves last. A roll-up that is broken off leaves days that nobody reads, or that are read right.
 * 3. Kept days stand for the polls that the mark counts. Polls above its id are looked for by every report; rows that
 *    were deleted, or committed late with an id below it, show in its counts at the next roll-up, which begins anew.
 */
import { In } from 'typeorm'
import { RollupMark } from '../../../entities/rollup-mark.js'
import { StoreDay } from '../../../entities/store-day.js'
import { StoreRollup } from '../../../entities/store-rollup.js'
import type { RollupContext, RollupResult } from '../../../src/pipeline/reports/define-rollup.js'
import { countPolls, isSameCount } from './poll-count.js'
import { rawSums } from './raw-sums.js'
import { readSchedules } from './read-schedules.js'
import { latePolls, MARK, readMark, readRollups } from './roll-up-state.js'
import { DAY_MS, type Schedule } from './schedule.js'
import { inOrder, latestPoll, polledStores, type PolledTime } from './store-ids.js'

const STORES_AT_ONCE = 256
/** Keeps the days of a stretch, and the polls of one store in it, few. */
const DAYS_AT_ONCE = 64

/** What is known before the work begins. */
interface Work extends RollupContext {
  readonly polled: ReadonlyMap<string, PolledTime>
  /** The mark, when what is kept can be gone on from. */
  readonly mark: RollupMark | undefined
  readonly late: ReadonlyMap<string, Date>
  readonly toDay: number
}

/** A store whose days from `from` on are to be computed. */
interface Task {
  readonly store: string
  readonly from: number
  readonly firstDay: number
  /** Whether all that is kept of it is of no use. */
  readonly isWhole: boolean
}

export async function rollUpStores(context: RollupContext): Promise<RollupResult> {
  const { cluster, isAnew, signal, onProgress } = context
  const counted = await countPolls(cluster)
  const polled = await polledStores(cluster, signal)
  const known = isAnew ? undefined : await readMark(cluster)
  const isSound = known !== undefined && isSameCount(known, await countPolls(cluster, known.rowIdMax))
  const mark = isSound ? known : undefined
  // Also of stores that have no poll left, and are not gone through below.
  if (mark === undefined) await cluster.repository(StoreRollup).createQueryBuilder().delete().execute()
  const latest = latestPoll(polled)
  if (latest === undefined) return { rows: 0, says: 'There are no polls.' }
  const late = mark === undefined ? new Map<string, Date>() : await latePolls(cluster, mark)
  const work: Work = { ...context, polled, mark, late, toDay: dayNow(latest) }
  const stores = inOrder(polled.keys())
  let rows = 0
  for (let at = 0; at < stores.length; at += STORES_AT_ONCE) {
    rows += await rollUpSome(work, stores.slice(at, at + STORES_AT_ONCE))
    onProgress(Math.min(at + STORES_AT_ONCE, stores.length), stores.length)
  }
  const next = { name: MARK, toDay: work.toDay, ...counted }
  if (mark === undefined || mark.toDay !== work.toDay || mark.rowIdMax !== counted.rowIdMax) {
    await cluster.load(RollupMark, [next], { onConflict: 'update', conflictKey: ['name'], signal })
  }
  const named = `${stores.length} ${stores.length === 1 ? 'store is' : 'stores are'}`
  return { rows, says: `${named} added up to ${lastDayText(work.toDay)}.` }
}

async function rollUpSome(work: Work, stores: readonly string[]): Promise<number> {
  const { cluster, signal, toDay } = work
  const { byStore } = await readSchedules(cluster, stores, signal)
  const tasks = await tasksOf(work, stores, byStore)
  const whole = tasks.filter(({ isWhole }) => isWhole).map(({ store }) => store)
  if (whole.length > 0) await cluster.repository(StoreRollup).delete({ storeId: In(whole) })
  let rows = 0
  for (const from of new Set(tasks.map((task) => task.from))) {
    const own = tasks.filter((task) => task.from === from).map(({ store }) => store)
    for (let day = from; day < toDay; day += DAYS_AT_ONCE) {
      const days = await daysOf(work, { stores: own, schedules: byStore }, [day, Math.min(toDay, day + DAYS_AT_ONCE)])
      rows += days.length
      await cluster.load(StoreDay, days, { onConflict: 'update', conflictKey: ['storeId', 'day'], signal })
    }
  }
  const kept = tasks
    .filter(({ isWhole }) => isWhole)
    .map(({ store, firstDay }) => ({
      storeId: store,
      schedule: byStore.get(store)?.fingerprint() ?? '',
      fromDay: firstDay,
    }))
  if (kept.length > 0) {
    await cluster.load(StoreRollup, kept, { onConflict: 'update', conflictKey: ['storeId'], signal })
  }
  return rows
}

/** What is to be done; nothing for stores whose kept days hold, and reach far enough. */
async function tasksOf(
  { cluster, polled, mark, late, toDay }: Work,
  stores: readonly string[],
  schedules: ReadonlyMap<string, Schedule>,
): Promise<Task[]> {
  const kept = await readRollups(cluster, stores)
  return stores.flatMap((store): Task[] => {
    const row = kept.get(store)
    const firstDay = Math.max(0, Math.ceil((polled.get(store)?.first ?? 0) / DAY_MS))
    const holds = row?.fromDay === firstDay && row.schedule === schedules.get(store)?.fingerprint()
    if (mark === undefined || !holds) return [{ store, firstDay, from: firstDay, isWhole: true }]
    const lateDay = Math.floor((late.get(store)?.getTime() ?? Number.POSITIVE_INFINITY) / DAY_MS)
    const from = Math.max(firstDay, Math.min(mark.toDay, lateDay))
    return from < toDay ? [{ store, firstDay, from, isWhole: false }] : []
  })
}

async function daysOf(
  { cluster, signal }: Work,
  { stores, schedules }: { readonly stores: readonly string[]; readonly schedules: ReadonlyMap<string, Schedule> },
  [from, to]: readonly [number, number],
): Promise<Partial<StoreDay>[]> {
  const cuts = Array.from({ length: to - from + 1 }, (_, index) => (from + index) * DAY_MS)
  const days: Partial<StoreDay>[] = []
  await rawSums(cluster, { stores, schedules, cuts, signal }, (storeId, { businessMs, upMs }) => {
    for (let at = 0; at < to - from; at++) {
      days.push({ storeId, day: from + at, businessMs: businessMs[at] as number, upMs: upMs[at] as number })
    }
  })
  return days
}

/** The day that is not over yet; a poll that says it comes from the future ends no day. */
function dayNow(latest: number): number {
  return Math.max(0, Math.floor(Math.min(latest, Date.now()) / DAY_MS))
}

function lastDayText(toDay: number): string {
  return new Date((toDay - 1) * DAY_MS).toISOString().slice(0, 10)
}
