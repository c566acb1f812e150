import { EntitySchema } from 'typeorm'
import { JOB_TABLE } from './tables.js'

/** A moment in milliseconds since 1970, by the clock of control; drivers give large numbers as text. */
type Milliseconds = number | string

/** One job as the control database keeps it. */
export interface JobRow {
  /** Counts the jobs in the order in which they were stored. */
  seq: number | string
  id: string
  kind: string
  /** What makes two enqueues the same. */
  key: string | null
  /** `pending`, `running`, `complete`, `failed`, `cancelled`. */
  state: string
  /** JSON. */
  data: string
  /** Not before then. */
  dueAt: Milliseconds
  /** How many children have not settled yet; it is not run before there is none. */
  waitsFor: number
  /** `fail`, `ignore`, `go-on`. */
  onChildFailure: string
  /** The job that waits for this one. */
  parent: string | null
  /** 1 once the parent has been told that this one has settled: a retry does not tell it again. */
  isTold: number
  /** How many errors end it. */
  attempts: number
  backoffMs: number
  /** How many attempts ended with an error. */
  failures: number
  /** How many attempts ended with the worker gone. */
  crashes: number
  /** Counts the claims: a later one has a higher number. */
  fence: number
  /** Who works on it, for people: `host:pid`. */
  owner: string | null
  leaseUntil: Milliseconds | null
  /** 1 when whoever runs it is to stop. */
  isCancelRequested: number
  /** JSON. */
  progress: string | null
  /** JSON. */
  result: string | null
  /** JSON: why the last attempt failed. */
  error: string | null
  createdAt: Milliseconds
  startedAt: Milliseconds | null
  finishedAt: Milliseconds | null
}

/** In the control database. */
export const JobSchema = new EntitySchema<JobRow>({
  name: 'shardyard job',
  tableName: JOB_TABLE,
  columns: {
    seq: { type: 'bigint', primary: true, generated: 'increment' },
    id: { type: 'varchar', length: 32 },
    kind: { type: 'varchar', length: 40 },
    key: { type: 'varchar', length: 200, nullable: true },
    state: { type: 'varchar', length: 9 },
    data: { type: 'text' },
    dueAt: { type: 'bigint' },
    waitsFor: { type: 'integer' },
    onChildFailure: { type: 'varchar', length: 6 },
    parent: { type: 'varchar', length: 32, nullable: true },
    isTold: { type: 'integer' },
    attempts: { type: 'integer' },
    backoffMs: { type: 'integer' },
    failures: { type: 'integer' },
    crashes: { type: 'integer' },
    fence: { type: 'integer' },
    owner: { type: 'varchar', length: 255, nullable: true },
    leaseUntil: { type: 'bigint', nullable: true },
    isCancelRequested: { type: 'integer' },
    progress: { type: 'text', nullable: true },
    result: { type: 'text', nullable: true },
    error: { type: 'text', nullable: true },
    createdAt: { type: 'bigint' },
    startedAt: { type: 'bigint', nullable: true },
    finishedAt: { type: 'bigint', nullable: true },
  },
  indices: [
    { name: 'uq_shardyard_jobs_id', columns: ['id'], unique: true },
    { name: 'ix_shardyard_jobs_due', columns: ['state', 'waitsFor', 'dueAt', 'seq'] },
    { name: 'ix_shardyard_jobs_lease', columns: ['state', 'leaseUntil'] },
    { name: 'ix_shardyard_jobs_parent', columns: ['parent'] },
    { name: 'ix_shardyard_jobs_finished', columns: ['finishedAt'] },
  ],
})
