/**
 * One call of `cluster.load`: rows in, each to the database that the router names, in the engine's fastest way.
 *
 * 1. Rows are pulled only when there is room for them, and written in their order, database by database.
 * 2. What is not committed when the load fails is rolled back; the error tells what is stored where.
 */
import type { EntityMetadata } from 'typeorm'
import { ShardyardError } from '../../errors.js'
import type { Database } from '../database.js'
import { nameOf, type PlacedEntity } from '../entity.js'
import type { RouterChain } from '../router.js'
import { optionError, type BulkLoadResult, type ResolvedBulkLoadOptions } from './bulk-load-options.js'
import { LoadTarget } from './load-target.js'
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
  #rows = 0
  #only: LoadTarget | undefined

  constructor(context: BulkLoadContext, entity: PlacedEntity, options: ResolvedBulkLoadOptions) {
    this.#context = context
    this.#entity = entity
    this.#options = options
  }

  async run(rows: Iterable<object> | AsyncIterable<object>): Promise<BulkLoadResult> {
    try {
      if (Symbol.asyncIterator in rows) for await (const row of rows) await this.#take(row as RowObject)
      else {
        for (const row of rows) {
          const full = this.#take(row as RowObject)
          if (full !== undefined) await full
        }
      }
      for (const target of this.#targets.values()) await this.#write(target)
      for (const target of this.#targets.values()) await target.commit()
      return this.#result()
    } catch (error) {
      for (const target of this.#targets.values()) await target.rollback()
      throw this.#explained(error)
    } finally {
      for (const target of this.#targets.values()) await target.close()
    }
  }

  #take(row: RowObject): Promise<void> | undefined {
    if (typeof row !== 'object' || row === null) {
      throw optionError(
        'rows',
        `Expected row ${this.#rows} to be an object, got ${JSON.stringify(row) ?? 'undefined'}.`,
      )
    }
    const target = this.#only ?? this.#targetOf(row)
    this.#rows += 1
    return target.add(row, this.#rows - 1) ? this.#write(target) : undefined
  }

  #targetOf(row: RowObject): LoadTarget {
    const { database } = this.#context.router.routeForWrite(this.#entity, { row })
    let target = this.#targets.get(database)
    if (target === undefined) {
      const home = this.#context.find(database)
      const metadata = metadataOf(home, this.#entity)
      const check = this.#options.validate ? new RowCheck(metadata, this.#context.references) : undefined
      target = new LoadTarget(home, metadata, { ...this.#options, check })
      this.#targets.set(database, target)
    }
    if (!this.#context.hasRouters) this.#only = target
    return target
  }

  async #write(target: LoadTarget): Promise<void> {
    this.#options.signal?.throwIfAborted()
    this.#context.closing.throwIfAborted()
    await target.write()
    this.#options.onProgress?.({ rows: this.#rows })
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
    const { code, message, cause, details } = asShardyardError(error, this.#options.signal)
    return new ShardyardError(code, `${message} ${what}`, { cause, details: { ...details, committed } })
  }
}

function asShardyardError(error: unknown, signal: AbortSignal | undefined): ShardyardError {
  if (error instanceof ShardyardError) return error
  if (signal?.aborted === true)
    return new ShardyardError('SY_INTERRUPTED', 'The load was interrupted.', { cause: error })
  const message = error instanceof Error ? error.message : String(error)
  return new ShardyardError('SY_LOAD_FAILED', `The load failed: ${message}.`, { cause: error })
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
