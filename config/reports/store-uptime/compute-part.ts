/** The sums of the stores of one part. */
import type { Cluster } from '../../../src/cluster/cluster.js'
import { rawPlan, rolledPlan, type Plan } from './plan.js'
import { rawSums } from './raw-sums.js'
import { readSchedules, type Assumptions } from './read-schedules.js'
import { readRollups, sumDays } from './roll-up-state.js'
import type { Schedule } from './schedule.js'
import { windowSums } from './windows.js'

/** A part of the stores, as plain JSON. */
export interface StorePart {
  readonly stores: readonly string[]
  /** Starts of the windows, longest first, and their end. */
  readonly cuts: readonly number[]
  /** The roll-up that may stand for whole days; null to read every poll. */
  readonly rollUp: { readonly toDay: number; readonly late: readonly string[] } | null
}

/** Sums of a store: of each window the longest first. */
export type StoreSums = readonly [store: string, upMs: readonly number[], businessMs: readonly number[]]

/** What a part answers, as plain JSON. */
export interface PartSums {
  readonly sums: readonly StoreSums[]
  readonly assumed: Assumptions
  /** The end of the windows, in milliseconds since 1970. */
  readonly now: number
}

/** Sums of the pieces between the cuts of a window. */
interface Pieces {
  readonly upMs: number[]
  readonly businessMs: number[]
}

export async function computePart(cluster: Cluster, part: StorePart, signal: AbortSignal): Promise<PartSums> {
  const { byStore, assumed } = await readSchedules(cluster, part.stores, signal)
  const { rolled, plan } = await rolledStores(cluster, part, byStore)
  const others = part.stores.filter((store) => !rolled.has(store))
  const pieces = new Map(part.stores.map((store): [string, Pieces] => [store, emptyPieces(part.cuts)]))
  const work = { cluster, schedules: byStore, pieces, signal }
  await addUp(work, [...rolled], plan)
  await addUp(work, others, rawPlan(part.cuts))
  const sums = part.stores.map((store): StoreSums => {
    const { upMs, businessMs } = pieces.get(store) as Pieces
    return [store, windowSums(upMs), windowSums(businessMs)]
  })
  return { sums, assumed, now: part.cuts.at(-1) as number }
}

/** Stores for which the roll-up says what their polls and hours say now. */
async function rolledStores(
  cluster: Cluster,
  { stores, cuts, rollUp }: StorePart,
  schedules: ReadonlyMap<string, Schedule>,
): Promise<{ readonly rolled: ReadonlySet<string>; readonly plan: Plan }> {
  const plan = rollUp === null ? rawPlan(cuts) : rolledPlan(cuts, rollUp.toDay)
  if (rollUp === null || plan.days.length === 0) return { rolled: new Set(), plan }
  const firstDay = Math.min(...plan.days.map(({ fromDay }) => fromDay))
  const kept = await readRollups(cluster, stores)
  const late = new Set(rollUp.late)
  const holds = (store: string) => {
    const row = kept.get(store)
    if (row === undefined || late.has(store) || row.fromDay > firstDay) return false
    return row.schedule === schedules.get(store)?.fingerprint()
  }
  return { rolled: new Set(stores.filter(holds)), plan }
}

interface PartWork {
  readonly cluster: Cluster
  readonly schedules: ReadonlyMap<string, Schedule>
  readonly pieces: ReadonlyMap<string, Pieces>
  readonly signal: AbortSignal
}

async function addUp({ cluster, schedules, pieces, signal }: PartWork, stores: readonly string[], plan: Plan) {
  if (stores.length === 0) return
  const add = (store: string, piece: number, upMs: number, businessMs: number) => {
    const own = pieces.get(store) as Pieces
    own.upMs[piece] = (own.upMs[piece] as number) + upMs
    own.businessMs[piece] = (own.businessMs[piece] as number) + businessMs
  }
  for (const stretch of plan.raw) {
    await rawSums(cluster, { stores, schedules, cuts: stretch.cuts, signal }, (store, sums) => {
      for (const [at, piece] of stretch.pieces.entries()) {
        add(store, piece, sums.upMs[at] as number, sums.businessMs[at] as number)
      }
    })
  }
  for (const range of plan.days) {
    signal.throwIfAborted()
    for (const { storeId, upMs, businessMs } of await sumDays(cluster, stores, range)) {
      add(storeId, range.piece, upMs, businessMs)
    }
  }
}

function emptyPieces(cuts: readonly number[]): Pieces {
  const zeros = () => cuts.slice(1).map(() => 0)
  return { upMs: zeros(), businessMs: zeros() }
}
