import { LatencyCounts } from '../bulk/latency-counts.js'
import type { Latency } from '../reports/run-account.js'
import type { Measures } from './run-store.js'

const BUCKETS_MS = [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, Infinity]

/** The latencies that a run has measured, in milliseconds. */
export function latencyOf({ latencies }: Pick<Measures, 'latencies'>, unit: Latency['unit']): Latency {
  const counts = new LatencyCounts(latencies)
  const histogram = counts.histogram(BUCKETS_MS.map((ms) => ms * 1000))
  return {
    unit,
    p50Ms: counts.quantile(0.5) / 1000,
    p95Ms: counts.quantile(0.95) / 1000,
    p99Ms: counts.quantile(0.99) / 1000,
    maxMs: counts.quantile(1) / 1000,
    histogram: BUCKETS_MS.map((upToMs, index) => ({ upToMs, count: histogram[index] ?? 0 })),
  }
}
