/** Errors of databases that come from under TypeORM, in the words of the library. */
import { QueryFailedError } from 'typeorm'
import type { Cluster } from '../cluster/cluster.js'
import { ShardyardError } from '../errors.js'
import { HttpProblem } from './problem.js'

const OF_THE_DATA: ReadonlySet<string> = new Set(['unique', 'check', 'not-null', 'too-long', 'out-of-range'])

/** What an error of a client means when it says that a database is away, gave way or refused a value; else undefined. */
export function databaseFault(cluster: Cluster, cause: unknown): ShardyardError | undefined {
  if (cause instanceof ShardyardError || cause instanceof HttpProblem) return undefined
  const drivers = new Set(cluster.databases.map((name) => cluster.member(name).driver))
  const kinds = [...drivers].map((driver) => driver.faultOf(cause).kind)
  // A lost connection is told by the client itself; files have errors of the same names as the others.
  if (kinds.includes('unavailable') || (cause instanceof QueryFailedError && kinds.includes('refused')))
    return new ShardyardError('SY_DATABASE_DOWN', 'A database does not answer.', { cause })
  if (!(cause instanceof QueryFailedError)) return undefined
  if (kinds.includes('conflict')) return new ShardyardError('SY_DATABASE_BUSY', 'A database gave way.', { cause })
  const kind = kinds.find((one) => OF_THE_DATA.has(one))
  if (kind === undefined) return undefined
  // What a constraint of the library's own refuses has been told by its sentence before.
  const message = `The database refused a value (${kind}).`
  const reasons = [{ code: 'REFUSED_BY_DATABASE', field: '', message }]
  return new ShardyardError('SY_VALIDATION_FAILED', message, { cause, details: { reasons } })
}
