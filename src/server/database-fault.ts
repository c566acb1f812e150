/** Errors of databases that come from under TypeORM, in the words of the library. */
import type { Cluster } from '../cluster/cluster.js'
import { driverError } from '../drivers/driver.js'
import { ShardyardError } from '../errors.js'

/** What an error of a client means when it says that a database is away or gave way; undefined when it says neither. */
export function databaseFault(cluster: Cluster, cause: unknown): ShardyardError | undefined {
  if (cause instanceof ShardyardError || driverError(cause)['code'] === undefined) return undefined
  const drivers = new Set(cluster.databases.map((name) => cluster.member(name).driver))
  for (const driver of drivers) {
    const { kind } = driver.faultOf(cause)
    if (kind === 'unavailable' || kind === 'refused')
      return new ShardyardError('SY_DATABASE_DOWN', 'A database does not answer.', { cause, details: { kind } })
    if (kind === 'conflict') return new ShardyardError('SY_DATABASE_BUSY', 'A database gave way.', { cause })
  }
  return undefined
}
