import type { DataSource, ObjectLiteral, QueryRunner, Repository } from 'typeorm'
import type { FindOptionsWhere } from 'typeorm'
import { ShardyardError } from '../errors.js'
import { checkInteger } from '../util/check-option.js'
import { sleep } from '../util/sleep.js'
import { checkDefinition } from './check-definition.js'
import { bookkeepingOf } from './bookkeeping/bookkeeping.js'
import { closedError, Database, type DatabaseHealth } from './database.js'
import type { ClusterDefinition } from './definition.js'
import { nameOf, type PlacedEntity } from './entity.js'
import { BulkLoad } from './load/bulk-load.js'
import {
  resolveBulkLoadOptions,
  type BulkLoadOptions,
  type BulkLoadResult,
  type ResolvedBulkLoadOptions,
} from './load/bulk-load-options.js'
import type { Route } from './route.js'
import { RouterChain, unknownDatabase, type RouteHints } from './router.js'
import { Attempt, type UnitOfWork } from './transaction/unit-of-work.js'
import { existingKeys, ReferenceLookup, type LookupSource } from './validation/reference-lookup.js'
import { ValidatingSubscriber } from './validation/validating-subscriber.js'

/** Options of {@link Cluster.open}. */
export interface OpenOptions {
  /** Where `env(…)` looks. @defaultValue process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** Options of {@link Cluster.transaction}. */
export interface TransactionOptions<Name extends string> {
  /** Databases that will be written; saves SQLite a second run when the unit reads first. @defaultValue none */
  readonly writes?: readonly Name[]
  /** How often the unit is run again after a deadlock or a serialization failure. @defaultValue 5 */
  readonly retriesMax?: number
  readonly signal?: AbortSignal
}

/** Which repository of an entity is wanted. */
export interface RepositoryOptions {
  /** Which of the router's questions is asked. @defaultValue 'write' */
  readonly access?: 'read' | 'write'
  /** Handed to the routers. */
  readonly row?: object
}

/** Where calls for an entity go, and why. */
export interface Explanation {
  readonly entity: string
  readonly databases: readonly string[]
  readonly why: string
  /** The statement for each database. */
  readonly sql: Readonly<Record<string, string>>
  readonly parameters: readonly unknown[]
}

/** What {@link Cluster.activity} tells. */
export interface ClusterActivity {
  readonly running: number
  readonly committed: number
  readonly failed: number
  /** Attempts that were run again: after a deadlock, or because the unit wrote after it had read. */
  readonly retried: number
}

const CLOSE_LIMIT_MS = 10_000
const HEALTH_LIMIT_MS = 5_000
const RETRIES_MAX = 5

/** Several databases as one store. */
export class Cluster<Name extends string = string> {
  readonly definition: ClusterDefinition<Name>
  readonly router: RouterChain
  readonly #databases: ReadonlyMap<string, Database>
  readonly #lookup = new ReferenceLookup()
  readonly #attempts = new Set<Attempt>()
  readonly #ending = new AbortController()
  readonly #activity = { committed: 0, failed: 0, retried: 0 }
  #units = 0
  #idle: (() => void) | undefined
  #closing: Promise<void> | undefined

  /**
   * Checks the definition as a whole and makes it live. A database is connected at its first use, so one that is down
   * stops nobody else; {@link health} tells.
   *
   * @throws SY_DEFINITION_INVALID with all mistakes, SY_CONFIG_INVALID when a URL that cannot be read is the only one
   * @example
   * await using cluster = await Cluster.open(definition)
   * await cluster.repository(User).save({ name: 'Ada', email: 'ada@example.com' })
   */
  static async open<Name extends string>(
    definition: ClusterDefinition<Name>,
    options: OpenOptions = {},
  ): Promise<Cluster<Name>> {
    if ((definition as { kind?: unknown } | undefined)?.kind !== 'shardyard cluster') throw noDefinition()
    const environment = options.environment ?? process.env
    const resolved = checkDefinition(definition, environment)
    const router = new RouterChain(definition.routers, definition.placement, Object.keys(definition.databases))
    const databases = new Map<string, Database>()
    for (const one of resolved) {
      const entities = definition.placement
        .map(({ entity }) => entity)
        .filter((entity) => router.allowMigrate(one.name, entity))
      databases.set(
        one.name,
        await Database.define(one, [...entities, ...bookkeepingOf(definition, one.name, entities)]),
      )
    }
    return new Cluster(definition, router, databases)
  }

