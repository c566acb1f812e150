import { EntitySchema } from 'typeorm'
import { KEY_TABLE } from './tables.js'

/** A moment in milliseconds since 1970; drivers give large numbers as text. */
type Milliseconds = number | string

/** One key of the server as it is kept: without the key itself. */
export interface KeyRow {
  /** What the key begins with, after `sy_`. */
  id: string
  /** Who or what uses it, for people. */
  name: string
  /** SHA-256 of the whole key, in hex. */
  hash: string
  /** What it allows, separated by spaces. */
  scopes: string
  createdAt: Milliseconds
  expiresAt: Milliseconds | null
  revokedAt: Milliseconds | null
}

/** In the control database. */
export const KeySchema = new EntitySchema<KeyRow>({
  name: 'shardyard key',
  tableName: KEY_TABLE,
  columns: {
    id: { type: 'varchar', length: 16, primary: true },
    name: { type: 'varchar', length: 100 },
    hash: { type: 'varchar', length: 64 },
    scopes: { type: 'varchar', length: 100 },
    createdAt: { type: 'bigint' },
    expiresAt: { type: 'bigint', nullable: true },
    revokedAt: { type: 'bigint', nullable: true },
  },
})
