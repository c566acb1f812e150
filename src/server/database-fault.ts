/** Errors of databases that come from under TypeORM, in the words of the library. */
import type { Cluster } from '../cluster/cluster.js'
import { driverError } from '../drivers/driver.js'
import { ShardyardError } from '../errors.js'

const OF_THE_DATA: ReadonlySet<string> = new Set(['unique', 'check', 'not-null', 'too-long', 'out-of-range'])

/** What an error of a client means when it says that a database is away, gave way or refused a value; else undefined. */
export function databaseFault(cluster: Cluster, cause: unknown): ShardyardError | undefined {
  if (cause instanceof ShardyardError || driverError(cause)['code'] === undefined) return undefined
  const drivers = new Set(cluster.databases.map((name) => cluster.member(name).driver))
  for (const driver of drivers) {
    const { kind } = driver.faultOf(cause)
    if (kind === 'unavailable' || kind === 'refused')
      return new ShardyardError('SY_DATABASE_DOWN', 'A database does not answer.', { cause, details: { kind } })
    // What a constraint of the library's own refuses has been told by its sentence before.
    if (OF_THE_DATA.has(kind)) {
      const reasons = [{ code: 'REFUSED_BY_DATABASE', field: '', message: `The database refused a value (${kind}).` }]
      return new ShardyardError('SY_VALIDATION_FAILED', 'The database refused a value.', {
        cause,
        details: { reasons },
      })
    }
    if (kind === 'conflict') return new ShardyardError('SY_DATABASE_BUSY', 'A database gave way.', { cause })
  }
  return undefined
}
