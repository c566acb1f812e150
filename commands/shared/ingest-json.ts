import type { IngestAccount } from '../../src/pipeline/ingest/ingest-account.js'

/** The account of an ingestion as `--json` prints it. */
export function accountOfIngestJson(account: IngestAccount): object {
  const { id, wallMs, successRate, ...rest } = account
  return { run: id, ...rest, wallMs: Math.round(wallMs), successRate: successRate ?? null }
}
