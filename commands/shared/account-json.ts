import type { LedgerLine, ReadLines, RunAccount } from '../../src/pipeline/reports/run-account.js'

/** Lines of an entity and outcome that the JSON holds; the counts are always complete. */
const LINES_MAX = 1_000

/** A run as one JSON value. Times are milliseconds, except `durationUs`. */
export async function accountJson(account: RunAccount, readLines: ReadLines): Promise<object> {
  const records: LedgerLine[] = []
  for (const { entity } of account.entities) {
    for (const outcome of ['accepted', 'rejected', 'duplicate'] as const) {
      for await (const line of readLines(entity, outcome, LINES_MAX)) records.push(line)
    }
  }
  const { latency } = account
  const histogram = latency.histogram.map(({ upToMs, count }) => ({
    upToMs: Number.isFinite(upToMs) ? upToMs : null,
    count,
  }))
  return { ...account, latency: { ...latency, histogram }, records, recordsPerListMax: LINES_MAX }
}
