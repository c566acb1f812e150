/** What the cluster and the loads need of an engine. One file of this folder implements it for each engine. */
import type { DataSource, DataSourceOptions, EntityMetadata, QueryRunner } from 'typeorm'
import type { RuleSql } from '../columns/field-registry.js'

export type EngineName = 'sqlite' | 'postgres' | 'mysql'

/** What a worker thread needs to reach a database: plain data, with secrets, never printed. */
export interface ConnectionSpec {
  readonly engine: EngineName
  /** The npm package that speaks to it. */
  readonly client: 'better-sqlite3' | 'sqlite3' | 'pg' | 'mysql2'
  readonly options: Readonly<Record<string, unknown>>
}

export type Row = Record<string, unknown>

/** What happens to a row whose key, or another unique value, is stored already. */
export type Conflict =
  | { readonly do: 'error' }
  | { readonly do: 'ignore' }
  /** Writes `columns` over the stored row that has the same values in `key`, and adds one to its `counted` columns. */
  | {
      readonly do: 'update'
      readonly key: readonly string[]
      readonly columns: readonly string[]
      readonly counted?: readonly string[]
    }

/** Rows for one table, as the engine's fastest way of writing takes them. */
export interface BulkRows {
  readonly table: string
  /** One at least. */
  readonly columns: readonly string[]
  /**
   * The values of the first row, then those of the second, and so on; none is undefined. Each is as TypeORM's driver
   * of the engine prepares it for its client, booleans as numbers.
   */
  readonly values: readonly unknown[]
  /** @defaultValue `{ do: 'error' }` */
  readonly conflict?: Conflict
  /** A generated key that is not among the columns; its values are answered. Not together with a conflict. */
  readonly numbered?: string
  /**
   * A column whose values are given when the rows are sent, one for each; those among `values` are passed over. Not
   * together with a conflict, or with `numbered`.
   */
  readonly late?: string
}

/** Sends rows that were readied, with the values of the late column when there is one. */
export type SendRows = (late?: readonly unknown[]) => Promise<BulkResult>

export interface BulkResult {
  /** Rows that were written; all of them, but with `ignore`, where the others were there. */
  readonly written: number
  /** The generated keys in the order of the rows, when `numbered` was asked. */
  readonly ids: readonly number[]
}

