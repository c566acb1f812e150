import type { Database } from '../../cluster/database.js'
import { driverError } from '../../drivers/driver.js'
import { ShardyardError } from '../../errors.js'
import type { MigrationStep } from './migration-plan.js'

export interface FailedMigration {
  readonly verb: 'migrate' | 'revert'
  readonly database: Database
  readonly cause: unknown
  readonly done: readonly MigrationStep[]
  /** Undefined when all steps of the database were done and the lock could not be given back. */
  readonly failed: MigrationStep | undefined
  readonly pending: readonly MigrationStep[]
}

/** The error that says what was done where, what failed, what is left and how to go on. */
export function migrationFailed(failure: FailedMigration): ShardyardError {
  const { verb, database, cause, done, failed, pending } = failure
  const what = failed === undefined ? 'The migration' : failed.migration
  const sentences = [
    `${what} failed on "${database.name}" (${database.address}): ${messageOf(cause)}.`,
    stateAfter(failure),
    done.length === 0 ? 'Nothing else was changed.' : `Done before: ${list(done)}.`,
    pending.length === 0 ? '' : `Not begun: ${list(pending)}.`,
    `Mend the cause and run ${verb} again: it goes on from there.`,
  ]
  return new ShardyardError('SY_MIGRATION_FAILED', sentences.filter((sentence) => sentence !== '').join(' '), {
    cause,
    details: { done: [...done], failed, pending: [...pending] },
  })
}

function stateAfter({ database, failed, cause }: FailedMigration): string {
  const code = cause instanceof ShardyardError ? cause.code : undefined
  if (code === 'SY_DATABASE_BUSY' || code === 'SY_DATABASE_DOWN') return 'It was not begun.'
  const isLost = database.driver.faultOf(cause).kind === 'unavailable'
  if (isLost) return 'The connection was lost: the status of the migrations tells whether it was applied.'
  if (database.driver.engine !== 'mysql' || failed === undefined) return 'It was rolled back.'
  return 'MySQL and MariaDB do not roll changes of the schema back: tables and columns that it made before it failed are still there.'
}

function list(steps: readonly MigrationStep[]): string {
  return steps.map(({ database, migration }) => `${migration} on "${database}"`).join(', ')
}

function messageOf(cause: unknown): string {
  const message = cause instanceof ShardyardError ? cause.message : (driverError(cause).message ?? cause)
  return String(message).replace(/\.$/, '')
}
