/** Names of the library's own tables; apart from their schemas, so that a worker thread needs no TypeORM to know them. */
export const LEDGER_TABLE = 'shardyard_ledger'
export const RUN_TABLE = 'shardyard_runs'
export const PART_TABLE = 'shardyard_parts'
export const LINE_TABLE = 'shardyard_lines'
export const HASH_TABLE = 'shardyard_hashes'
export const JOB_TABLE = 'shardyard_jobs'
export const IDEMPOTENCY_TABLE = 'shardyard_idempotency'
export const KEY_TABLE = 'shardyard_keys'
