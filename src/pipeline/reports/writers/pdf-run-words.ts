import type { Counts, Latency, Outcome, RunAccount } from '../run-account.js'
import { NOTHING, formatMs } from './pdf-format.js'
import { INK, type Ink } from './pdf-theme.js'

/** The three outcomes of a record that counts. */
export type Verdict = Extract<Outcome, 'accepted' | 'rejected' | 'duplicate'>

/** How a verdict is shown: colour never stands without its sign and its name. */
export const VERDICTS = {
  accepted: { name: 'Accepted', sign: '✓', ink: INK.accepted, tint: INK.acceptedTint },
  rejected: { name: 'Rejected', sign: '✗', ink: INK.rejected, tint: INK.rejectedTint },
  duplicate: { name: 'Duplicate', sign: '≡', ink: INK.duplicate, tint: INK.duplicateTint },
} as const satisfies Record<Verdict, { name: string; sign: string; ink: Ink; tint: Ink }>

export const VERDICT_ORDER = ['accepted', 'rejected', 'duplicate'] as const satisfies readonly Verdict[]

/** Records that count: blank lines and headers of a source do not. */
export function recordsOf(counts: Counts): number {
  return counts.accepted + counts.rejected + counts.duplicate
}

/** Share of the records that are stored now; undefined when there was none. */
export function successOf(counts: Counts): number | undefined {
  const records = recordsOf(counts)
  return records === 0 ? undefined : (counts.accepted + counts.duplicate) / records
}

/** `Batch latency` where a batch shares one transaction: no record has a latency of its own then. */
export function latencyName(account: RunAccount): string {
  return account.latency.unit === 'batch' ? 'Batch latency' : 'Record latency'
}

/** The percentiles in one line. */
export function printLatency({ p50Ms, p95Ms, p99Ms, maxMs, histogram }: Latency): string {
  if (histogram.every((bucket) => bucket.count === 0)) return NOTHING
  return `p50 ${formatMs(p50Ms)} · p95 ${formatMs(p95Ms)} · p99 ${formatMs(p99Ms)} · longest ${formatMs(maxMs)}`
}
