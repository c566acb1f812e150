/**
 * One database of a cluster.
 *
 * States: unopened → opening → open, and back to unopened when opening fails; any → closed by {@link Database.close}.
 *   unopened  metadata is built, nothing is connected       {@link Database.open}
 *   open      statements run
 *   closed    every new statement is refused
 */
import { DataSource, type DataSourceOptions, type EntityMetadata, type QueryRunner } from 'typeorm'
import type { Driver, Gate } from '../drivers/driver.js'
import { driverOf } from '../drivers/registry.js'
import { ShardyardError } from '../errors.js'
import { within } from '../util/sleep.js'
import type { ResolvedDatabase } from './definition.js'
import type { PlacedEntity } from './entity.js'
import { poolState, type PoolState } from './pool-state.js'
import { constraintsOf, declareConstraints, type RuleConstraint } from './validation/constraints.js'
import { translateFault } from './validation/translate-fault.js'

/** How a database is doing, as {@link Cluster.health} reports it. */
export interface DatabaseHealth {
  readonly name: string
  /** `absent`: an SQLite file that was never written. */
  readonly state: 'up' | 'down' | 'absent'
  /** Engine and address, without secrets. */
  readonly address: string
  /** Time of one round trip; undefined unless up. */
  readonly latencyMs: number | undefined
  /** What it takes on disk; undefined unless up. */
  readonly sizeBytes: number | undefined
  /** Why it is down. */
  readonly error: string | undefined
  /** Settings under which an acknowledged commit may be lost. */
  readonly warnings: readonly string[]
}

/** How long a close waits at least for connections that it has cut. */
const ABORT_LIMIT_MS = 1_000

export class Database implements Gate {
  readonly name: string
  readonly driver: Driver
  readonly dataSource: DataSource
  readonly address: string
  readonly #constraints = new Map<EntityMetadata, readonly RuleConstraint[]>()
  #opening: Promise<void> | undefined
  #isOpen = false
  #isClosing = false
  #isClosed = false
  #users = 0
  #admissions = 0
  readonly #admitted = new WeakSet<QueryRunner>()
  #idle: (() => void) | undefined

  /** Builds the metadata of a database; connects to nothing. */
  static async define(resolved: ResolvedDatabase, entities: readonly PlacedEntity[]): Promise<Database> {
    const database = new Database(resolved, entities)
    // TypeORM builds metadata only while it connects; here the first statement connects.
    await (database.dataSource as unknown as { buildMetadatas(): Promise<void> }).buildMetadatas()
    for (const metadata of database.dataSource.entityMetadatas) {
      database.driver.adjustMetadata(metadata)
      const constraints = constraintsOf(metadata, database.driver.dialect)
      database.#constraints.set(metadata, constraints)
      declareConstraints(metadata, constraints)
    }
    return database
  }

  private constructor({ name, engine, options }: ResolvedDatabase, entities: readonly PlacedEntity[]) {
    this.name = name
    this.driver = driverOf(engine)
    this.address = this.driver.addressOf(options)
    this.dataSource = dataSourceOf(name, { ...options, entities: [...entities] } as DataSourceOptions)
    this.driver.attach(this.dataSource, this)
  }