/** A bare connection for loads. It knows no TypeORM, so a worker thread starts with the database driver alone. */
export interface Connection {
  /**
   * Whether others have waited lately for what this connection holds, or may do so unseen; false where it holds nothing
   * that others need.
   */
  readonly isAwaited: boolean
  query(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>
  /** Runs a statement; answers how many rows it touched. */
  execute(sql: string, parameters?: readonly unknown[]): Promise<number>
  /** Writes many rows; inside a transaction, so that it writes all of them or none. */
  insert(rows: BulkRows): Promise<BulkResult>
  /**
   * Readies the rows for {@link insert} and answers how to send them: a load readies the next batch while the server
   * works on the one before. Only one is on its way at a time.
   */
  prepareInsert(rows: BulkRows): SendRows
  /** Begins a transaction that will write; waits for other writers where the engine has one at a time. */
  begin(): Promise<void>
  /** Rejects unless the server said that it committed. */
  commit(): Promise<void>
  /** Makes sure that what was committed is on disk, where a load commits without waiting for the disk. */
  flush(): Promise<void>
  /** The same at the least cost, for few rows again and again; a transaction may be open meanwhile. */
  sync(): Promise<void>
  /** Never rejects: a connection that cannot roll back is closed, which rolls back. */
  rollback(): Promise<void>
  /** Takes no longer than a second: a server that does not answer is left. */
  close(): Promise<void>
}

/** How a connection writes beside others; servers look after both themselves. */
export interface ConnectOptions {
  /** Memory for pages that a transaction changes. @defaultValue 3000 */
  readonly cacheKb?: number
  /** Whether it writes as much as it can: it and the others let each other in. @defaultValue false */
  readonly isLoad?: boolean
}

/** What is wrong when a statement fails, in words that are the same for every engine. */
export type Fault =
  | { readonly kind: 'unique'; readonly constraint?: string; readonly columns?: readonly string[] }
  | { readonly kind: 'check'; readonly constraint: string }
  | { readonly kind: 'not-null'; readonly column: string }
  /** The column's name, or its length where the server tells no more. */
  | { readonly kind: 'too-long' | 'out-of-range'; readonly column?: string; readonly length?: string }
  /** The engine gave the transaction up in favour of another; run all of it again. */
  | { readonly kind: 'conflict' }
  /** The database cannot be reached, or has no room; later it may. */
  | { readonly kind: 'unavailable' }
  /** The database says no: wrong password, no such database, not a database file. Waiting does not help. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'other' }

/** How an engine's SQL differs, as far as the library writes SQL. */
export interface Dialect extends RuleSql {
  readonly quote: (identifier: string) => string
  /** The `index`-th parameter, from 1. */
  readonly placeholder: (index: number) => string
  /** Most parameters in one statement. */
  readonly parametersMax: number
  /** Ends a SELECT that locks what it finds until the end of the transaction; empty where a writer has locked it all. */
  readonly lockRows: string
  /** Has the statements of a connection wait a second at most for a lock; undefined where nobody waits in the database. */
  readonly waitBrieflyForLocks: string | undefined
  /** The same, leaving out what others have locked. */
  readonly lockFreeRows: string
  /** The server's clock in milliseconds since 1970, as an SQL expression. */
  readonly nowMs: string
  /** True where `(a, b) > (1, 2)` walks an index; otherwise it is to be spelled out. */
  readonly seeksByLists: boolean
  /** A number or an instant as text, with all its digits. */
  readonly asText: (expression: string) => string
  /** Text that is equal only when all its characters are; as it is where text compares so anyway. */
  readonly exactText: (expression: string) => string
  /** Text as it is to be ordered and compared so that the order is that of its bytes in UTF-8. */
  readonly byteOrder: (expression: string) => string
  /** The exact sum of decimals, in units of their last digit, as a whole number. */
  readonly sumUnits: (expression: string, scale: number) => string
  /** Joins the texts of a group in the order of an index, where that is faster than to send rows, and as long as need be. */
  readonly joined?: (column: string, separator: string) => string
  /** Whether the bounds of groups are sought in an index, not found by looking at each row. */
  readonly seeksGroups: boolean
}

/** Tells whether anything was committed to a database. */
export interface CommitWatch {
  /** Whether its versions mean the same to other processes. */
  readonly isShared: boolean
  /** Another text than before once a read would see another commit. It may be another one without that. */
  version(): Promise<string>
  close(): Promise<void>
}

/** The cluster's side of a database: opens it on first use, counts who is at work, refuses after close. */
export interface Gate {
  /** Nothing to wait for when it answers undefined; throws when the cluster is closed. */
  enter(runner: QueryRunner): Promise<void> | undefined
  leave(runner: QueryRunner): void
  /** The error of a statement as its caller is to see it: a violated constraint says what validation would have said. */
  translated(error: unknown, sql: string, parameters: readonly unknown[] | undefined): unknown
}

/** How a branch of a unit of work begins. */
export type BranchMode = 'read' | 'write'

export interface Driver {
  readonly engine: EngineName
  readonly dialect: Dialect
  /** False where a transaction that has read cannot begin to write without being run again (SQLite). */
  readonly upgradesInPlace: boolean
  /** True where one connection at a time writes a database, and the others wait for its whole transaction. */
  readonly hasOneWriter: boolean
  /** True where a statement that changes the schema commits what was written before it. */
  readonly schemaChangesCommit: boolean
  /** TypeORM options of a database URL. */
  optionsOf(url: string): DataSourceOptions
  /** The options with what the library's promises need: time zones, strictness, time limits. */
  completeOptions(options: DataSourceOptions): DataSourceOptions
  /** Puts the engine's seam under a DataSource that is not connected yet. */
  attach(dataSource: DataSource, gate: Gate): void
  /** Fits TypeORM's metadata to the engine where its own choice differs from that of the other engines. */
  adjustMetadata(metadata: EntityMetadata): void
  /** Begins the transaction of a branch on a runner that `attach` made. */
  begin(runner: QueryRunner, mode: BranchMode): Promise<void>
  /** Cuts every connection, so that closing the DataSource waits neither for what still runs nor for the server. */
  abort(dataSource: DataSource): Promise<void>
  /** The same text for two names of one physical database. */
  identityOf(options: DataSourceOptions): string
  /** The address for people, without secrets. */
  addressOf(options: DataSourceOptions): string
  /** False while there is nothing to open yet: an SQLite file that was never written. */
  exists(options: DataSourceOptions): boolean
  /** False where one connection has the database to itself, which no thread can share: SQLite in memory. */
  isShared(options: DataSourceOptions): boolean
  /** Settings of the server under which an acknowledged commit may be lost, as sentences. */
  durabilityWarnings(runner: QueryRunner): Promise<readonly string[]>
  /** Opens what tells of commits; undefined where the engine cannot tell of all of them. */
  watchCommits(dataSource: DataSource): Promise<CommitWatch | undefined>
  /** What a database takes on disk, its log and its indexes too. */
  sizeBytes(runner: QueryRunner): Promise<number>
  /** Takes the lock under which one process at a time changes the schema; answers how to release it. */
  lockSchema(runner: QueryRunner, limitMs: number): Promise<() => Promise<void>>
  /** Lets generated ids go on after the highest one that was given; engines that do so by themselves do nothing. */
  continueIds(
    runner: { query(sql: string, parameters: unknown[]): Promise<unknown> },
    table: string,
    column: string,
  ): Promise<void>
  connectionSpec(options: DataSourceOptions): ConnectionSpec
  /**
   * `waitMs` is how long the connection may wait for an answer or a lock, in milliseconds; asked anew as it waits.
   */
  connect(spec: ConnectionSpec, waitMs: () => number, options?: ConnectOptions): Promise<Connection>
  faultOf(error: unknown): Fault
}

/** The driver's own error, from under the wrapper that TypeORM puts around it. */
export function driverError(error: unknown): { code?: unknown; errno?: unknown; message?: unknown } & Row {
  const inner = (error as { driverError?: unknown } | undefined)?.driverError ?? error
  return (typeof inner === 'object' && inner !== null ? inner : {}) as Row
}

/** Error codes of the network, the same under every client. */
export const NETWORK_CODES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
