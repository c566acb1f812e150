import { EntitySchema } from 'typeorm'
import { RUN_TABLE } from './tables.js'

/** One run as the control database keeps it. */
export interface RunRow {
  /** Sorts by time. */
  id: string
  /** What kind of work it was: `simulation`, `ingestion`. */
  kind: string
  /** Key of the source, as in the ledger. */
  source: string
  /** The source's key while the run is unfinished, so that a source has one unfinished run at a time. */
  openSource: string | null
  /** What is loaded, in full: the SHA-256 of a file, or a generator's version and options. */
  identity: string
  /** What is loaded, for people. */
  title: string
  /** `running`, `complete`, `incomplete`, `interrupted`. */
  state: string
  /** Who works on it: `host:pid:start`; null when nobody does. */
  owner: string | null
  /** Until when the owner is taken to be alive; by the clock of the control database. */
  leaseUntil: Date | null
  /** Counts the owners: a later one has a higher number. */
  fence: number
  threads: number
  /** Records in one transaction. */
  batch: number
  startedAt: Date
  finishedAt: Date | null
  /** Working time of all owners together, in milliseconds. */
  wallMs: string | number
  /** JSON: for each entity how many records were read and in which database their lines are. */
  readCounts: string
  /** JSON: how long each thread worked, and how often each latency was met. */
  measures: string
  /** JSON: what an ingestion reads and how, so that it can be resumed by its id; null for other kinds. */
  plan: string | null
}

/** In the control database. */
export const RunSchema = new EntitySchema<RunRow>({
  name: 'shardyard run',
  tableName: RUN_TABLE,
  columns: {
    id: { type: 'varchar', length: 20, primary: true },
    kind: { type: 'varchar', length: 20 },
    source: { type: 'varchar', length: 22 },
    openSource: { type: 'varchar', length: 22, nullable: true },
    identity: { type: 'varchar', length: 255 },
    title: { type: 'varchar', length: 255 },
    state: { type: 'varchar', length: 12 },
    owner: { type: 'varchar', length: 255, nullable: true },
    leaseUntil: { type: 'datetime', precision: 3, nullable: true },
    fence: { type: 'integer' },
    threads: { type: 'integer' },
    batch: { type: 'integer' },
    startedAt: { type: 'datetime', precision: 3 },
    finishedAt: { type: 'datetime', precision: 3, nullable: true },
    wallMs: { type: 'bigint' },
    readCounts: { type: 'text' },
    measures: { type: 'text' },
    plan: { type: 'text', nullable: true },
  },
  indices: [
    { name: 'ix_shardyard_runs_source', columns: ['source'] },
    { name: 'uq_shardyard_runs_open_source', columns: ['openSource'], unique: true },
  ],
})
