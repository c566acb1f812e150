import { EntitySchema } from 'typeorm'
import { LEDGER_TABLE } from './tables.js'

/**
 * One line of the ledger as it is stored beside the data: what became of one record in one run. Its key is where the
 * record stands (source, entity, position) and the run, so a line can be written once only.
 */
export interface StoredLedgerLine {
  /** Key of the source: 22 characters of base64url made from its identity. */
  source: string
  entity: string
  position: string | number
  run: string
  outcome: string
  thread: number
  durationUs: string | number
  rowId: string | null
  storedBy: string | null
  /** JSON list of reasons. */
  reasons: string | null
  /** The record as it was read, as JSON. */
  record: string
}

/** In every database that holds placed entities, and in control. */
export const LedgerLineSchema = new EntitySchema<StoredLedgerLine>({
  name: 'shardyard ledger line',
  tableName: LEDGER_TABLE,
  withoutRowid: true,
  columns: {
    source: { type: 'varchar', length: 22, primary: true },
    entity: { type: 'varchar', length: 100, primary: true },
    position: { type: 'bigint', primary: true },
    run: { type: 'varchar', length: 20, primary: true },
    outcome: { type: 'varchar', length: 9 },
    thread: { type: 'integer' },
    durationUs: { type: 'bigint' },
    rowId: { type: 'varchar', length: 100, nullable: true },
    storedBy: { type: 'varchar', length: 20, nullable: true },
    reasons: { type: 'text', nullable: true },
    record: { type: 'text' },
  },
})
