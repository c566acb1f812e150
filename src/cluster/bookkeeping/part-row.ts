import { EntitySchema } from 'typeorm'
import { PART_TABLE } from './tables.js'

/**
 * How far one file (or partition of a stream) of an ingestion is in one database, and what became of its records
 * there. Changed in the transaction that stores the records, so it says neither more nor less than is stored.
 */
export interface PartRow {
  /** Numbered by its database; the lines of the part have it. */
  id: number | string
  run: string
  /** Place of the file in its run, from 0. */
  file: number
  entity: string
  /** The first chunk that is not settled here; of a stream the first offset. */
  next: number | string
  /** Of a chunk that is written little by little: records of the file before this byte are settled here too. */
  settledTo: number | string
  accepted: number | string
  rejected: number | string
  duplicate: number | string
  blank: number | string
  header: number | string
  /** JSON: how often each reason was met, by `CODE field`. */
  codes: string
}

/** In every database that holds placed entities, and in control. */
export const PartSchema = new EntitySchema<PartRow>({
  name: 'shardyard part',
  tableName: PART_TABLE,
  columns: {
    id: { type: 'bigint', primary: true, generated: 'increment' },
    run: { type: 'varchar', length: 20 },
    file: { type: 'integer' },
    entity: { type: 'varchar', length: 100 },
    next: { type: 'bigint' },
    settledTo: { type: 'bigint' },
    accepted: { type: 'bigint' },
    rejected: { type: 'bigint' },
    duplicate: { type: 'bigint' },
    blank: { type: 'bigint' },
    header: { type: 'bigint' },
    codes: { type: 'text' },
  },
  indices: [{ name: 'uq_shardyard_parts_run_file', columns: ['run', 'file'], unique: true }],
})
