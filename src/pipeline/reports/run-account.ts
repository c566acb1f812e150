/**
 * The account of one run: everything a report or a terminal prints about it. It is always made from the ledger,
 * so the run that has just ended and one of last year are told in the same way.
 */

/** What became of a record. `read = accepted + rejected + duplicate + blank + header`. */
export type Outcome = 'accepted' | 'rejected' | 'duplicate' | 'blank' | 'header'

/** Why a record was refused: a stable code, the property it is about, a sentence for people. */
export interface Reason {
  readonly code: string
  readonly field: string
  readonly message: string
}

/** One line of the ledger. */
export interface LedgerLine {
  readonly entity: string
  /** Place of the record in its source, from 0. */
  readonly position: number
  readonly outcome: Outcome
  /** Number of the worker thread that wrote it, from 1. */
  readonly thread: number
  /** From the start of the record's (or its batch's) transaction to its commit. */
  readonly durationUs: number
  /** Primary key of the row it became, or that was there already; undefined when there is none. */
  readonly rowId: string | undefined
  /** The run that stored a duplicate's row; undefined when the row was not stored by a run. */
  readonly storedBy: string | undefined
  readonly reasons: readonly Reason[]
  /** The record as it was read. Values come from outside: print them, never trust them. */
  readonly record: Readonly<Record<string, unknown>>
}

/** Counts by outcome. */
export type Counts = Readonly<Record<Outcome, number>>

export const NO_COUNTS: Counts = { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    accepted: a.accepted + b.accepted,
    rejected: a.rejected + b.rejected,
    duplicate: a.duplicate + b.duplicate,
    blank: a.blank + b.blank,
    header: a.header + b.header,
  }
}

/** How often a reason occurred, most frequent first in every list. */
export interface ReasonCount {
  readonly code: string
  readonly field: string
  /** The text of the commonest wording, with the offending value cut off. */
  readonly message: string
  readonly count: number
}

/** Latency in milliseconds; of records, of batches where a batch shares one transaction, or of the chunks of a file. */
export interface Latency {
  readonly unit: 'record' | 'batch' | 'chunk'
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** How many fell into each bucket; `upToMs` ascending, the last one is Infinity. */
  readonly histogram: readonly { readonly upToMs: number; readonly count: number }[]
}

/** The part of a run that one entity had, in the database it is routed to. */
export interface EntityAccount {
  readonly entity: string
  readonly database: string
  /** The engine behind it, and its address without secrets: `sqlite data/users.db`. */
  readonly engine: string
  readonly counts: Counts
  readonly reasons: readonly ReasonCount[]
}

/** What one worker thread did. */
export interface ThreadAccount {
  readonly thread: number
  readonly counts: Counts
  readonly busyMs: number
}

/** A run as a whole. */
export interface RunAccount {
  readonly id: string
  readonly state: 'running' | 'complete' | 'incomplete' | 'interrupted'
  /** What was loaded, for people: `sample data (30 records)`. */
  readonly source: string
  readonly startedAt: Date
  readonly finishedAt: Date | undefined
  readonly threads: number
  /** Records in one transaction; 1 means each record had its own. */
  readonly batch: number
  readonly wallMs: number
  readonly counts: Counts
  /** (accepted + duplicate) / (read - blank - header), 0 to 1; undefined when nothing counts. */
  readonly successRate: number | undefined
  readonly recordsPerSecond: number
  readonly latency: Latency
  readonly entities: readonly EntityAccount[]
  readonly perThread: readonly ThreadAccount[]
}

/** Reads the lines of one entity and outcome in the order of the source, at most `limit`, streamed. */
export type ReadLines = (entity: string, outcome: Outcome, limit: number) => AsyncIterable<LedgerLine>