  private constructor(
    definition: ClusterDefinition<Name>,
    router: RouterChain,
    databases: ReadonlyMap<string, Database>,
  ) {
    this.definition = definition
    this.router = router
    this.#databases = databases
    for (const database of databases.values()) {
      const subscriber = new ValidatingSubscriber({
        open: () => database.open(),
        isOpen: () => database.isOpen,
        exists: (target, key, runner) => this.#exists(target, key, runner),
      })
      database.dataSource.subscribers.push(subscriber)
    }
  }

  /** TypeORM's own repository of an entity, in the database that the router names. */
  repository<Entity extends ObjectLiteral>(
    entity: PlacedEntity<Entity>,
    { access = 'write', row }: RepositoryOptions = {},
  ): Repository<Entity> {
    this.#requireOpen()
    const { database } = this.#route(entity, access, row === undefined ? {} : { row })
    return this.#find(database).dataSource.getRepository(entity as never)
  }

  /** TypeORM's DataSource of a database. It is connected by its first statement, or by {@link connect}. */
  database(name: Name): DataSource {
    return this.#find(name).dataSource
  }

  /** A database with what the library keeps beside its DataSource; for the library's own upper layers. */
  member(name: string): Database {
    return this.#find(name)
  }

  /** Names of all databases, in the order of the definition. */
  get databases(): readonly Name[] {
    return Object.keys(this.definition.databases) as Name[]
  }

  /** Connects a database now. @throws SY_DATABASE_DOWN */
  async connect(name: Name): Promise<DataSource> {
    this.#requireOpen()
    await this.#find(name).open()
    return this.#find(name).dataSource
  }

  /**
   * Runs `work` as one unit of work: all that it writes is stored, or nothing. It may read every database and write
   * one. Runs again after deadlocks and serialization failures, so it must not do what cannot be repeated.
   *
   * @throws SY_SECOND_DATABASE_WRITTEN, SY_ROLLED_BACK, SY_COMMIT_UNKNOWN, or what `work` throws
   */
  async transaction<T>(work: (tx: UnitOfWork<Name>) => Promise<T>, options: TransactionOptions<Name> = {}): Promise<T> {
    this.#requireOpen()
    checkInteger('retriesMax', options.retriesMax ?? RETRIES_MAX, { min: 0, max: 1_000 })
    const writes = new Set<string>(options.writes)
    if (writes.size > 1) {
      throw new ShardyardError(
        'SY_SECOND_DATABASE_WRITTEN',
        `The unit of work says that it writes ${[...writes].join(' and ')}. One unit of work writes one database.`,
        { details: { writes: [...writes] } },
      )
    }
    return this.#countUnit(() => this.#attempt(work, writes, options))
  }

  /**
   * Writes many rows in the fastest way of each engine: COPY on PostgreSQL, statements of many rows on SQLite and
   * MySQL. Listeners and subscribers do not run, and rules are checked only with `validate`; what the schema says
   * holds in any case. Rows may come from an async iterable, which is read only as fast as they are written.
   *
   * @throws SY_VALIDATION_FAILED, SY_DATABASE_DOWN, SY_COMMIT_UNKNOWN; `details.committed` tells what is stored where
   * @example
   * await cluster.load(Product, rows, { onConflict: 'update', conflictKey: ['sku'] })
   */
  async load<Entity extends ObjectLiteral>(
    entity: PlacedEntity<Entity>,
    rows: Iterable<Partial<Entity>> | AsyncIterable<Partial<Entity>>,
    options: BulkLoadOptions<Entity> = {},
  ): Promise<BulkLoadResult> {
    this.#requireOpen()
    const resolved = resolveBulkLoadOptions(options) as ResolvedBulkLoadOptions
    this.#route(entity, 'write', {})
    const context = {
      router: this.router,
      hasRouters: this.definition.routers.length > 0,
      find: (name: string) => this.#find(name),
      references: (target: PlacedEntity, keys: readonly unknown[]) => {
        const home = this.#find(this.#route(target, 'read', {}).database)
        return home.admitWhile(() => existingKeys(home.dataSource.manager, target, keys))
      },
      closing: this.#ending.signal,
    }
    return this.#countUnit(() => new BulkLoad(context, entity, resolved).run(rows))
  }

  /** Where a read of an entity goes, why, and the SQL. Runs nothing. */
  explain<Entity extends ObjectLiteral>(
    entity: PlacedEntity<Entity>,
    where: FindOptionsWhere<Entity> | FindOptionsWhere<Entity>[] = {},
  ): Explanation {
    const route = this.#route(entity, 'read', Array.isArray(where) ? {} : { row: where })
    const repository = this.#find(route.database).dataSource.getRepository<Entity>(entity as never)
    const [sql, parameters] = repository.createQueryBuilder().setFindOptions({ where }).getQueryAndParameters()
    return {
      entity: nameOf(entity),
      databases: [route.database],
      why: `${nameOf(entity)} lives in "${route.database}", says the ${route.decidedBy}.`,
      sql: { [route.database]: sql },
      parameters,
    }
  }

