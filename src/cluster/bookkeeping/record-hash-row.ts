import { EntitySchema } from 'typeorm'
import { HASH_TABLE } from './tables.js'

/**
 * The hash of a record that became a row, and where it stood. Narrow and apart from the lines: a random key costs the
 * less the more of them fit on a page.
 */
export interface RecordHashRow {
  hash1: number | string
  hash2: number | string
  part: number | string
  position: number | string
}

/** In every database that holds placed entities. */
export const RecordHashSchema = new EntitySchema<RecordHashRow>({
  name: 'shardyard hash',
  tableName: HASH_TABLE,
  withoutRowid: true,
  columns: {
    hash1: { type: 'bigint', primary: true },
    hash2: { type: 'bigint', primary: true },
    part: { type: 'bigint' },
    position: { type: 'bigint' },
  },
})
