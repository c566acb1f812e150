/** SQLite: the embedded engine. One writer a file, many readers; see sqlite-runner.ts for how they take turns. */
import { existsSync, fdatasyncSync, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm'
import { ShardyardError } from '../errors.js'
import { canMakeFile } from '../util/make-folder.js'
import { sleep } from '../util/sleep.js'
import { syncFile } from '../util/sync-file.js'
import {
  driverError,
  type BulkRows,
  type Connection,
  type Dialect,
  type Driver,
  type Fault,
  type SendRows,
} from './driver.js'
import { insertSql, onConflict, rowsOfStatement } from './multi-row-insert.js'
import {
  isBusy,
  openSqlite,
  patiently,
  type SqliteClient,
  type SqliteHandle,
  type SqliteOptions,
} from './sqlite-handle.js'
import { WaitSign } from './wait-sign.js'
import { SqlitePool } from './sqlite-pool.js'
import { SqliteWatch } from './sqlite-watch.js'
import { sqliteRunnerClass, type BranchRunner, type SqliteBaseRunnerClass } from './sqlite-runner.js'

const WAIT_MS = 30_000
const POOL_SIZE = 32
/** How long whoever writes again and again leaves the file to those who wait for it. */
const GIVE_WAY_MS = 5
/**
 * How long the log becomes, in pages, before it is copied into the file. A log that is short is written over and over,
 * which takes the disk less time than one that grows. Whoever copies it keeps the disk busy: a load does it before
 * others have to, and beside those who wait for it little by little.
 */
const CHECKPOINT_PAGES = { load: 30_000, awaitedLoad: 1_500, other: 4_000, besideLoad: 40_000 } as const
/** How often loads are let in by others at most: somebody waits for those. */
const LOADS_TURN_MS = 25
/** Whoever has waited is likely to wait again for so long. */
const AWAITED_MS = 1_000
/** A disk that is quicker is waited for, as everything else in an SQLite file is; meanwhile nobody is heard. */
const QUICK_MS = 1
const MEMORY = ':memory:'

const dialect: Dialect = {
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  placeholder: () => '?',
  parametersMax: 32_000,
  lockRows: '',
  waitBrieflyForLocks: undefined,
  lockFreeRows: '',
  charLength: (expression) => `length(${expression})`,
  nowMs: `CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)`,
  seeksByLists: true,
  asText: (expression) => `CAST(${expression} AS TEXT)`,
  exactText: (expression) => expression,
  byteOrder: (expression) => `${expression} COLLATE BINARY`,
  // Decimals are doubles here, whose sum is not exact.
  sumUnits: (expression, scale) => `SUM(CAST(ROUND(${expression} * 1${'0'.repeat(scale)}) AS INTEGER))`,
  seeksGroups: false,
  joined: (column, separator) => `group_concat(${column}, '${separator}')`,
  isInteger: (expression) => `typeof(${expression}) = 'integer'`,
  isNumber: (expression) => `typeof(${expression}) IN ('integer', 'real')`,
}

/** TypeORM's driver object, as far as the seam replaces parts of it. */
interface SqliteTypeormDriver {
  createQueryRunner(mode: string): QueryRunner
  createDatabaseConnection(): Promise<unknown>
  disconnect(): Promise<void>
  normalizeType(column: ColumnLike): string
  createFullType(column: ColumnLike): string
  databaseConnection: unknown
}
interface ColumnLike {
  readonly type: unknown
  readonly isGenerated?: boolean
}

const pools = new WeakMap<DataSource, SqlitePool>()

export const sqliteDriver: Driver = {
  engine: 'sqlite',
  dialect,
  upgradesInPlace: false,
  schemaChangesCommit: false,
  hasOneWriter: true,

  optionsOf(url) {
    const [, scheme, path] = /^(sqlite3?):(?:\/\/(?=\/))?(.+)$/s.exec(url) ?? []
    if (path === undefined) throw new TypeError(`expected sqlite:FILE, such as sqlite:data/users.db`)
    const database = path === MEMORY ? path : resolve(path)
    return { type: scheme === 'sqlite3' ? 'sqlite' : 'better-sqlite3', database } as DataSourceOptions
  },

  completeOptions: (options) => options,

  attach(dataSource, gate) {
    const driver = dataSource.driver as unknown as SqliteTypeormDriver
    const options = handleOptions(dataSource.options)
    const poolSize = (dataSource.options as { poolSize?: number }).poolSize ?? POOL_SIZE
    const pool = new SqlitePool(options, poolSize, dataSource.logger)
    pools.set(dataSource, pool)
    const Base = driver.createQueryRunner('master').constructor as SqliteBaseRunnerClass
    const Runner = sqliteRunnerClass(Base, pool, gate)
    driver.createQueryRunner = () => new Runner(driver)
    driver.createDatabaseConnection = async () => {
      pool.reopen()
      const handle = await pool.acquire()
      pool.giveBack(handle)
      return handle.raw
    }
    driver.disconnect = async () => {
      driver.databaseConnection = undefined
      await pool.close()
    }
    // SQLite numbers only columns of the type INTEGER, which are 64 bits wide.
    const { normalizeType, createFullType } = driver
    const isNumberedKey = (column: ColumnLike) => column.type === 'bigint' && column.isGenerated === true
    driver.normalizeType = (column) => (isNumberedKey(column) ? 'integer' : normalizeType.call(driver, column))
    driver.createFullType = (column) => (isNumberedKey(column) ? 'integer' : createFullType.call(driver, column))
  },

  adjustMetadata: () => undefined,
  begin: (runner, mode) => (runner as BranchRunner).begin(mode),
  abort: async (dataSource) => pools.get(dataSource)?.close(),

  identityOf(options) {
    const { database } = handleOptions(options)
    if (database === MEMORY) return `sqlite::memory:${Math.random()}`
    return `sqlite:${physicalPath(resolve(database))}`
  },
  addressOf(options) {
    const { database } = handleOptions(options)
    const folder = `${process.cwd()}/`
    return `sqlite ${database.startsWith(folder) ? database.slice(folder.length) : database}`
  },
  exists(options) {
    const { database } = handleOptions(options)
    // Where none can be made, the attempt to open it tells why.
    return database === MEMORY || existsSync(database) || !canMakeFile(database)
  },
  isShared: (options) => handleOptions(options).database !== MEMORY,

  async durabilityWarnings(runner) {
    const rows = (await runner.query('SELECT synchronous AS level FROM pragma_synchronous')) as { level: number }[]
    return Number(rows[0]?.level) >= 2
      ? []
      : ['PRAGMA synchronous is below FULL: a power cut may undo the last commits']
  },
  async watchCommits({ options }) {
    const given = handleOptions(options)
    return given.database === MEMORY ? undefined : SqliteWatch.open(given)
  },
  async sizeBytes(runner) {
    const { database } = handleOptions(runner.connection.options)
    if (database !== MEMORY) return fileBytes(database) + fileBytes(`${database}-wal`)
    const rows = (await runner.query(
      'SELECT page_count * page_size AS size FROM pragma_page_count, pragma_page_size',
    )) as { size: number }[]
    return Number(rows[0]?.size)
  },
  // A migration of SQLite runs as one write transaction, which is the lock.
  lockSchema: async () => async () => undefined,

  continueIds: async () => undefined,
  connectionSpec(options) {
    const { client, ...rest } = handleOptions(options)
    return { engine: 'sqlite', client, options: rest }
  },
  async connect(spec, wait, { cacheKb = 3_000, isLoad = false } = {}) {
    const given = { ...spec.options, client: spec.client } as unknown as SqliteOptions
    const waitMs = () => Math.min(given.waitMs, wait())
    if (given.database === ':memory:') throw noSecondMemory()
    const options = { ...given, waitMs: waitMs() }
    const handle = await openSqlite(options)
    // A load is on disk when `flush` has returned, not before.
    await handle.exec('PRAGMA synchronous = NORMAL')
    await handle.exec(`PRAGMA cache_size = -${cacheKb}`)
    // What a statement of many rows would need to undo itself: pages that are else written to a file for each statement.
    await handle.exec('PRAGMA temp_store = MEMORY')
    return new SqliteConnection(handle, { file: options.database, waitMs, isLoad })
  },
  faultOf,
}

function fileBytes(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function noSecondMemory(): ShardyardError {
  return new ShardyardError(
    'SY_OPTION_INVALID',
    'A load needs a connection of its own, and every connection to :memory: is a database of its own. Use a file.',
    { details: { option: 'database' } },
  )
}

/**
 * A connection that writes again and again. Loads let those in who wait beside them, and the others let loads in: where
 * one transaction follows the other at once, nobody would get in by chance.
 */
class SqliteConnection implements Connection {
  readonly #handle: SqliteHandle
  readonly #file: string
  readonly #waitMs: () => number
  readonly #isLoad: boolean
  readonly #ownSign: WaitSign
  readonly #theirSign: WaitSign
  #log: Promise<FileHandle> | undefined
  readonly #openedAt = performance.now()
  #awaitedAt = Number.NEGATIVE_INFINITY
  #checkpointPages = 0
  /** How long the disk took last. */
  #syncMs = Number.POSITIVE_INFINITY

  constructor(
    handle: SqliteHandle,
    { file, waitMs, isLoad }: { readonly file: string; readonly waitMs: () => number; readonly isLoad: boolean },
  ) {
    this.#handle = handle
    this.#file = file
    this.#waitMs = waitMs
    this.#isLoad = isLoad
    this.#ownSign = new WaitSign(file, isLoad ? 'load' : 'others')
    this.#theirSign = new WaitSign(file, isLoad ? 'others' : 'load')
  }

  get isAwaited() {
    if (this.#isLoad && this.#theirSign.isRaised) this.#awaitedAt = performance.now()
    // A load that has just begun does not know yet.
    return this.#wasAwaited || (this.#isLoad && performance.now() - this.#openedAt < AWAITED_MS)
  }

  get #wasAwaited() {
    return performance.now() - this.#awaitedAt < AWAITED_MS
  }

  async query(sql: string, parameters: readonly unknown[] = []) {
    return patiently(this.#waitMs, this.#file, () => this.#handle.all(sql, parameters))
  }
  async execute(sql: string, parameters: readonly unknown[] = []) {
    return (await this.#handle.run(sql, parameters)).changes
  }
  prepareInsert(bulk: BulkRows): SendRows {
    return (late) => this.insert(bulk.late === undefined ? bulk : withLate(bulk, late ?? []))
  }
  async insert(bulk: BulkRows) {
    const { columns, values, numbered } = bulk
    const conflict = onConflict(dialect, bulk)
    const ids: number[] = []
    let written = 0
    for (let from = 0; from < values.length; ) {
      const rows = rowsOfStatement(dialect, columns.length, (values.length - from) / columns.length)
      const until = from + rows * columns.length
      const change = this.#handle.run(insertSql(dialect, bulk, rows, conflict), values.slice(from, until))
      const { changes, lastId } = change instanceof Promise ? await change : change
      written += bulk.conflict?.do === 'update' ? rows : changes
      // The rows of a statement are numbered one after the other.
      if (numbered !== undefined) for (let row = 1 - rows; row <= 0; row++) ids.push(lastId + row)
      from = until
    }
    return { written, ids }
  }
  async begin() {
    const mayPass = this.#isLoad || performance.now() - this.#awaitedAt >= LOADS_TURN_MS
    if (mayPass && this.#theirSign.isRaised) {
      // Whoever waits asks more often than this, and is in before it is over.
      await sleep(GIVE_WAY_MS)
      this.#awaitedAt = performance.now()
    }
    const [alone, beside] = this.#isLoad ? (['load', 'awaitedLoad'] as const) : (['other', 'besideLoad'] as const)
    await this.#copyLogAt(CHECKPOINT_PAGES[this.#wasAwaited ? beside : alone])
    await patiently(this.#waitMs, this.#file, () => this.#handle.exec('BEGIN IMMEDIATE'), this.#ownSign)
  }
  async commit() {
    await patiently(this.#waitMs, this.#file, () => this.#handle.exec('COMMIT'))
  }
  async #copyLogAt(pages: number) {
    if (pages === this.#checkpointPages) return
    await this.#handle.exec(`PRAGMA wal_autocheckpoint = ${pages}`)
    this.#checkpointPages = pages
  }
  async flush() {
    await patiently(this.#waitMs, this.#file, () => this.#handle.all('PRAGMA wal_checkpoint(PASSIVE)', []))
    // A reader can hold the checkpoint up, and with it the log's way to the disk.
    await syncFile(`${this.#file}-wal`)
  }
  async sync() {
    // The log is there as long as this connection is.
    this.#log ??= open(`${this.#file}-wal`, 'r')
    const log = await this.#log
    const startedAt = performance.now()
    // To hand it to a thread, and to hear from that, takes longer than a quick disk does.
    if (this.#syncMs < QUICK_MS) fdatasyncSync(log.fd)
    else await log.datasync()
    this.#syncMs = performance.now() - startedAt
  }
  async rollback() {
    if (this.#handle.isInTransaction() === false) return
    try {
      await this.#handle.exec('ROLLBACK')
    } catch {
      // Closing rolls back. A client that refuses it was closed before, and has nothing left to roll back.
      await Promise.resolve(this.#handle.close()).catch(() => undefined)
    }
  }
  async close() {
    await this.#handle.close()
    if (this.#isLoad) this.#ownSign.remove()
    // Closed when the last of those who wait for it has its answer.
    await this.#log?.then((log) => log.close())
  }
}

/** The rows with the values of their late column in place. */
function withLate(bulk: BulkRows, late: readonly unknown[]): BulkRows {
  const values = [...bulk.values]
  const width = bulk.columns.length
  const column = bulk.columns.indexOf(bulk.late ?? '')
  for (let row = 0; row * width < values.length; row++) values[row * width + column] = late[row]
  return { ...bulk, values }
}

function handleOptions(options: DataSourceOptions): SqliteOptions {
  const { type, database, timeout, busyTimeout, ...rest } = options as unknown as Record<string, unknown>
  const { readonly, fileMustExist, nativeBinding, key, statementCacheSize } = rest
  const client: SqliteClient = type === 'sqlite' ? 'sqlite3' : 'better-sqlite3'
  const waitMs = Number(timeout ?? busyTimeout ?? WAIT_MS)
  const given = { readonly, fileMustExist, nativeBinding, key, statementCacheSize }
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { client, database: String(database), waitMs, ...present }
}

/** The path behind all links, also of files and folders that are not there yet. */
function physicalPath(path: string, linksLeft = 40): string {
  if (existsSync(path)) return realpathSync(path)
  const folder = dirname(path)
  if (linksLeft > 0 && isLink(path)) return physicalPath(resolve(folder, readlinkSync(path)), linksLeft - 1)
  return folder === path ? path : join(physicalPath(folder, linksLeft), basename(path))
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}

const UNAVAILABLE = /^SQLITE_(FULL|IOERR|NOMEM)/
/** The file's own, and those of the folders that are made for it. */
const REFUSED =
  /^SQLITE_(CANTOPEN|READONLY|NOTADB|CORRUPT|AUTH|PERM)|^E(NOENT|NOTDIR|ACCES|PERM|ROFS|LOOP|NAMETOOLONG)$/

function faultOf(error: unknown): Fault {
  const { code: rawCode, message: rawMessage } = driverError(error)
  const [code, message] = [String(rawCode ?? ''), String(rawMessage ?? '')]
  if (isBusy(error)) return { kind: 'conflict' }
  const unique = /UNIQUE constraint failed: (.+)$/.exec(message)
  if (unique?.[1] !== undefined) {
    return { kind: 'unique', columns: unique[1].split(', ').map((name) => name.slice(name.lastIndexOf('.') + 1)) }
  }
  const check = /CHECK constraint failed: (.+)$/.exec(message)
  if (check?.[1] !== undefined) return { kind: 'check', constraint: check[1] }
  const missing = /NOT NULL constraint failed: .*\.(.+)$/.exec(message)
  if (missing?.[1] !== undefined) return { kind: 'not-null', column: missing[1] }
  if (UNAVAILABLE.test(code)) return { kind: 'unavailable' }
  if (REFUSED.test(code)) return { kind: 'refused' }
  return { kind: 'other' }
}
