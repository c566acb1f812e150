/** The account of an ingestion: what became of every record, by file, by database and by reason. */
import type { Counts, Latency, RunAccount, ThreadAccount } from '../reports/run-account.js'
import type { Dedupe, LedgerMode } from './ingest-plan.js'

/** One file of an ingestion, or a partition of a topic. `records` is counted by another pass than `counts`. */
export interface FileAccount {
  readonly title: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly records: number
  readonly counts: Counts
}

/** What one database has taken in; control has the lines of records that no other can take. */
export interface DatabaseAccount {
  readonly database: string
  /** The engine behind it, and its address without secrets. */
  readonly engine: string
  readonly counts: Counts
}

/** How many records were refused for a reason; `field` is empty for the record as a whole. A record may have several. */
export interface CodeCount {
  readonly code: string
  readonly field: string
  readonly count: number
}

/**
 * An ingestion as a whole. For each file `records = accepted + rejected + duplicate + blank + header`. `wallMs` is the
 * time of all attempts together; `reasons` stand with the most frequent one first.
 */
export interface IngestAccount {
  readonly id: string
  readonly state: RunAccount['state']
  readonly entity: string
  readonly dedupe: Dedupe
  readonly ledger: LedgerMode
  readonly startedAt: Date
  readonly finishedAt: Date | undefined
  readonly threads: number
  readonly wallMs: number
  readonly recordsPerSecond: number
  readonly counts: Counts
  /** Of chunks: from the first byte that is read to the last commit, waiting included. Streams have none. */
  readonly latency: Latency
  /** What each thread wrote; what a process wrote that was killed is not known by thread. Streams have none. */
  readonly perThread: readonly ThreadAccount[]
  /** (accepted + duplicate) / (read - blank - header), 0 to 1; undefined when nothing counts. */
  readonly successRate: number | undefined
  readonly files: readonly FileAccount[]
  readonly databases: readonly DatabaseAccount[]
  readonly reasons: readonly CodeCount[]
}
