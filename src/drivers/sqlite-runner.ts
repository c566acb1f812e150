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
 * 4. Statements that are started at once share one BEGIN; a statement with a transaction of its own lets nobody in.
 * 5. What a runner waits for when it is released is let go as soon as it arrives.
 */
import type { QueryRunner } from 'typeorm'
import { ShardyardError } from '../errors.js'
import type { BranchMode, Gate } from './driver.js'
import { isBusy, patiently, type SqliteHandle } from './sqlite-handle.js'
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
const READING_PRAGMA =
  /^\s*PRAGMA\s+[\w."]*\b(table_x?info|index_list|index_x?info|foreign_key_list|foreign_key_check)\b/i

/** What a released runner has: nothing gets in, since only a runner with a connection prepares statements. */
const NO_STATEMENTS = new Map<string, unknown>()

/** Makes the runner class of one DataSource out of TypeORM's own. */
export function sqliteRunnerClass(
  Base: SqliteBaseRunnerClass,
  pool: SqlitePool,
  gate: Gate,
): new (
  driver: unknown,
) => BranchRunner {
  const file = pool.options.database
  const waitMs = () => pool.options.waitMs

  return class SqliteRunner extends Base implements BranchRunner {
    #state: State = 'idle'
    #handle: SqliteHandle | undefined
    #endTurn: Release | undefined
    #acquiring: Promise<SqliteHandle> | undefined
    #beginning: Promise<void> | undefined
    /** The statement under way that has a transaction of its own; never rejects. */
    #lone: Promise<unknown> | undefined
    #entering: Promise<void> | undefined
    #hasEntered = false
    #isAltered = false

    override async connect(): Promise<unknown> {
      const waiting = this.#ready()
      if (waiting !== undefined) await waiting
      return this.#handle?.raw
    }

    /** Sees to it that the runner has a connection; undefined when there is nothing to wait for. */
    #ready(): Promise<void> | undefined {
      if (this.#handle !== undefined) return undefined
      this.#requireUnreleased()
      const entering = this.#enter()
      const idle = entering === undefined && this.#acquiring === undefined ? pool.acquireIdle() : undefined
      if (idle === undefined) return this.#acquire(entering)
      this.#handle = idle
      this.stmtCache = idle.statements
      return undefined
    }

    async #acquire(entering: Promise<void> | undefined): Promise<void> {
      await entering
      this.#acquiring ??= pool.acquire()
      try {
        this.#handle = await this.#acquiring
      } catch (error) {
        this.#acquiring = undefined
        throw error
      }
      this.#requireUnreleased()
      this.stmtCache = this.#handle.statements
    }

    override query(sql: string, parameters?: unknown[], isStructured?: boolean): Promise<never> {
      const isPlainRead = this.#state === 'idle' && this.#lone === undefined && READ.test(sql)
      if (isPlainRead) return this.#read(sql, parameters, isStructured)
      return this.#query(sql, parameters, isStructured).catch((error: unknown) => {
        throw gate.translated(error, sql, parameters)
      })
    }

    /** The commonest statement of all takes the shortest way. */
    async #read(sql: string, parameters: unknown[] | undefined, isStructured: boolean | undefined): Promise<never> {
      const waiting = this.#ready()
      if (waiting !== undefined) await waiting
      try {
        return (await super.query(sql, parameters, isStructured as true)) as never
      } catch (error) {
        if (!isBusy(error)) throw error
        return patiently(waitMs, file, () => super.query(sql, parameters, isStructured as true) as never)
      }
    }

    async #query(sql: string, parameters: unknown[] | undefined, isStructured: boolean | undefined): Promise<never> {
      while (this.#lone !== undefined) await this.#lone
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
      this.#beginning ??= this.#begin(mode).finally(() => {
        this.#beginning = undefined
      })
      return this.#beginning
    }

    async #begin(mode: BranchMode): Promise<void> {
      this.#requireUnreleased()
      const entering = this.#enter()
      if (entering !== undefined) await entering
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
      const forgotten = super.release()
      const underWay = this.#lone ?? this.#beginning ?? (this.#handle === undefined ? this.#acquiring : undefined)
      if (underWay === undefined) return this.#letGo() ?? forgotten
      const letGo = () => this.#letGo()
      void underWay.then(letGo, letGo)
    }

    /** Gives everything back; at once when nothing is open and nothing awaited, as after a plain read. */
    #letGo(): Promise<void> | undefined {
      const isOpen = this.#state === 'reading' || this.#state === 'writing'
      const isEntering = this.#entering !== undefined && !this.#hasEntered
      if (isOpen || isEntering) return this.#endAndLetGo(isOpen)
      this.#giveBack(!this.#isAltered)
      if (this.#hasEntered) gate.leave(this)
      return undefined
    }

    async #endAndLetGo(isOpen: boolean): Promise<void> {
      let isReusable = !this.#isAltered
      try {
        if (isOpen && this.#handle !== undefined) await rollbackQuietly(this.#handle)
      } catch {
        isReusable = false
      }
      this.#giveBack(isReusable)
      // A gate that refused has counted nobody.
      await this.#entering?.catch(() => undefined)
      if (this.#hasEntered) gate.leave(this)
    }

    #giveBack(isReusable: boolean): void {
      const handle = this.#handle
      this.#handle = undefined
      this.stmtCache = NO_STATEMENTS
      this.#finishTurn()
      if (handle === undefined) return
      if (isReusable) pool.giveBack(handle)
      else pool.discard(handle)
    }

    override async beforeMigration(): Promise<void> {
      await this.connect()
      this.#isAltered = true
      await this.#handle?.exec('PRAGMA foreign_keys = OFF')
    }

    override async afterMigration(): Promise<void> {
      await this.#handle?.exec('PRAGMA foreign_keys = ON')
    }

    #requireUnreleased(): void {
      if (this.isReleased) throw new ShardyardError('SY_ROLLED_BACK', `The runner on "${file}" was released.`)
    }

    #enter(): Promise<void> | undefined {
      if (this.#hasEntered) return undefined
      this.#entering ??= gate.enter(this)
      if (this.#entering !== undefined) return this.#waitToEnter(this.#entering)
      this.#hasEntered = true
      return undefined
    }

    async #waitToEnter(entering: Promise<void>): Promise<void> {
      try {
        await entering
        this.#hasEntered = true
      } catch (error) {
        this.#entering = undefined
        throw error
      }
      this.#requireUnreleased()
    }

    /** A statement in a transaction. */
    async #inTransaction(
      sql: string,
      parameters: unknown[] | undefined,
      isStructured: boolean | undefined,
    ): Promise<never> {
      if (this.#handle?.isInTransaction() === false) {
        throw new ShardyardError('SY_ROLLED_BACK', `SQLite has rolled the transaction on "${file}" back.`)
      }
      if (SCHEMA_WRITE.test(sql)) pool.forgetStatements()
      if (this.#state === 'writing') return super.query(sql, parameters, isStructured as true) as Promise<never>
      return patiently(waitMs, file, () => super.query(sql, parameters, isStructured as true) as Promise<never>)
    }

    /** A statement without a transaction: one that writes gets its own, so that it waits like every other writer. */
    async #alone(sql: string, parameters: unknown[] | undefined, isStructured: boolean | undefined): Promise<never> {
      if (DATA_WRITE.test(sql) || SCHEMA_WRITE.test(sql)) return this.#writeAlone(sql, parameters, isStructured)
      if (PRAGMA.test(sql) && !READING_PRAGMA.test(sql)) this.#isAltered = true
      const run = () => super.query(sql, parameters, isStructured as true) as Promise<never>
      await this.connect()
      if (READ.test(sql) || PRAGMA.test(sql)) return patiently(waitMs, file, run)
      this.#endTurn = await pool.lockForWriting()
      try {
        return await patiently(waitMs, file, run)
      } finally {
        this.#finishTurn()
      }
    }

    #writeAlone(sql: string, parameters: unknown[] | undefined, isStructured: boolean | undefined): Promise<never> {
      const written = this.#writeInOwnTransaction(sql, parameters, isStructured)
      const over = () => {
        this.#lone = undefined
      }
      this.#lone = written.then(over, over)
      return written
    }

    async #writeInOwnTransaction(
      sql: string,
      parameters: unknown[] | undefined,
      isStructured: boolean | undefined,
    ): Promise<never> {
      const entering = this.#enter()
      if (entering !== undefined) await entering
      this.#endTurn = await pool.lockForWriting()
      try {
        const waiting = this.#ready()
        if (waiting !== undefined) await waiting
        if (SCHEMA_WRITE.test(sql)) pool.forgetStatements()
        // SQLite takes the lock before the statement does anything, so one that finds it busy can be tried again.
        return await patiently(waitMs, file, () => super.query(sql, parameters, isStructured as true) as Promise<never>)
      } finally {
        this.#finishTurn()
      }
    }

    async #end(sql: string): Promise<void> {
      await this.#beginning?.catch(() => undefined)
      const handle = this.#handle
      const isOpen = this.#state === 'reading' || this.#state === 'writing'
      try {
        if (!isOpen || handle === undefined) return
        if (/^\s*ROLLBACK/i.test(sql)) return await rollbackQuietly(handle)
        try {
          await this.#exec('COMMIT')
        } catch (error) {
          // SQLite keeps a transaction open whose COMMIT it refuses; nobody else would end it.
          await rollbackQuietly(handle)
          throw error
        }
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
      await patiently(waitMs, file, () => handle.exec(sql), pool.sign)
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
