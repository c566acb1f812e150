import { createHash } from 'node:crypto'
import type { PlacedEntity } from './entity.js'

/** A record as it was read, and where it stood in its source. */
export interface SourceRecord {
  readonly position: number
  readonly record: Readonly<Record<string, unknown>>
}

/** A record that names no entity that is placed: its line goes to the control database. */
export interface StrayRecord extends SourceRecord {
  readonly entity: string
  readonly message: string
}

/**
 * Where records come from. A record is known by source, entity and position, so the same source read again gives the
 * same record at the same place.
 */
export interface RecordSource {
  /** What makes two sources the same: the SHA-256 of a file, or a generator's version and options. */
  readonly identity: string
  /** For people: `sample data (30 records)`. */
  readonly title: string
  readonly entities: readonly PlacedEntity[]
  /** How many records of an entity there are. */
  count(entity: PlacedEntity): number
  /** The `index`-th record of an entity, from 0. */
  at(entity: PlacedEntity, index: number): SourceRecord
  /**
   * The index of the first record that may share a unique value with the `index`-th. Given by generators, which
   * cannot be held in memory; other sources are searched for shared values.
   */
  groupOf?(entity: PlacedEntity, index: number): number
  /** What a worker thread passes to the definition's generator to have this source there. */
  readonly generator?: GeneratorOptions
  readonly strays: readonly StrayRecord[]
}

/** Options of a generator of records. */
export interface GeneratorOptions {
  /** Records in all. */
  readonly count: number
  /** Two seeds never share an id. */
  readonly seed: number
  /** Share of records with an error, 0 to 1. */
  readonly invalid: number
}

/** The data that `simulate-insertions` loads; part of a cluster definition. */
export interface SimulationData {
  sample(): RecordSource
  generate(options: GeneratorOptions): RecordSource
}

/** Key of a source in the ledger: 128 bits of the SHA-256 of its identity, 22 characters. */
export function sourceKey(identity: string): string {
  return createHash('sha256').update(identity).digest().subarray(0, 16).toString('base64url')
}
