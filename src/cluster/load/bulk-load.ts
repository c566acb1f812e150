/**
 * One call of `cluster.load`: rows in, each to the database that the router names, in the engine's fastest way.
 *
 * 1. Rows are pulled only when there is room for them: one batch of a database is gathered while one is written.
 * 2. What is not committed when the load fails is rolled back; the error tells what is stored where.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EntityMetadata } from 'typeorm'
import { ShardyardError } from '../../errors.js'
import type { Database } from '../database.js'
import { nameOf, type PlacedEntity } from '../entity.js'
import type { RouterChain } from '../router.js'
import { interruptible } from '../../util/interruptible.js'
import { optionError, type BulkLoadResult, type ResolvedBulkLoadOptions } from './bulk-load-options.js'
import { LoadTarget, messageOf } from './load-target.js'
import { RowCheck, type RowReferences } from './row-check.js'

type RowObject = Record<string, unknown>

/** What a load needs of its cluster. */
export interface BulkLoadContext {
  readonly router: RouterChain
  readonly hasRouters: boolean
  readonly find: (database: string) => Database
  readonly references: RowReferences
  /** Aborts when the cluster is closed for good. */
  readonly closing: AbortSignal
}

export class BulkLoad {
  readonly #context: BulkLoadContext
  readonly #entity: PlacedEntity
  readonly #options: ResolvedBulkLoadOptions
  readonly #targets = new Map<string, LoadTarget>()
  readonly #ending: AbortSignal
  #rows = 0
  #handed = 0
  #only: LoadTarget | undefined

  constructor(context: BulkLoadContext, entity: PlacedEntity, options: ResolvedBulkLoadOptions) {
    this.#context = context
    this.#entity = entity
    this.#options = options
    const { signal } = options
    this.#ending = signal === undefined ? context.closing : AbortSignal.any([signal, context.closing])
  }

  async run(rows: Iterable<object> | AsyncIterable<object>): Promise<BulkLoadResult> {
    try {
      for await (const full of this.#fullTargets(rows)) await this.#write(full)
      for (const target of this.#targets.values()) await this.#write(target)
      for (const target of this.#targets.values()) await target.settle()
      this.#ending.throwIfAborted()
      for (const target of this.#targets.values()) await target.commit()
      return this.#result()
    } catch (error) {
      await Promise.all([...this.#targets.values()].map((target) => target.rollback()))
      throw this.#explained(error)
    } finally {
      await Promise.allSettled([...this.#targets.values()].map((target) => target.close()))
    }
  }

  /** Gives every row to its target; yields a target each time that it has enough to write. */
  async *#fullTargets(rows: Iterable<object> | AsyncIterable<object>): AsyncGenerator<LoadTarget> {
    if (Symbol.asyncIterator in rows) {
      for await (const row of interruptible(rows, this.#ending)) {
        const full = this.#take(row as RowObject)
        if (full !== undefined) yield full
      }
      return
    }
    for (const row of rows) {
      const full = this.#take(row as RowObject)
      if (full !== undefined) yield full
    }
  }

  /** Gives a row to its target; answers the target when it has enough to write. */
  #take(row: RowObject): LoadTarget | undefined {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw optionError(
        'rows',
        `Expected row ${this.#rows} to be an object, got ${JSON.stringify(row) ?? 'undefined'}.`,
      )
    }
    const target = this.#only ?? this.#targetOf(row)
    this.#rows += 1
    return target.add(row, this.#rows - 1) ? target : undefined
  }

  #targetOf(row: RowObject): LoadTarget {
    const { database } = this.#context.router.routeForWrite(this.#entity, { row })
    let target = this.#targets.get(database)
    if (target === undefined) {
      const home = this.#context.find(database)
      const metadata = metadataOf(home, this.#entity)
      const check = this.#options.validate ? new RowCheck(metadata, this.#context.references) : undefined
      const isEnding = () => this.#ending.aborted
      target = new LoadTarget(home, metadata, { ...this.#options, check, isEnding })
      this.#targets.set(database, target)
    }
    if (!this.#context.hasRouters) this.#only = target
    return target
  }

  async #write(target: LoadTarget): Promise<void> {
    this.#ending.throwIfAborted()
    const rows = await target.write()
    if (rows === 0) return
    this.#handed += rows
    this.#options.onProgress?.({ rows: this.#handed })
    // SQLite answers at once: without this, timers, signals and requests would wait for the end of the load.
    await nextTurn()
  }

  #result(): BulkLoadResult {
    const databases = Object.fromEntries(
      [...this.#targets].map(([name, { rows, written }]) => [name, { rows, written }] as const),
    )
    const written = [...this.#targets.values()].reduce((sum, target) => sum + target.written, 0)
    return { rows: this.#rows, written, databases }
  }

  /** The error with what is stored where: several databases have several transactions. */
  #explained(error: unknown): ShardyardError {
    const committed = Object.fromEntries([...this.#targets].map(([name, target]) => [name, target.committed] as const))
    const isNothing = Object.values(committed).every((rows) => rows === 0)
    const what = isNothing
      ? 'Nothing of the load is stored.'
      : `Stored are ${Object.entries(committed)
          .map(([name, rows]) => `${rows} rows in "${name}"`)
          .join(', ')}.`
    const { code, message, cause, details } = this.#asShardyardError(error)
    return new ShardyardError(code, `${message} ${what}`, { cause, details: { ...details, committed } })
  }

  #asShardyardError(error: unknown): ShardyardError {
    const mayBeCut = !(error instanceof ShardyardError) || /^SY_DATABASE_(DOWN|BUSY)$/.test(error.code)
    const { closing } = this.#context
    if (mayBeCut && closing.aborted) return closing.reason as ShardyardError
    if (mayBeCut && this.#options.signal?.aborted === true) {
      return new ShardyardError('SY_INTERRUPTED', 'The load was interrupted.', { cause: error })
    }
    if (error instanceof ShardyardError) return error
    return new ShardyardError('SY_LOAD_FAILED', `The load failed: ${messageOf(error)}.`, { cause: error })
  }
}

function metadataOf({ name, dataSource }: Database, entity: PlacedEntity): EntityMetadata {
  if (dataSource.hasMetadata(entity as never)) return dataSource.getMetadata(entity as never)
  throw new ShardyardError(
    'SY_DEFINITION_INVALID',
    `A router sends a ${nameOf(entity)} to "${name}", which has no table of it. ` +
      `Let allowMigrate answer true for "${name}" and ${nameOf(entity)}.`,
    { details: { entity: nameOf(entity), database: name } },
  )
}
