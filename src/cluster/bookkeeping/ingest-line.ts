import { EntitySchema } from 'typeorm'
import { LINE_TABLE } from './tables.js'

/** One record of an ingestion, as it is stored beside the data. */
export interface StoredIngestLine {
  /** The part of its database; see {@link PartRow}. */
  part: number | string
  /** First byte of the record in its file; of a stream its offset. */
  position: number | string
  /** Number of its first line, from 1. */
  line: number | string
  /** Bytes, without the line end. */
  length: number
  outcome: string
  /** Content hash, in two numbers of 53 bits; null for records that are compared with nothing. */
  hash1: number | string | null
  hash2: number | string | null
  /** Primary key of the row it became, or that was there already. */
  rowId: string | null
  /** JSON list of reasons. */
  reasons: string | null
  /** JSON list of what was changed on the way from the source to the row. */
  changes: string | null
  /** For a redriven record the reject it comes from: `run:file:position`. */
  origin: string | null
  /** The bytes as they stood in the source. */
  raw: Buffer | null
}

/** In every database that holds placed entities, and in control. */
export const IngestLineSchema = new EntitySchema<StoredIngestLine>({
  name: 'shardyard line',
  tableName: LINE_TABLE,
  withoutRowid: true,
  columns: {
    part: { type: 'bigint', primary: true },
    position: { type: 'bigint', primary: true },
    line: { type: 'bigint' },
    length: { type: 'integer' },
    outcome: { type: 'varchar', length: 9 },
    hash1: { type: 'bigint', nullable: true },
    hash2: { type: 'bigint', nullable: true },
    rowId: { type: 'varchar', length: 100, nullable: true },
    reasons: { type: 'text', nullable: true },
    changes: { type: 'text', nullable: true },
    origin: { type: 'varchar', length: 64, nullable: true },
    raw: { type: 'blob', nullable: true },
  },
})
