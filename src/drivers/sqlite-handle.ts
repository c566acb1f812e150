/** One open SQLite file through either client: better-sqlite3 (synchronous) or the archived sqlite3 (callbacks). */
import { dirname } from 'node:path'
import { ShardyardError } from '../errors.js'
import { makeFolder } from '../util/make-folder.js'
import { sleep } from '../util/sleep.js'
import type { Row } from './driver.js'
import type { WaitSign } from './wait-sign.js'

export type SqliteClient = 'better-sqlite3' | 'sqlite3'

/** What is needed to open a file; the rest of TypeORM's options for it pass through. */
export interface SqliteOptions {
  readonly client: SqliteClient
  readonly database: string
  readonly readonly?: boolean
  readonly fileMustExist?: boolean
  readonly nativeBinding?: string
  readonly key?: string
  readonly statementCacheSize?: number
  /** How long to wait for another writer, in milliseconds. */
  readonly waitMs: number
}

/** What a statement has done: how many rows it touched, and the id of the last one it inserted. */
export interface SqliteChange {
  readonly changes: number
  readonly lastId: number
}

/** An open file. `raw` is the client's own object, which TypeORM's runner speaks to. */
export interface SqliteHandle {
  readonly raw: unknown
  /** Prepared statements of this connection by their text, shared by the runners that use it in turn. */
  readonly statements: Map<string, unknown>
  /** Undefined where the client cannot tell. */
  isInTransaction(): boolean | undefined
  exec(sql: string): Promise<void> | void
  all(sql: string, parameters: readonly unknown[]): Promise<readonly Row[]> | readonly Row[]
  run(sql: string, parameters: readonly unknown[]): Promise<SqliteChange> | SqliteChange
  close(): Promise<void> | void
}

