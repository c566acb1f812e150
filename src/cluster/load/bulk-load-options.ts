import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'

/** Options of {@link Cluster.load}. */
export interface BulkLoadOptions<Entity = object> {
  /**
   * What happens to a row that meets a stored one with the same key or unique value: the load fails, the row is left
   * out, or it is written over the stored one. @defaultValue 'error'
   */
  readonly onConflict?: 'error' | 'ignore' | 'update'
  /**
   * The properties by which `onConflict: 'update'` finds the stored row; they need a unique index. MySQL has no such
   * choice: there a row is written over whatever it meets. @defaultValue the primary key when the first row has it,
   * else the only unique key
   */
  readonly conflictKey?: readonly (keyof Entity & string)[]
  /** Checks every row's rules and references before it is written. @defaultValue false */
  readonly validate?: boolean
  /** Puts the generated ids into the rows that were given, also of a load that fails later. @defaultValue false */
  readonly assignIds?: boolean
  /**
   * Rows of a batch; of each database one is gathered in memory while the one before is written. @defaultValue 10000
   */
  readonly batchRows?: number
  /**
   * Rows in one transaction. By default all rows of a database are one transaction, so nothing of a load that fails
   * is stored there; a long load into a busy SQLite file lets others write in between when this is set.
   */
  readonly commitEvery?: number
  /** Aborts the load between two batches, or while it waits; what is not committed is rolled back. */
  readonly signal?: AbortSignal
  /** Told after every batch. */
  readonly onProgress?: (progress: BulkLoadProgress) => void
}

/** How far a load is. */
export interface BulkLoadProgress {
  /** Rows that were handed to a database, written and committed or not yet. */
  readonly rows: number
}

/** What became of the rows. */
export interface BulkLoadResult {
  /** Rows that were read. */
  readonly rows: number
  /** Rows that were written; with `onConflict: 'ignore'` the others had been there. */
  readonly written: number
  readonly databases: Readonly<Record<string, { readonly rows: number; readonly written: number }>>
}

const ROWS_MAX = 1_000_000

/** Fills in the defaults and checks the rest. */
export function resolveBulkLoadOptions<Entity>({
  onConflict = 'error',
  validate = false,
  assignIds = false,
  batchRows = 10_000,
  commitEvery,
  ...rest
}: BulkLoadOptions<Entity>) {
  if (!['error', 'ignore', 'update'].includes(onConflict)) {
    throw optionError(
      'onConflict',
      `Expected \`onConflict\` to be error, ignore or update, got "${String(onConflict)}".`,
    )
  }
  if (assignIds && onConflict !== 'error') {
    throw optionError(
      'assignIds',
      'Generated ids are known only of rows that meet no other: drop `assignIds` or `onConflict`.',
    )
  }
  return Object.freeze({
    ...rest,
    onConflict,
    validate,
    assignIds,
    batchRows: checkInteger('batchRows', batchRows, { min: 1, max: 100_000 }),
    commitEvery:
      commitEvery === undefined
        ? Number.POSITIVE_INFINITY
        : checkInteger('commitEvery', commitEvery, { min: 1, max: ROWS_MAX }),
  })
}

export type ResolvedBulkLoadOptions = ReturnType<typeof resolveBulkLoadOptions<object>>

export function optionError(option: string, message: string): ShardyardError {
  return new ShardyardError('SY_OPTION_INVALID', message, { details: { option } })
}
