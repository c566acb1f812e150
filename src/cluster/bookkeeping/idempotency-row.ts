import { EntitySchema } from 'typeorm'
import { IDEMPOTENCY_TABLE } from './tables.js'

/** Milliseconds since 1970, by the clock of control; drivers give large numbers as text. */
type Milliseconds = number | string

/** A request that a client may send again, and the answer that it gets then. */
export interface IdempotencyRow {
  /** SHA-256 of the client, the method, the path and the key that the client gave, in hex. */
  id: string
  /** SHA-256 of the body, in hex: the same key with another body is a mistake. */
  fingerprint: string
  /** HTTP status of the answer; null while the request is at work. */
  status: number | null
  /** JSON: the headers and the body of the answer. */
  answer: string | null
  /** Until when whoever works on the request is taken to be alive. */
  leaseUntil: Milliseconds
  createdAt: Milliseconds
}

/** In the control database. */
export const IdempotencySchema = new EntitySchema<IdempotencyRow>({
  name: 'shardyard idempotency',
  tableName: IDEMPOTENCY_TABLE,
  columns: {
    id: { type: 'varchar', length: 64, primary: true },
    fingerprint: { type: 'varchar', length: 64 },
    status: { type: 'integer', nullable: true },
    answer: { type: 'text', nullable: true },
    leaseUntil: { type: 'bigint' },
    createdAt: { type: 'bigint' },
  },
  indices: [{ name: 'ix_shardyard_idempotency_created', columns: ['createdAt'] }],
})