/** Opens a file with the settings that make it safe for many writers. Never blocks the event loop for a lock. */
export async function openSqlite(options: SqliteOptions): Promise<SqliteHandle> {
  if (options.database !== ':memory:') await makeFolder(dirname(options.database))
  const handle = options.client === 'sqlite3' ? await openSqlite3(options) : openBetterSqlite3(options)
  try {
    if (options.key !== undefined) await handle.exec(`PRAGMA key = '${options.key.replaceAll("'", "''")}'`)
    await handle.exec('PRAGMA busy_timeout = 0')
    await handle.exec('PRAGMA foreign_keys = ON')
    if (options.readonly !== true) {
      await patiently(
        () => options.waitMs,
        options.database,
        () => handle.exec('PRAGMA journal_mode = WAL'),
      )
      await handle.exec('PRAGMA synchronous = FULL')
    }
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** True for the errors that mean: another connection holds a lock, try again. */
export function isBusy(error: unknown): boolean {
  const inner = (error as { driverError?: unknown } | undefined)?.driverError ?? error
  const code = String((inner as { code?: unknown } | undefined)?.code ?? '')
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED') || code === 'SQLITE_PROTOCOL'
}

/** Run for every unit of work, so they are worth preparing. */
const CONTROL: ReadonlySet<string> = new Set(['BEGIN', 'BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'])

const SLOWEST_MS = 20
const FASTEST_MS = 2
/** Of those who are seen: a load lets them in for a little longer than this. */
const SEEN_SLOWEST_MS = 4

/**
 * Runs `attempt` until it meets no lock, for `wait` milliseconds at most, asked anew each time. Waits between attempts without blocking; the longer it has waited the more
 * often it asks, so that the oldest of many waiters is the likeliest to be next. With a sign others see that it waits.
 */
export async function patiently<T>(
  wait: () => number,
  file: string,
  attempt: () => Promise<T> | T,
  sign?: WaitSign,
): Promise<T> {
  const startedAt = performance.now()
  const slowest = sign === undefined ? SLOWEST_MS : SEEN_SLOWEST_MS
  let hasWaited = false
  for (;;) {
    try {
      const result = await attempt()
      if (hasWaited) sign?.lower()
      return result
    } catch (error) {
      if (!isBusy(error)) throw error
      const waitedMs = performance.now() - startedAt
      const waitMs = wait()
      if (waitedMs >= waitMs) throw busyError(file, waitMs, error)
      sign?.raise()
      hasWaited = true
      const ageing = Math.max(FASTEST_MS, slowest - (waitedMs / 1000) * slowest)
      await sleep(ageing * (0.5 + Math.random() / 2))
    }
  }
}

/** The error of a wait that was too long. */
export function busyError(file: string, waitMs: number, cause?: unknown): ShardyardError {
  return new ShardyardError(
    'SY_DATABASE_BUSY',
    `Another writer held "${file}" for more than ${waitMs} ms. Inside a unit of work use its own repositories; ` +
      'otherwise find the writer that does not end, or raise the time limit.',
    { cause, details: { file, waitMs } },
  )
}

function openBetterSqlite3(options: SqliteOptions): SqliteHandle {
  const Database = loadClient('better-sqlite3') as typeof import('better-sqlite3')
  const raw = new Database(options.database, {
    readonly: options.readonly ?? false,
    fileMustExist: options.fileMustExist ?? false,
    timeout: 0,
    ...(options.nativeBinding === undefined ? {} : { nativeBinding: options.nativeBinding }),
  })
  const statements = new Map<string, import('better-sqlite3').Statement>()
  const prepare = (sql: string) => {
    let statement = statements.get(sql)
    if (statement === undefined) {
      statement = raw.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }
  return {
    raw,
    statements,
    isInTransaction: () => raw.inTransaction,
    exec: (sql) => void (CONTROL.has(sql) ? prepare(sql).run() : raw.exec(sql)),
    all: (sql, parameters) => prepare(sql).all(...parameters) as Row[],
    run(sql, parameters) {
      const { changes, lastInsertRowid } = prepare(sql).run(parameters)
      return { changes, lastId: Number(lastInsertRowid) }
    },
    close: () => void raw.close(),
  }
}

interface Sqlite3Change {
  readonly changes: number
  readonly lastID: number
}
interface Sqlite3Database {
  all(sql: string, parameters: readonly unknown[], done: (error: Error | null, rows: Row[]) => void): void
  run(sql: string, parameters: readonly unknown[], done: (this: Sqlite3Change, error: Error | null) => void): void
  exec(sql: string, done: (error: Error | null) => void): void
  close(done: (error: Error | null) => void): void
}

async function openSqlite3(options: SqliteOptions): Promise<SqliteHandle> {
  const { Database, OPEN_READONLY, OPEN_READWRITE, OPEN_CREATE } = loadClient('sqlite3') as {
    Database: new (file: string, mode: number, done: (error: Error | null) => void) => Sqlite3Database
    OPEN_READONLY: number
    OPEN_READWRITE: number
    OPEN_CREATE: number
  }
  const mode = options.readonly ? OPEN_READONLY : OPEN_READWRITE | (options.fileMustExist ? 0 : OPEN_CREATE)
  const raw = await new Promise<Sqlite3Database>((resolve, reject) => {
    const opened: Sqlite3Database = new Database(options.database, mode, (error) =>
      error === null ? resolve(opened) : reject(error),
    )
  })
  return {
    raw,
    statements: new Map(),
    isInTransaction: () => undefined,
    exec: (sql) => settle<void>((done) => raw.exec(sql, done)),
    all: (sql, parameters) => settle<Row[]>((done) => raw.all(sql, parameters, done)),
    run: (sql, parameters) =>
      new Promise((resolve, reject) =>
        raw.run(sql, parameters.map(bindable), function (error) {
          if (error === null) resolve({ changes: this.changes, lastId: this.lastID })
          else reject(error)
        }),
      ),
    close: () => settle<void>((done) => raw.close(done)),
  }
}

/** The archived client stores NULL for a bigint; a column of numbers makes the number of the text. */
function bindable(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

function settle<T>(call: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) =>
    call((error, value) => (error === null ? resolve(value as T) : reject(error))),
  )
}

function loadClient(name: SqliteClient): unknown {
  try {
    return require(name)
  } catch (cause) {
    throw new ShardyardError(
      'SY_DRIVER_MISSING',
      `The package "${name}" cannot be loaded. Run "npm install ${name}", and "npm rebuild ${name}" after a change of Node version.`,
      { cause, details: { package: name } },
    )
  }
}
