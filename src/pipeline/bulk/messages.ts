/** What passes between a load and its worker threads: plain data only. */
import type { Reason } from '../../cluster/validation/check-object.js'
import type { ChunkTask, IngestStart } from '../ingest/ingest-plan.js'
import type { ChunkOutcome } from '../ingest/chunk-work.js'
import type { Faults } from './fault-points.js'
import type { ConnectionSpec } from '../../drivers/driver.js'
import type { GeneratorOptions } from '../../cluster/record-source.js'

/** How two values of a column are compared. */
export type ColumnKind = 'text' | 'number' | 'decimal' | 'instant' | 'other'

/** How records of one entity are written; ready for a thread that knows no TypeORM. */
export interface WritePlan {
  readonly entity: string
  readonly database: string
  readonly connection: ConnectionSpec
  /** Undefined for records that no table can take. */
  readonly table: string | undefined
  readonly columns: readonly {
    readonly name: string
    readonly kind: ColumnKind
    /** False for columns that do not make two rows different, such as the time of writing. */
    readonly isContent: boolean
  }[]
  /** Index of the primary key among the columns. */
  readonly keyIndex: number
  readonly uniques: readonly {
    readonly indexes: readonly number[]
    readonly field: string
    /** `Email already used`. */
    readonly message: string
  }[]
}

/** A record that has been judged by everything but the table it goes to. */
export interface JudgedRecord {
  readonly position: number
  /** The record as JSON. */
  readonly record: string
  /** A value for each column of the plan; undefined where the record gives none. */
  readonly values: readonly unknown[]
  /** Rules and references that it breaks. */
  readonly reasons: readonly Reason[]
}

/** What all tasks of a run share. */
export interface RunFacts {
  readonly run: string
  readonly source: string
  readonly batch: number
  /** How long to wait for a database that is down. */
  readonly waitMs: number
}

/** Records that are written in this order by one thread. */
export interface WriteTask {
  readonly kind: 'write'
  readonly id: number
  readonly plan: number
  readonly records: readonly JudgedRecord[]
  readonly care: Care
}

/** A part of a generated source: a thread makes, judges and writes it. */
export interface GenerateTask {
  readonly kind: 'generate'
  readonly id: number
  readonly plan: number
  /** Which part, of how many. */
  readonly part: number
  readonly parts: number
  readonly care: Care
}

/** What is left to do so that all that was written is on disk. */
export interface FlushTask {
  readonly kind: 'flush'
  readonly id: number
}

export type Task = WriteTask | GenerateTask | ChunkTask | FlushTask

/** What earlier attempts at a task have taught. */
export interface Care {
  /** True when some of the records may have been written already. */
  readonly isReplay: boolean
  /** Records that are written alone, because a thread died in their batch. */
  readonly alone: readonly number[]
  /** Records of which two threads have died. */
  readonly deadly: readonly number[]
}

export const NO_CARE: Care = { isReplay: false, alone: [], deadly: [] }

/** What a thread is started with. */
export interface WorkerStart {
  readonly thread: number
  readonly facts: RunFacts
  readonly plans: readonly WritePlan[]
  /** {@link Signal}, then for each thread the position it is at work on plus 1, or 0. */
  readonly shared: SharedArrayBuffer
  /** Databases with one writer at a time, and whose turn it is in each; see writer-turns.ts. */
  readonly turns: { readonly databases: readonly string[]; readonly buffer: SharedArrayBuffer }
  /** For generated sources: the config file to import, and what to generate. */
  readonly generator: { readonly config: string; readonly options: GeneratorOptions } | undefined
  /** For an ingestion: what its threads read, and where it goes. */
  readonly ingest?: IngestStart
  /** Points at which to fail on purpose; see util/faults.ts. */
  readonly faults: Faults
}

/** What the load tells all threads at once. */
export const SIGNAL = { run: 0, pause: 1, stop: 2 } as const

/** What a thread reports. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'progress'
      readonly settled: number
      readonly latencies: readonly (readonly [us: number, times: number])[]
      readonly busyMs: number
    }
  | { readonly kind: 'done'; readonly id: number }
  /** A chunk of an ingestion is written; `done` follows. */
  | { readonly kind: 'chunk'; readonly task: ChunkTask; readonly outcome: ChunkOutcome; readonly busyMs: number }
  /** The task was left where it stood, because the load told all threads to stop. */
  | { readonly kind: 'stopped'; readonly id: number }
  | { readonly kind: 'waiting'; readonly database: string; readonly message: string }
  /** The task cannot go on; `isFinal` when waiting longer would not help. */
  | {
      readonly kind: 'failed'
      readonly id: number
      readonly message: string
      readonly database: string | undefined
      readonly isFinal: boolean
    }
