/**
 * A unit of work: what one call of `cluster.transaction` reads and writes.
 *
 * States of a branch (its part in one database), and what moves it on:
 *   new      a runner, nothing begun                  first read → reading, first write → written
 *   reading  a transaction that has read              first write → written; where the engine cannot upgrade, the
 *                                                     unit is run again from the start with this branch writing
 *   written  a transaction that has written
 *   ended    committed or rolled back; the runner is released
 *
 * 1. At most one branch is written; a second one makes the unit impossible, whether or not its error is caught.
 * 2. A unit that was told to give way (deadlock, serialization, lost connection) never commits.
 * 3. The caller's function runs anew for each attempt, so nothing of an attempt survives it.
 * 4. Only commit() and end() end a branch; a statement that runs on when they are called makes the unit impossible.
 * 5. Once something stands against the unit no further statement runs: a server that has given the transaction up
 *    would store it at once, outside of any transaction.
 */
import type { EntityManager, QueryRunner, Repository } from 'typeorm'
import type { BranchMode } from '../../drivers/driver.js'
import { ShardyardError } from '../../errors.js'
import type { Database } from '../database.js'
import { changesSchema, isTransactionControl, mayWrite } from './statement-kind.js'

type BranchState = 'new' | 'reading' | 'written' | 'ended'

/** Thrown inside a unit to have it run again with the database written from its start. */
class WriteFromStart extends Error {
  readonly database: string
  constructor(database: string) {
    super(`The unit of work is run again, writing "${database}" from its start. Let this error pass.`)
    this.database = database
  }
}

/** The part of a unit of work in one database. */
export class Branch {
  readonly database: Database
  readonly runner: QueryRunner
  state: BranchState = 'new'
  readonly #unit: Attempt
  readonly #running = new Set<Promise<unknown>>()
  #beginning: Promise<void> | undefined
  /** True while this class itself begins, commits or rolls back. */
  #isInControl = false
  #isEnding = false

  constructor(database: Database, unit: Attempt) {
    this.database = database
    this.#unit = unit
    this.runner = database.admittedRunner()
    // TypeORM must neither begin nor commit here: to it, a transaction is already under way.
    Object.assign(this.runner, { isTransactionActive: true, transactionDepth: 1 })
    const query = this.runner.query.bind(this.runner) as (...args: unknown[]) => Promise<unknown>
    this.runner.query = ((sql: string, parameters?: unknown[], isStructured?: boolean) =>
      this.#query(() => query(sql, parameters, isStructured), sql)) as QueryRunner['query']
  }

  /** True while something that the unit started has not ended: a statement, or a nested transaction. */
  get isBusy(): boolean {
    return this.#running.size > 0 || (this.runner as unknown as { transactionDepth: number }).transactionDepth > 1
  }

  async commit(): Promise<void> {
    const wasBegun = this.state === 'reading' || this.state === 'written'
    this.state = 'ended'
    this.#isInControl = true
    if (wasBegun) await this.runner.commitTransaction()
  }

  /** Rolls back what is not committed and lets the connection go; never throws. */
  async end(): Promise<void> {
    this.#isEnding = true
    await Promise.allSettled(this.#running)
    const wasBegun = this.state === 'reading' || this.state === 'written'
    this.state = 'ended'
    this.#isInControl = true
    try {
      // Also from within a nested transaction, where TypeORM would only go back to its savepoint.
      Object.assign(this.runner, { isTransactionActive: true, transactionDepth: 1 })
      if (wasBegun) await this.runner.rollbackTransaction()
    } catch {
      // The connection is gone, and the transaction with it.
    } finally {
      Object.assign(this.runner, { isTransactionActive: false, transactionDepth: 0 })
      await this.runner.release().catch(() => undefined)
      this.#isInControl = false
    }
  }

  async #query(run: () => Promise<unknown>, sql: string): Promise<unknown> {
    if (isTransactionControl(sql)) {
      if (this.#isInControl) return run()
      throw this.#unit.refuse(controlError(sql))
    }
    if (this.state === 'ended' || this.#isEnding) throw endedError()
    this.#unit.requireUnhindered()
    if (this.database.driver.schemaChangesCommit && changesSchema(sql)) throw this.#unit.refuse(schemaError(sql))
    const running = this.#run(run, mayWrite(sql))
    this.#running.add(running)
    try {
      return await running
    } catch (error) {
      this.#unit.note(this, error)
      throw error
    } finally {
      this.#running.delete(running)
    }
  }

  async #run(run: () => Promise<unknown>, isWrite: boolean): Promise<unknown> {
    await this.#prepare(isWrite)
    return run()
  }

  async #prepare(isWrite: boolean): Promise<void> {
    if (isWrite) this.#unit.claimWrite(this)
    await this.#beginning
    if (this.state === 'new') {
      this.#beginning ??= this.#begin(isWrite || this.#unit.writesFromStart(this.database.name) ? 'write' : 'read')
      await this.#beginning
    }
    if (!isWrite || this.state !== 'reading') return
    if (!this.database.driver.upgradesInPlace) throw this.#unit.runAgainWriting(this.database.name)
    this.state = 'written'
  }

  async #begin(mode: BranchMode): Promise<void> {
    this.#isInControl = true
    try {
      await this.database.driver.begin(this.runner, mode)
      this.state = mode === 'write' ? 'written' : 'reading'
    } finally {
      this.#isInControl = false
      this.#beginning = undefined
    }
  }
}

/** One attempt at a unit of work. */
export class Attempt {
  readonly #branches = new Map<string, Branch>()
  readonly #writesFromStart: ReadonlySet<string>
  #written: Branch | undefined
  /** Why this attempt cannot commit; kept even when the caller caught it. */
  #obstacle: unknown
  #rerun: WriteFromStart | undefined
  #mayRetry = false
  #isEnded = false

