/** The connections of a database's client: how many there are, how many are free, how many callers wait for one. */
export interface PoolState {
  readonly open: number
  readonly free: number
  readonly waiting: number
}

/** What pg's pool tells. */
interface PgPool {
  readonly totalCount: number
  readonly idleCount: number
  readonly waitingCount: number
}

/** What mysql2's pool has; it tells nothing. */
interface MysqlPool {
  readonly _allConnections: { readonly length: number }
  readonly _freeConnections: { readonly length: number }
  readonly _connectionQueue: { readonly length: number }
}

/** The pool of TypeORM's driver; undefined when it has none. */
export function poolState(driver: unknown): PoolState | undefined {
  const { master, pool } = driver as { master?: Partial<PgPool>; pool?: Partial<MysqlPool> }
  if (master?.totalCount !== undefined)
    return { open: master.totalCount, free: master.idleCount ?? 0, waiting: master.waitingCount ?? 0 }
  if (pool?._allConnections === undefined) return undefined
  return {
    open: pool._allConnections.length,
    free: pool._freeConnections?.length ?? 0,
    waiting: pool._connectionQueue?.length ?? 0,
  }
}
