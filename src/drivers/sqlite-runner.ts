/**
 * The query runner that makes SQLite safe under TypeORM, which otherwise shares one connection among all callers.
 *
 * States of a runner, and what moves it on:
 *   idle     no transaction             `BEGIN` → promised; `begin('read')` → reading; `begin('write')` → writing
 *   promised TypeORM has begun, SQLite not yet: nobody is kept waiting while subscribers look things up
 *                                       first statement → writing; COMMIT, ROLLBACK → idle
 *   reading  a snapshot, no lock        COMMIT, ROLLBACK → idle
 *   writing  this process's turn and the file's lock are held   COMMIT, ROLLBACK → idle
 *
 * 1. A transaction that may write begins IMMEDIATE: it never learns half-way that it cannot write.
 * 2. Whatever waits for a lock waits asynchronously.
 * 3. The turn to write ends with the transaction, the connection goes back with the runner's release.
 */
import type { QueryRunner } from 'typeorm'
import { ShardyardError } from '../errors.js'
import type { BranchMode, Gate } from './driver.js'
import { patiently, type SqliteHandle } from './sqlite-handle.js'
import type { Release, SqlitePool } from './sqlite-pool.js'

/** The part of TypeORM's two SQLite runners that is built upon. */
export interface SqliteBaseRunner extends QueryRunner {
  stmtCache?: Map<string, unknown>
}
export type SqliteBaseRunnerClass = new (driver: unknown) => SqliteBaseRunner

/** A runner whose branch of a unit of work can be begun by hand. */
export interface BranchRunner extends QueryRunner {
  begin(mode: BranchMode): Promise<void>
}

type State = 'idle' | 'promised' | 'reading' | 'writing'