  constructor(writesFromStart: ReadonlySet<string>) {
    this.#writesFromStart = writesFromStart
  }

  branch(database: Database): Branch {
    if (this.#isEnded) throw endedError()
    let branch = this.#branches.get(database.name)
    if (branch === undefined) this.#branches.set(database.name, (branch = new Branch(database, this)))
    return branch
  }

  /** The branch of a database that the unit has touched. */
  openBranch(name: string): Branch | undefined {
    return this.#branches.get(name)
  }

  owns(runner: QueryRunner): boolean {
    return [...this.#branches.values()].some((branch) => branch.runner === runner)
  }

  writesFromStart(name: string): boolean {
    return this.#writesFromStart.has(name)
  }

  claimWrite(branch: Branch): void {
    this.#written ??= branch
    if (this.#written === branch) return
    throw this.refuse(secondDatabase(this.#written.database.name, branch.database.name))
  }

  /** Remembers what stands against the unit, and answers it. */
  refuse(obstacle: Error): unknown {
    this.#obstacle ??= obstacle
    return this.#obstacle
  }

  requireUnhindered(): void {
    if (this.#obstacle !== undefined) throw this.#obstacle
  }

  runAgainWriting(database: string): Error {
    this.#rerun ??= new WriteFromStart(database)
    return this.#rerun
  }

  /** Remembers faults after which the engine may have rolled back, or the connection is gone. */
  note(branch: Branch, error: unknown): void {
    const { kind } = branch.database.driver.faultOf(error)
    if (kind === 'conflict') this.#mayRetry = true
    if (kind === 'conflict' || kind === 'unavailable') this.#obstacle ??= error
  }

  get rerun(): string | undefined {
    return this.#rerun?.database
  }

  get mayRetry(): boolean {
    return this.#mayRetry
  }

  /** Commits, or throws what stands against it. */
  async commit(): Promise<void> {
    if (this.#rerun !== undefined) throw this.#rerun
    if (this.#obstacle !== undefined) throw asRolledBack(this.#obstacle)
    const branches = [...this.#branches.values()]
    const busy = branches.find((branch) => branch.isBusy)
    if (busy !== undefined) throw busyError(busy.database.name)
    // Without a write that is known, a function that was selected from may have written.
    for (const branch of this.#written === undefined ? branches : [this.#written]) {
      try {
        await branch.commit()
      } catch (error) {
        throw this.#commitError(branch, error)
      }
    }
  }

  async end(): Promise<void> {
    this.#isEnded = true
    for (const branch of this.#branches.values()) await branch.end()
  }

  #commitError(branch: Branch, error: unknown): unknown {
    this.note(branch, error)
    if (error instanceof ShardyardError) return error
    const { name, driver } = branch.database
    const isUnknown = driver.faultOf(error).kind === 'unavailable' && driver.engine !== 'sqlite'
    return isUnknown
      ? new ShardyardError(
          'SY_COMMIT_UNKNOWN',
          `The connection to "${name}" was lost during COMMIT. Read a row that the unit of work wrote to learn whether it is stored.`,
          { cause: error, details: { database: name } },
        )
      : new ShardyardError('SY_ROLLED_BACK', `"${name}" refused the COMMIT; nothing of the unit of work is stored.`, {
          cause: error,
          details: { database: name },
        })
  }
}

/** What the function of a unit of work is given. Use it, not the cluster's own repositories, until it returns. */
export interface UnitOfWork<Name extends string> {
  /** The repository of an entity, inside this unit of work. */
  repository<Entity extends object>(entity: import('../entity.js').PlacedEntity<Entity>): Repository<Entity>
  /** TypeORM's manager of one database, inside this unit of work. */
  manager(database: Name): EntityManager
}

function secondDatabase(first: string, second: string): ShardyardError {
  return new ShardyardError(
    'SY_SECOND_DATABASE_WRITTEN',
    `The unit of work has written "${first}" and was about to write "${second}". One unit of work writes one database; ` +
      'split it, and write the row that others refer to first.',
    { details: { written: first, refused: second } },
  )
}

/** The answer to a caller who caught the error that stands against its unit. */
function asRolledBack(obstacle: unknown): unknown {
  if (obstacle instanceof ShardyardError) return obstacle
  const reason = obstacle instanceof Error ? obstacle.message : String(obstacle)
  return new ShardyardError(
    'SY_ROLLED_BACK',
    `The unit of work was rolled back, because a statement in it failed: ${reason}`,
    {
      cause: obstacle,
    },
  )
}

function busyError(database: string): ShardyardError {
  return new ShardyardError(
    'SY_ROLLED_BACK',
    `The unit of work was rolled back: a statement or a nested transaction on "${database}" was still under way when its ` +
      'function returned. Await everything that it starts.',
    { details: { database } },
  )
}

function controlError(sql: string): ShardyardError {
  return new ShardyardError(
    'SY_ROLLED_BACK',
    `A unit of work begins and ends by itself; "${sql.trim()}" was refused and the unit is rolled back. ` +
      'Let its function return to commit, or throw to roll back.',
  )
}

function schemaError(sql: string): ShardyardError {
  return new ShardyardError(
    'SY_ROLLED_BACK',
    `MySQL commits before it runs "${sql.trim().slice(0, 60)}", so it cannot be a part of a unit of work; the unit is ` +
      'rolled back. Run it by itself, as a migration.',
  )
}

function endedError(): ShardyardError {
  return new ShardyardError(
    'SY_UNIT_OF_WORK_ENDED',
    'The unit of work has ended. Await everything that it starts before its function returns.',
  )
}
