/**
 * What the server tells as it happens.
 *
 * States of the connection:
 *   connecting  a first answer is waited for
 *   live        events come in                                     an event → live
 *   lost        the stream ended; the next try comes by itself     the end of the stream → lost → connecting
 *   refused     a key is needed, or the one that is kept is wrong   a new key → connecting
 *
 * 1. `epoch` counts up when what was asked for may have changed unheard: at the first word of a server, which comes
 *    after the page has begun to ask, after a gap that cannot be filled, in another life of it. Then it is asked anew.
 * 2. `settled` counts up when a run or a job has ended: totals are asked anew.
 */
import type { Counts, FaultItem, Health, Job, Run } from '../api/types.ts'
import { Store } from './store.ts'

/** Rows per second at a moment, in seconds since 1970. */
export interface RateSample {
  readonly at: number
  readonly total: number
  readonly databases: Readonly<Record<string, number>>
}

export interface Live {
  readonly connection: 'connecting' | 'live' | 'lost' | 'refused'
  readonly server: string
  readonly version: string
  readonly epoch: number
  readonly settled: number
  readonly runs: Readonly<Record<string, Run>>
  readonly jobs: Readonly<Record<string, Job>>
  readonly rates: readonly RateSample[]
  readonly rejects: readonly { readonly code: string; readonly count: number }[]
  readonly health: readonly Health[] | undefined
  /** Undefined until the server has told. */
  readonly faults: readonly FaultItem[] | undefined
  readonly events: Pick<Counts, 'accepted' | 'duplicate' | 'rejected'>
}

const SAMPLES_MAX = 120
/** Runs and jobs that are remembered beside those the pages ask for. */
const KEPT_MAX = 200

export const live = new Store<Live>({
  connection: 'connecting',
  server: '',
  version: '',
  epoch: 0,
  settled: 0,
  runs: {},
  jobs: {},
  rates: [],
  rejects: [],
  health: undefined,
  faults: undefined,
  events: { accepted: 0, duplicate: 0, rejected: 0 },
})

/** What an event changes. */
export function takeEvent(kind: string, data: never): void {
  const change = CHANGES[kind]?.(data, live.value)
  if (change !== undefined) live.change(change)
}

const CHANGES: Readonly<Record<string, (data: never, now: Live) => Partial<Live>>> = {
  hello: ({ server, version }: { server: string; version: string }, now) =>
    server === now.server
      ? { version }
      : {
          server,
          version,
          runs: {},
          jobs: {},
          rejects: [],
          faults: undefined,
          epoch: now.epoch + 1,
        },
  reset: (_data, now) => ({ runs: {}, jobs: {}, rejects: [], epoch: now.epoch + 1 }),
  run: (run: Run, now) => ({
    runs: withLatest(now.runs, run),
    ...(run.state === 'running' ? {} : { settled: now.settled + 1 }),
  }),
  job: (job: Job, now) => ({
    jobs: withLatest(now.jobs, job),
    ...(job.state === 'running' && now.jobs[job.id]?.state === 'running' ? {} : { settled: now.settled + 1 }),
  }),
  rates: ({ databases, total }: Omit<RateSample, 'at'>, now) => ({
    rates: [...now.rates, { at: Math.round(Date.now() / 1000), total, databases }].slice(-SAMPLES_MAX),
  }),
  rejects: ({ codes }: { codes: Live['rejects'] }) => ({ rejects: codes }),
  health: ({ items }: { items: readonly Health[] }) => ({ health: items }),
  faults: ({ items }: { items: readonly FaultItem[] }) => ({ faults: items }),
  events: ({ accepted, duplicate, rejected }: Live['events'], { events }) => ({
    events: {
      accepted: events.accepted + accepted,
      duplicate: events.duplicate + duplicate,
      rejected: events.rejected + rejected,
    },
  }),
}

function withLatest<Item extends { readonly id: string }>(
  items: Readonly<Record<string, Item>>,
  item: Item,
): Readonly<Record<string, Item>> {
  const { [item.id]: _before, ...others } = items
  const kept = Object.entries(others).slice(-KEPT_MAX)
  return { ...Object.fromEntries(kept), [item.id]: item }
}
