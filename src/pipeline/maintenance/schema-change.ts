/** One database's part of a migration: its lock, its transactions, its records. */
import type { MigrationInterface, QueryRunner } from 'typeorm'
import type { Database } from '../../cluster/database.js'
import { ShardyardError } from '../../errors.js'
import type { KnownMigration } from './migration-plan.js'
import { forgetApplied, isApplied, makeRecords, recordApplied } from './migration-records.js'

export type Direction = 'up' | 'down'

/** Runs `work` on a connection of its own, while no other process changes the schema of the database. */
export async function withSchemaLock<T>(
  database: Database,
  waitMs: number,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const runner = database.dataSource.createQueryRunner('master')
  try {
    const unlock = await lock(database, runner, waitMs)
    try {
      await makeRecords(database, runner)
      return await work(runner)
    } finally {
      // A connection that is gone has taken its lock with it.
      await unlock().catch(() => undefined)
    }
  } finally {
    await runner.release()
  }
}

/**
 * Runs one migration and its record in one transaction; answers false when another process was first. MySQL ends the
 * transaction at each change of the schema: there a migration that fails half-way leaves what it has made.
 */
export async function changeSchema(
  database: Database,
  runner: QueryRunner,
  { name, migration: Migration }: KnownMigration,
  direction: Direction,
): Promise<boolean> {
  const migration: MigrationInterface = new Migration()
  const change = async () => {
    const isToDo = (await isApplied(database, runner, name)) === (direction === 'down')
    if (!isToDo) return false
    await migration[direction](runner)
    await (direction === 'up' ? recordApplied : forgetApplied)(database, runner, name)
    return true
  }
  await runner.beforeMigration()
  try {
    return await (migration.transaction === false ? change() : inTransaction(runner, change))
  } finally {
    await runner.afterMigration()
  }
}

async function inTransaction<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  await runner.startTransaction()
  try {
    const result = await work()
    await runner.commitTransaction()
    return result
  } catch (error) {
    // The first error says why; a rollback that fails has lost its connection, which rolls back.
    await runner.rollbackTransaction().catch(() => undefined)
    throw error
  }
}

async function lock(database: Database, runner: QueryRunner, waitMs: number): Promise<() => Promise<void>> {
  try {
    return await database.driver.lockSchema(runner, waitMs)
  } catch (cause) {
    if (database.driver.faultOf(cause).kind !== 'conflict') throw cause
    throw new ShardyardError('SY_DATABASE_BUSY', `Another process has held the schema lock for ${waitMs} ms.`, {
      cause,
    })
  }
}
