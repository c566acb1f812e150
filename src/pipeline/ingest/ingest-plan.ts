/** What an ingestion reads and how: plain data, stored with its run and cloned to its threads. */
import type { Care } from '../bulk/messages.js'
import type { SourceChunk, SourceShape } from '../formats/source-shape.js'

/**
 * What makes two records the same: their bytes, what they say (whatever the order of keys, the spacing, the quotes),
 * or the unique key of the row that they become.
 */
export type Dedupe = 'raw' | 'canonical' | 'key'

/** What is kept of every record: all of it, rejected ones only, or counts alone. */
export type LedgerMode = 'full' | 'rejects' | 'counts'

/** One file of an ingestion. */
export interface PlannedFile {
  /** Where it was read; a temporary file for streams. */
  readonly path: string
  /** For people: the path as given, or the stream's name. */
  readonly title: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly shape: SourceShape
  /** All its records, blank ones and repeated headers too, as the scan has counted them. */
  readonly records: number
}

/** What is stored with a run, so that it can be resumed and its rejects be exported. */
export interface IngestPlan {
  readonly entity: string
  readonly dedupe: Dedupe
  readonly ledger: LedgerMode
  /** Source name → property. */
  readonly map: Readonly<Record<string, string>>
  readonly zone: string | undefined
  /** Where the entity's rows go, control last. */
  readonly databases: readonly string[]
  readonly chunkBytes: number
  /** How the files were said to be written. */
  readonly scan: {
    readonly format?: 'auto' | SourceShape['format']
    readonly encoding?: string
    readonly delimiter?: string
    readonly header?: readonly string[]
    readonly path?: string
  }
  /** Of a stream, whose partitions are its files: where it comes from. */
  readonly stream?: { readonly topic: string; readonly group: string }
  readonly files: readonly PlannedFile[]
}

/** What a thread needs beside the plan. */
export interface IngestStart {
  readonly plan: IngestPlan
  /** The config file that the thread imports. */
  readonly config: string
  /** Descriptors of the files, in the order of the plan; threads of one process share them. */
  readonly descriptors: readonly number[]
  /** For each file the number of its part in each database of the plan. */
  readonly parts: readonly (readonly number[])[]
  /** For each file of redriven records: the rejects they come from, by position. */
  readonly origins: readonly (ReadonlyMap<number, string> | undefined)[]
  /** Whose chunk is next in each database; see chunk-order.ts. */
  readonly order: SharedArrayBuffer
}

/** A chunk for one thread. */
export interface ChunkTask {
  readonly kind: 'chunk'
  readonly id: number
  /** Index of its file. */
  readonly plan: number
  readonly chunk: SourceChunk
  /** Its number in its file. */
  readonly number: number
  /** Its number in the whole run, by which chunks are written in their order. */
  readonly sequence: number
  /** Indexes of the databases that are written; the others have it already. */
  readonly databases: readonly number[]
  readonly care: Care
}
