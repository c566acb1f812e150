/** The part of a chunk that goes to one database: what it is written with, and what becomes of its records. */
import type { Connection, Dialect } from '../../drivers/driver.js'
import type { WritePlan } from '../bulk/messages.js'
import type { PreparedRecord } from './chunk-reader.js'
import type { Dedupe, LedgerMode } from './ingest-plan.js'
import type { IngestReason } from './ingest-reason.js'

/** What a part is written with. */
export interface PartContext {
  readonly connection: Connection
  readonly dialect: Dialect
  /** The table, undefined where only lines are written. */
  readonly plan: WritePlan | undefined
  readonly dedupe: Dedupe
  readonly ledger: LedgerMode
  /** Number of the part in its database. */
  readonly part: number
  /** What an error of the database says about a row; undefined when the row is not to blame. */
  readonly refusalOf: (error: unknown) => IngestReason | undefined
  /** True for the error of a value that another row has. */
  readonly isUnique: (error: unknown) => boolean
  /** True for the error of a lock that another writer holds. */
  readonly isConflict: (error: unknown) => boolean
  /** Named points at which tests fail on purpose. */
  readonly fault: (point: string) => void
}

/** The part of a chunk for one database. */
export interface PartWork {
  /** Number of the chunk in its file; of a stream the last offset. */
  readonly number: number
  /** True for streams, whose batches are not cut alike every time: records before the part's progress are left out. */
  readonly isStream: boolean
  /** For faults on purpose: which attempt at the chunk this is, from 1. */
  readonly attempt: number
  readonly records: readonly PreparedRecord[]
  /** What has become of its records in all attempts so far. */
  readonly counts: PartCounts
  /** The bytes of a record. */
  readonly rawOf: (record: PreparedRecord) => Buffer
  /** For a redriven record the reject it comes from. */
  readonly originOf: (record: PreparedRecord) => string | null
  /** Told what is about to be committed: the ids of the rows are in the order of the accepted. The last call counts. */
  readonly note?: (settlement: Settlement, rowIds: readonly (string | undefined)[]) => void
}

/** What became of a part's records. */
export interface PartCounts {
  accepted: number
  rejected: number
  duplicate: number
  blank: number
  header: number
}

/** No counts at all. */
export function noCounts(): PartCounts {
  return { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }
}

/** Adds counts to others. */
export function addCounts(sum: PartCounts, more: Readonly<PartCounts>): void {
  for (const outcome of OUTCOMES) sum[outcome] += more[outcome]
}

export const OUTCOMES = ['accepted', 'rejected', 'duplicate', 'blank', 'header'] as const

/** A record with its outcome. */
export interface Settled {
  readonly record: PreparedRecord
  readonly outcome: keyof PartCounts
  readonly rowId: string | undefined
  readonly reasons: readonly IngestReason[]
}

/** What became of the records of a part: those that went in at once, in their order, and all others. */
export interface Settlement {
  readonly accepted: readonly PreparedRecord[]
  readonly others: readonly Settled[]
}

/** The records that may be stored, and those that are settled without a look at the table. */
export function sortedOut(records: readonly PreparedRecord[]): { candidates: PreparedRecord[]; others: Settled[] } {
  const candidates: PreparedRecord[] = []
  const others: Settled[] = []
  for (const record of records) {
    const { source, reasons } = record
    if (source.kind !== 'data') others.push({ record, outcome: source.kind, rowId: undefined, reasons })
    else if (reasons.length > 0) others.push({ record, outcome: 'rejected', rowId: undefined, reasons })
    else candidates.push(record)
  }
  return { candidates, others }
}
