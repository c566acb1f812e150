/** Figures of the store: asked for when they are scraped, of the databases and the queue themselves. */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Cluster } from '../../cluster/cluster.js'
import { RecordTotalsReader } from '../../pipeline/runs/record-totals.js'
import { within } from '../../util/sleep.js'
import type { ServerContext } from '../server-context.js'

/** A scrape waits this long for one answer; what does not come keeps its last value. */
const ANSWER_MS = 3_000

/** Looks at what is to be told next. */
export type Look = () => Promise<void>

/** Records by outcome and database, reasons, balance; databases and their connections; jobs. */
export function measureStore(registry: Registry, context: ServerContext): readonly Look[] {
  measureUse(registry, context.cluster)
  return [
    measureRecords(registry, context.cluster),
    measureHealth(registry, context.cluster),
    measureJobs(registry, context),
  ]
}

function measureRecords(registry: Registry, cluster: Cluster): Look {
  const registers = [registry]
  const reader = new RecordTotalsReader(cluster)
  const codes = new Counter({
    name: 'shardyard_rejects_total',
    help: 'Reasons for which ingestions rejected records.',
    labelNames: ['code'],
    registers,
  })
  const unaccounted = new Gauge({
    name: 'shardyard_unaccounted_records',
    help: 'Records that complete ingestions have read and that no outcome accounts for. Must be 0.',
    registers,
  })
  const records = new Counter({
    name: 'shardyard_records_total',
    help: 'Records of ingestions by database and outcome.',
    labelNames: ['database', 'outcome'],
    registers,
  })
  return async () => {
    const totals = await answerOf(() => reader.read())
    if (totals === undefined) return
    records.reset()
    codes.reset()
    for (const [database, counts] of Object.entries(totals.databases)) {
      for (const [outcome, count] of Object.entries(counts)) records.inc({ database, outcome }, count)
    }
    for (const [code, count] of Object.entries(totals.codes)) codes.inc({ code }, count)
    unaccounted.set(totals.unaccounted)
  }
}

function measureHealth(registry: Registry, cluster: Cluster): Look {
  const registers = [registry]
  const latency = new Gauge({
    name: 'shardyard_database_latency_seconds',
    help: 'A round trip to a database.',
    labelNames: ['database'],
    registers,
  })
  const up = new Gauge({
    name: 'shardyard_database_up',
    help: '1 when a database answers, 0 when it does not; a file that was never written has none.',
    labelNames: ['database'],
    registers,
  })
  return async () => {
    const health = await answerOf(() => cluster.health(ANSWER_MS))
    up.reset()
    latency.reset()
    for (const { name: database, state, latencyMs } of health ?? []) {
      if (state !== 'absent') up.set({ database }, state === 'up' ? 1 : 0)
      if (latencyMs !== undefined) latency.set({ database }, latencyMs / 1_000)
    }
  }
}

function measureUse(registry: Registry, cluster: Cluster): void {
  registry.registerMetric(
    new Gauge({
      name: 'shardyard_connections',
      help: 'Connections of a pool: open, free, and callers that wait for one; statements at work where there is no pool.',
      labelNames: ['database', 'state'],
      registers: [],
      collect() {
        this.reset()
        for (const database of cluster.databases) {
          const { pool, atWork } = cluster.member(database)
          this.set({ database, state: 'at-work' }, atWork)
          for (const [state, count] of Object.entries(pool ?? {})) this.set({ database, state }, count as number)
        }
      },
    }),
  )
  registry.registerMetric(
    new Counter({
      name: 'shardyard_transactions_total',
      help: 'Units of work by how they ended; retried ones were run again.',
      labelNames: ['end'],
      registers: [],
      collect() {
        const { running: _running, ...ends } = cluster.activity
        this.reset()
        for (const [end, count] of Object.entries(ends)) this.inc({ end }, count)
      },
    }),
  )
  registry.registerMetric(
    new Gauge({
      name: 'shardyard_transactions_running',
      help: 'Units of work and loads under way.',
      registers: [],
      collect() {
        this.set(cluster.activity.running)
      },
    }),
  )
}

function measureJobs(registry: Registry, { queue }: ServerContext): Look {
  const registers = [registry]
  const jobs = new Gauge({ name: 'shardyard_jobs', help: 'Jobs by state.', labelNames: ['state'], registers })
  const oldest = new Gauge({
    name: 'shardyard_oldest_job_seconds',
    help: 'How long the oldest job that is due has waited; 0 when none does.',
    registers,
  })
  return async () => {
    const counts = await answerOf(() => queue.counts())
    for (const [state, count] of Object.entries(counts ?? {})) jobs.set({ state }, count)
    const age = await answerOf(async () => ({ ms: await queue.oldestDueMs() }))
    if (age !== undefined) oldest.set((age.ms ?? 0) / 1_000)
  }
}

/** An answer in time; undefined when there is none, as while a database is away: the other figures are told all the same. */
async function answerOf<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await within(question(), ANSWER_MS + 500)
  } catch {
    return undefined
  }
}
