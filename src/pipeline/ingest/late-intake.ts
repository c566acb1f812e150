/**
 * An intake of single records that is opened when the first one comes, and again after an opening that failed.
 *
 * States: closed before it was used → opening → open → closed; opening → unused, when it fails.
 */
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { databasesFor } from '../maintenance/migrate-for.js'
import { migrate } from '../maintenance/migrate.js'
import { TaskFailed } from '../bulk/task-failed.js'
import { requireShared } from '../runs/require-shared.js'
import { entityIn } from './ingest.js'
import { RecordIntake, type GivenRecord, type RecordIntakeOptions, type RecordOutcome } from './record-intake.js'

export class LateIntake {
  readonly #cluster: Cluster
  readonly #options: RecordIntakeOptions
  #opening: Promise<RecordIntake> | undefined
  #opened: RecordIntake | undefined
  #isClosed = false

  constructor(cluster: Cluster, options: RecordIntakeOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  /** Takes records as {@link RecordIntake.take}. @throws SY_DATABASE_DOWN while it cannot be opened; SY_CLUSTER_CLOSED */
  async take(records: readonly GivenRecord[]): Promise<RecordOutcome[]> {
    return (await this.#intake()).take(records)
  }

  /** Takes one record as {@link RecordIntake.takeOne}. @throws as `take` */
  takeOne(record: GivenRecord): Promise<RecordOutcome> {
    return this.#opened?.takeOne(record) ?? this.#intake().then((intake) => intake.takeOne(record))
  }

  async #intake(): Promise<RecordIntake> {
    if (this.#isClosed) throw new ShardyardError('SY_CLUSTER_CLOSED', 'The intake is closed.')
    return (this.#opening ??= this.#open())
  }

  /** Settles what was given, and ends the run. */
  async close(): Promise<void> {
    this.#isClosed = true
    await (await this.#opening?.catch(() => undefined))?.close()
  }

  async #open(): Promise<RecordIntake> {
    try {
      const databases = databasesFor(this.#cluster, entityIn(this.#cluster, this.#options.into))
      requireShared(this.#cluster, databases)
      await migrate(this.#cluster, { databases })
      this.#opened = await RecordIntake.open(this.#cluster, this.#options)
      return this.#opened
    } catch (error) {
      this.#opening = undefined
      throw error instanceof TaskFailed ? isDown(error) : error
    }
  }
}

function isDown(error: TaskFailed): ShardyardError {
  const { database = '', message } = error
  return new ShardyardError('SY_DATABASE_DOWN', `Database "${database}" is down: ${message}`, {
    cause: error,
    details: { database, kind: 'unavailable' },
  })
}