  /** How many units of work and loads are under way, and how many units ended which way since the cluster was opened. */
  get activity(): ClusterActivity {
    return { running: this.#units, ...this.#activity }
  }

  /** Makes a round trip to every database; never throws. An SQLite file that was never written is not made. */
  async health(limitMs = HEALTH_LIMIT_MS): Promise<readonly DatabaseHealth[]> {
    this.#requireOpen()
    return Promise.all([...this.#databases.values()].map((database) => database.health(limitMs)))
  }

  /**
   * Takes no new work, waits up to `limitMs` for what is under way, then ends it. May be called twice and at once:
   * all callers wait for the same close.
   */
  close(limitMs = CLOSE_LIMIT_MS): Promise<void> {
    this.#closing ??= this.#close(limitMs)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(limitMs: number): Promise<void> {
    for (const database of this.#databases.values()) database.startClosing()
    const startedAt = performance.now()
    if (this.#units > 0) {
      const timer = new AbortController()
      const idle = new Promise<void>((resolve) => (this.#idle = resolve))
      await Promise.race([idle, sleep(limitMs, timer.signal).catch(() => undefined)])
      timer.abort()
    }
    this.#ending.abort(closedError())
    const leftMs = Math.max(0, limitMs - (performance.now() - startedAt))
    const closed = await Promise.allSettled([...this.#databases.values()].map((database) => database.close(leftMs)))
    const failed = closed.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  /** Counts work that a close waits for. */
  async #countUnit<T>(work: () => Promise<T>): Promise<T> {
    this.#units += 1
    try {
      return await work()
    } finally {
      this.#units -= 1
      if (this.#units === 0) this.#idle?.()
    }
  }

  async #attempt<T>(
    work: (tx: UnitOfWork<Name>) => Promise<T>,
    writes: Set<string>,
    { retriesMax = RETRIES_MAX, signal }: TransactionOptions<Name>,
  ): Promise<T> {
    for (let retries = 0; ; ) {
      signal?.throwIfAborted()
      const attempt = new Attempt(writes)
      this.#attempts.add(attempt)
      try {
        const result = await work(this.#unitOf(attempt))
        signal?.throwIfAborted()
        await attempt.commit()
        this.#activity.committed += 1
        return result
      } catch (error) {
        if (attempt.rerun !== undefined) writes.add(attempt.rerun)
        else if (!attempt.mayRetry || retries++ >= retriesMax) {
          this.#activity.failed += 1
          throw error
        }
        this.#activity.retried += 1
        if (attempt.rerun === undefined)
          await attempt.end().then(() => sleep(Math.random() * 20 * 2 ** retries, signal))
      } finally {
        await attempt.end()
        this.#attempts.delete(attempt)
      }
    }
  }

  #unitOf(attempt: Attempt): UnitOfWork<Name> {
    return {
      repository: (entity) => {
        const { database } = this.#route(entity, 'write', {})
        return attempt.branch(this.#find(database)).runner.manager.getRepository(entity as never)
      },
      manager: (name) => attempt.branch(this.#find(name)).runner.manager,
    }
  }

  /**
   * References are looked up where a transaction sees what it has written: through the branch of its unit of work, and
   * through the very runner when the target lives in the same database. There a second connection could also be the
   * one too many: as many writers as a pool has connections would wait for each other for ever.
   */
  #lookupSource(home: Database, runner: QueryRunner): LookupSource {
    for (const attempt of this.#attempts) {
      if (attempt.owns(runner)) return attempt.branch(home).runner
    }
    return runner.manager.connection === home.dataSource ? runner : home.dataSource
  }

  #exists(target: PlacedEntity, key: unknown, runner: QueryRunner): Promise<boolean> {
    const home = this.#find(this.#route(target, 'read', {}).database)
    return home.admitWhile(() => this.#lookup.exists(target, key, this.#lookupSource(home, runner)))
  }

  #route(entity: PlacedEntity, access: 'read' | 'write', hints: RouteHints): Route {
    return access === 'read' ? this.router.routeForRead(entity, hints) : this.router.routeForWrite(entity, hints)
  }

  #find(name: string): Database {
    const database = this.#databases.get(name)
    if (database === undefined) throw unknownDatabase(name, [...this.#databases.keys()])
    return database
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw closedError()
  }
}

function noDefinition(): ShardyardError {
  return new ShardyardError(
    'SY_DEFINITION_INVALID',
    'Cluster.open() takes what defineCluster() answers. Of a CommonJS config that ESM imports, take its `.default`.',
  )
}
