/** What an ingestion measures of its chunks: how long they take, and what each thread does. */
import { LatencyCounts } from '../bulk/latency-counts.js'
import { addCounts, NO_COUNTS, type Counts } from '../reports/run-account.js'
import type { Measures } from '../runs/run-store.js'
import { OUTCOMES } from './part-context.js'

export class ChunkMeasures {
  readonly #busyMs: Record<string, number> = {}
  readonly #threads: Record<string, Counts> = {}
  readonly #latencies = new LatencyCounts()

  /** Goes on with what was measured before the run was resumed. */
  goOn({ busyMs, threads = {}, latencies }: Measures): void {
    Object.assign(this.#busyMs, busyMs)
    Object.assign(this.#threads, threads)
    for (const [us, times] of latencies) this.#latencies.add(us, times)
  }

  /** One that had nothing left to settle tells nothing of how long a chunk takes. */
  add(thread: number, { counts, busyMs }: { readonly counts: Counts; readonly busyMs: number }): void {
    this.#busyMs[thread] = (this.#busyMs[thread] ?? 0) + busyMs
    if (OUTCOMES.every((outcome) => counts[outcome] === 0)) return
    this.#threads[thread] = addCounts(this.#threads[thread] ?? NO_COUNTS, counts)
    this.#latencies.add(busyMs * 1000)
  }

  get measures(): Measures {
    return { busyMs: this.#busyMs, threads: this.#threads, latencies: this.#latencies.entries() }
  }
}