  /** Connects when that has not happened yet; throws `SY_DATABASE_DOWN` when it cannot. The next call tries again. */
  async open(): Promise<void> {
    if (this.#isOpen) return
    if (this.#isClosed) throw closedError()
    this.#opening ??= this.#connect()
    try {
      await this.#opening
    } finally {
      this.#opening = undefined
    }
  }

  enter(runner: QueryRunner): Promise<void> | undefined {
    if (isOfTheDriver(runner)) return undefined
    const isAdmitted = this.#admissions > 0 || this.#admitted.has(runner)
    if (this.#isClosed || (this.#isClosing && !isAdmitted)) throw closedError()
    this.#users += 1
    return this.#isOpen ? undefined : this.#openFor(runner)
  }

  async #openFor(runner: QueryRunner): Promise<void> {
    try {
      await this.open()
    } catch (error) {
      this.leave(runner)
      throw error
    }
  }

  leave(runner: QueryRunner): void {
    if (isOfTheDriver(runner)) return
    this.#users -= 1
    if (this.#users === 0) this.#idle?.()
  }

  translated(error: unknown, sql: string, parameters: readonly unknown[] | undefined): unknown {
    const rules = {
      dataSource: this.dataSource,
      constraintsOf: (metadata: EntityMetadata) => this.constraintsOf(metadata),
    }
    return translateFault(error, this.driver.faultOf(error), rules, { sql, parameters }) ?? error
  }

  /** A runner for work that was let in already: it passes the gate also while the cluster is closing. */
  admittedRunner(): QueryRunner {
    const runner = this.dataSource.createQueryRunner('master')
    this.#admitted.add(runner)
    return runner
  }

  /** Runs a part of work that was let in already, through runners that TypeORM makes. */
  async admitWhile<T>(work: () => Promise<T>): Promise<T> {
    this.#admissions += 1
    try {
      return await work()
    } finally {
      this.#admissions -= 1
    }
  }

  /** The constraints of an entity's table in this database. */
  constraintsOf(metadata: EntityMetadata): readonly RuleConstraint[] {
    return this.#constraints.get(metadata) ?? []
  }

  /** Its connections, as the client's pool has them; undefined where there is none, or before the first statement. */
  get pool(): PoolState | undefined {
    return this.#isOpen ? poolState(this.dataSource.driver) : undefined
  }

  /** How many runners are at work now. */
  get atWork(): number {
    return this.#users
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  get exists(): boolean {
    return this.driver.exists(this.dataSource.options)
  }

  /** Makes a round trip; never throws. */
  async health(limitMs: number): Promise<DatabaseHealth> {
    const unknown = { latencyMs: undefined, sizeBytes: undefined, error: undefined }
    const base = { name: this.name, address: this.address, ...unknown, warnings: [] }
    if (!this.#isOpen && !this.exists) return { ...base, state: 'absent' }
    try {
      const answer = await within(this.#roundTrip(), limitMs)
      if (answer !== undefined) return { ...base, ...answer, state: 'up' }
      return { ...base, state: 'down', error: `no answer within ${limitMs} ms` }
    } catch (error) {
      const reason = error instanceof ShardyardError && error.code === 'SY_DATABASE_DOWN' ? error.cause : error
      return { ...base, state: 'down', error: rootMessage(reason) }
    }
  }

  /** Refuses new work. */
  startClosing(): void {
    this.#isClosing = true
  }

  /** Waits for what is at work, up to `limitMs`, then ends it. */
  async close(limitMs: number): Promise<void> {
    this.startClosing()
    const startedAt = performance.now()
    const leftMs = () => Math.max(0, limitMs - (performance.now() - startedAt))
    if (this.#opening !== undefined)
      await within(
        this.#opening.catch(() => undefined),
        limitMs,
      )
    if (this.#users > 0 && this.#isOpen) await within(new Promise<void>((resolve) => (this.#idle = resolve)), leftMs())
    this.#isClosed = true
    if (!this.#isOpen) return
    if (this.#users > 0) await this.driver.abort(this.dataSource)
    this.#isOpen = false
    // Its user may have destroyed the DataSource already.
    if (!this.dataSource.isInitialized) return
    await within(this.dataSource.destroy(), Math.max(leftMs(), ABORT_LIMIT_MS))
    // A server that does not answer has not said goodbye; its connections would keep the process alive.
    setTimeout(() => void this.driver.abort(this.dataSource), ABORT_LIMIT_MS).unref()
  }

  async #connect(): Promise<void> {
    const { driver } = this.dataSource
    try {
      await driver.connect()
      // Nobody waits any more for an opening that took longer than its close.
      if (this.#isClosed) throw closedError()
      Object.assign(this.dataSource, { isInitialized: true })
      // From here on the driver asks the DataSource itself for runners, to attach files for one.
      this.#isOpen = true
      await driver.afterConnect()
    } catch (cause) {
      this.#isOpen = false
      await driver.disconnect().catch(() => undefined)
      if (cause instanceof ShardyardError) throw cause
      throw new ShardyardError(
        'SY_DATABASE_DOWN',
        `Database "${this.name}" (${this.address}) cannot be opened: ${rootMessage(cause)}.`,
        { cause, details: { database: this.name, kind: this.driver.faultOf(cause).kind } },
      )
    }
  }

  async #roundTrip(): Promise<{ latencyMs: number; sizeBytes: number; warnings: readonly string[] }> {
    const runner = this.dataSource.createQueryRunner()
    try {
      await runner.connect()
      const startedAt = performance.now()
      await runner.query('SELECT 1')
      const latencyMs = performance.now() - startedAt
      const sizeBytes = await this.driver.sizeBytes(runner)
      return { latencyMs, sizeBytes, warnings: await this.driver.durabilityWarnings(runner) }
    } finally {
      await runner.release()
    }
  }
}

/** TypeORM loads a driver's package when the DataSource is made. */
function dataSourceOf(name: string, options: DataSourceOptions): DataSource {
  try {
    return new DataSource(options)
  } catch (cause) {
    const { message, constructor } = cause as Error
    if (!/^(DriverPackageNotInstalled|MissingDriver)/.test(constructor.name)) throw cause
    const advice =
      (options.type as string) === 'sqlite'
        ? 'The sqlite3 driver needs TypeORM 0.3 and "npm install sqlite3"; with TypeORM 1 use sqlite: instead.'
        : 'Install it with npm.'
    throw new ShardyardError(
      'SY_DRIVER_MISSING',
      `Database "${name}": ${message.split(/[\n.] /)[0] ?? ''}. ${advice}`,
      {
        cause,
        details: { database: name },
      },
    )
  }
}

/** The error of a use after close. */
export function closedError(): ShardyardError {
  return new ShardyardError('SY_CLUSTER_CLOSED', 'The cluster is closed. Open another one with Cluster.open().')
}

/** The message of the innermost error; a refused connection of Node has it only in its parts. */
function rootMessage(error: unknown): string {
  const parts = error instanceof AggregateError ? error.errors : []
  const inner = parts.length > 0 ? parts[0] : ((error as { driverError?: unknown }).driverError ?? error)
  return String((inner as { message?: unknown }).message ?? inner)
}

/** TypeORM's drivers make runners for themselves while they connect; those of a DataSource have a manager. */
function isOfTheDriver(runner: QueryRunner): boolean {
  return (runner as { manager?: unknown }).manager === undefined
}
