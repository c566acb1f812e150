/** Names of the library's own tables; apart from their schemas, so that a worker thread needs no TypeORM to know them. */
export const LEDGER_TABLE = 'shardyard_ledger'
export const RUN_TABLE = 'shardyard_runs'