const BEGIN = /^\s*BEGIN\b/i
const END = /^\s*(COMMIT|END|ROLLBACK)\s*(TRANSACTION)?\s*;?\s*$/i
const READ = /^\s*(SELECT|EXPLAIN|VALUES)\b/i
const DATA_WRITE = /^\s*(INSERT|UPDATE|DELETE|REPLACE|WITH)\b/i
const SCHEMA_WRITE = /^\s*(CREATE|DROP|ALTER)\b/i
const PRAGMA = /^\s*PRAGMA\b/i
/** Pragmas that read the schema; any other may leave the connection unlike its siblings. */
const READING_PRAGMA = /^\s*PRAGMA\s+[\w."]*\b(table_x?info|index_list|index_x?info|foreign_key_list|foreign_key_check)\b/i

/** Makes the runner class of one DataSource out of TypeORM's own. */
export function sqliteRunnerClass(
  Base: SqliteBaseRunnerClass,
  pool: SqlitePool,
  gate: Gate,
): new (driver: unknown) => BranchRunner {
  const file = pool.options.database

  return class SqliteRunner extends Base implements BranchRunner {
    #state: State = 'idle'
    #handle: SqliteHandle | undefined
    #endTurn: Release | undefined
    #hasEntered = false
    #isAltered = false

    override async connect(): Promise<unknown> {
      if (this.#handle === undefined) {
        await this.#enter()
        // Two statements of one runner may be started at once.
        this.#handle ??= await this.#acquireOnce()
        this.stmtCache = this.#handle.statements
      }
      return this.#handle.raw
    }

    override async query(sql: string, parameters?: unknown[], isStructured?: boolean): Promise<never> {
      if (BEGIN.test(sql)) {
        this.#state = 'promised'
        return undefined as never
      }
      if (END.test(sql)) return (await this.#end(sql)) as never
      if (this.#state === 'promised') await this.begin('write')
      if (this.#state === 'idle') return this.#alone(sql, parameters, isStructured)
      return this.#inTransaction(sql, parameters, isStructured)
    }

    async begin(mode: BranchMode): Promise<void> {
      await this.#enter()
      if (mode === 'write') this.#endTurn = await pool.lockForWriting()
      try {
        await this.connect()
        await this.#exec(mode === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN')
        this.#state = mode === 'write' ? 'writing' : 'reading'
      } catch (error) {
        this.#finishTurn()
        throw error
      }
    }

    override async release(): Promise<void> {
      if (this.isReleased) return
      ;(this as { isReleased: boolean }).isReleased = true
      await super.release()
      const handle = this.#handle
      this.#handle = undefined
      this.stmtCache = new Map()
      if (handle !== undefined && (this.#state === 'reading' || this.#state === 'writing')) {
        await rollbackQuietly(handle)
      }
      this.#finishTurn()
      if (handle !== undefined && this.#isAltered) pool.discard(handle)
      else if (handle !== undefined) pool.giveBack(handle)
      if (this.#hasEntered) gate.leave()
    }

    override async beforeMigration(): Promise<void> {
      await this.connect()
      this.#isAltered = true
      await this.#handle?.exec('PRAGMA foreign_keys = OFF')
    }

    override async afterMigration(): Promise<void> {
      await this.#handle?.exec('PRAGMA foreign_keys = ON')
    }

    #acquiring: Promise<SqliteHandle> | undefined
    #acquireOnce(): Promise<SqliteHandle> {
      this.#acquiring ??= pool.acquire()
      return this.#acquiring
    }

    async #enter(): Promise<void> {
      if (this.#hasEntered) return
      this.#hasEntered = true
      try {
        await gate.enter()
      } catch (error) {
        this.#hasEntered = false
        throw error
      }
    }

    /** A statement in a transaction. */
    async #inTransaction(sql: string, parameters: unknown[] | undefined, isStructured: boolean | undefined): Promise<never> {
      if (this.#handle?.isInTransaction() === false) {
        throw new ShardyardError('SY_ROLLED_BACK', `SQLite has rolled the transaction on "${file}" back.`)
      }
      if (SCHEMA_WRITE.test(sql)) pool.forgetStatements()
      if (this.#state === 'writing') return super.query(sql, parameters, isStructured as true) as Promise<never>
      return patiently(pool.options.waitMs, file, () => super.query(sql, parameters, isStructured as true) as Promise<never>)
    }

    /** A statement without a transaction: one that writes gets its own, so that it waits like every other writer. */
    async #alone(sql: string, parameters: unknown[] | undefined, isStructured: boolean | undefined): Promise<never> {
      if (DATA_WRITE.test(sql) || SCHEMA_WRITE.test(sql)) return this.#writeAlone(sql, parameters, isStructured)
      if (PRAGMA.test(sql) && !READING_PRAGMA.test(sql)) this.#isAltered = true
      const run = () => super.query(sql, parameters, isStructured as true) as Promise<never>
      await this.connect()
      if (READ.test(sql) || PRAGMA.test(sql)) return patiently(pool.options.waitMs, file, run)
      this.#endTurn = await pool.lockForWriting()
      try {
        return await patiently(pool.options.waitMs, file, run)
      } finally {
        this.#finishTurn()
      }
    }

    async #writeAlone(sql: string, parameters: unknown[] | undefined, isStructured: boolean | undefined): Promise<never> {
      await this.begin('write')
      try {
        const result = await this.#inTransaction(sql, parameters, isStructured)
        await this.#exec('COMMIT')
        return result
      } catch (error) {
        if (this.#handle !== undefined) await rollbackQuietly(this.#handle)
        throw error
      } finally {
        this.#state = 'idle'
        this.#finishTurn()
      }
    }

    async #end(sql: string): Promise<void> {
      const isOpen = this.#state === 'reading' || this.#state === 'writing'
      try {
        if (!isOpen || this.#handle === undefined) return
        if (!/^\s*ROLLBACK/i.test(sql)) await this.#exec('COMMIT')
        else await rollbackQuietly(this.#handle)
      } finally {
        this.#state = 'idle'
        this.#finishTurn()
      }
    }

    async #exec(sql: string): Promise<void> {
      const handle = this.#handle
      if (handle === undefined) throw new ShardyardError('SY_ROLLED_BACK', `The runner on "${file}" was released.`)
      // Logged as TypeORM would log it; the attempts that met a lock are not.
      pool.logger.logQuery(sql, undefined, this)
      await patiently(pool.options.waitMs, file, () => handle.exec(sql))
    }

    #finishTurn(): void {
      this.#endTurn?.()
      this.#endTurn = undefined
    }
  }
}

/** SQLite has rolled back by itself after some errors; then there is nothing left to do. */
async function rollbackQuietly(handle: SqliteHandle): Promise<void> {
  if (handle.isInTransaction() === false) return
  try {
    await handle.exec('ROLLBACK')
  } catch (error) {
    if (!/no transaction is active/.test(String(error))) throw error
  }
}
