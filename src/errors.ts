/** Every code the library throws, with its meaning. `docs/errors.md` has a row for each; a test compares the two. */
export const ERROR_CODES = {
  SY_DEFINITION_INVALID: 'The cluster definition has mistakes; `details.mistakes` lists them all.',
  SY_CONFIG_INVALID: 'A config file or an environment variable cannot be used.',
  SY_OPTION_INVALID: 'An option has a value outside its range.',
  SY_INPUT_INVALID: 'An input file cannot be read or is not what it should be.',
  SY_SOURCE_UNREADABLE: 'A source as a whole cannot be read; the message says where and why.',
  SY_OUTPUT_FAILED: 'An output file cannot be written.',
  SY_DRIVER_MISSING: 'The package of a database driver is not installed.',
  SY_DATABASE_UNKNOWN: 'No database of that name is defined.',
  SY_DATABASE_DOWN: 'A database cannot be reached.',
  SY_DATABASE_BUSY: 'Another writer held a database longer than the time allowed.',
  SY_STREAM_DOWN: 'The brokers of a stream cannot be reached, or refuse to serve.',
  SY_ENTITY_UNKNOWN: 'The entity is not placed in this cluster.',
  SY_CLUSTER_CLOSED: 'The cluster was used after it was closed.',
  SY_SECOND_DATABASE_WRITTEN: 'A unit of work wrote a second database.',
  SY_UNIT_OF_WORK_ENDED: 'A unit of work was used after its end.',
  SY_ROLLED_BACK: 'The work was rolled back; nothing of it is stored.',
  SY_COMMIT_UNKNOWN: 'The connection was lost during COMMIT; whether the work is stored is not known.',
  SY_VALIDATION_FAILED: 'A row breaks rules; `details.reasons` lists them all.',
  SY_LOAD_FAILED: 'A bulk load failed; `details.committed` says how many rows are stored in which database.',
  SY_MIGRATION_FAILED: 'A migration failed; `details` says what was done where.',
  SY_SCHEMA_DRIFT: 'A database differs from its entities.',
  SY_RUN_UNKNOWN: 'No run of that id is recorded.',
  SY_RUN_INCOMPLETE: 'A run stopped before its end; the same call resumes it.',
  SY_TOO_MANY_REJECTS: 'An ingestion was stopped, because more records were rejected than allowed.',
  SY_RUN_UNBALANCED: 'The ledger of a run does not add up to the records read.',
  SY_REPORT_UNKNOWN: 'No report of that name is defined.',
  SY_REPORT_FAILED: 'A report could not be made; the message says at what.',
  SY_JOB_UNKNOWN: 'No job of that id is kept.',
  SY_JOB_LOST: 'A worker wrote to a job that is no longer its own.',
  SY_JOB_STATE: 'The state of the job does not allow what was asked.',
  SY_KEY_UNKNOWN: 'No key of that id was made.',
  SY_QUEUE_DOWN: 'The server of the job queue cannot be reached, or refuses.',
  SY_UPLOAD_UNKNOWN: 'No upload of that id is kept.',
  SY_UPLOAD_REFUSED: 'A file was not taken: it is too large, or another than was announced.',
  SY_DISK_FULL: 'The disk has too little room for a file.',
  SY_FILE_DAMAGED: 'A file of a job is missing, or is not what its job wrote.',
  SY_INTERRUPTED: 'The work was interrupted by the caller; the same call resumes it.',
} as const

/** A stable name for what went wrong; never renamed, never reused. */
export type ErrorCode = keyof typeof ERROR_CODES

/**
 * The one error class of the library. Branch on `code`, never on the text. `details` is plain data,
 * `cause` the error underneath.
 */
export class ShardyardError extends Error {
  override readonly name = 'ShardyardError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}
