/** Jobs as rows of the control database. */
import type { ObjectLiteral, Repository } from 'typeorm'
import type { JobRow } from '../../cluster/bookkeeping/job-row.js'
import { childFailed, killsWorker } from './job-errors.js'
import type { ChildRule, Job, JobError, JobProgress, JobState, Json } from './job.js'
import type { ResolvedJob } from './job-options.js'

/** A value of a statement that the database itself works out. */
export type Expression = () => string

type Values = { readonly [Name in keyof JobRow]?: JobRow[Name] | Expression }

const ROWS_PER_INSERT = 1_000

/** The jobs table, in a transaction or out of one; all moments are by the clock of its database. */
export class JobTable {
  constructor(
    readonly rows: Repository<JobRow>,
    readonly nowMs: string,
  ) {}

  /** Changes the rows that are as `where` says; answers how many there were. */
  async change(where: string, parameters: ObjectLiteral, values: Values): Promise<number> {
    const update = this.rows
      .createQueryBuilder()
      .update()
      .set(values as never)
    const { affected } = await update.where(this.#quoted(where), parameters).execute()
    return affected ?? 0
  }

  async insert(jobs: readonly { readonly job: ResolvedJob; readonly parent: string | null }[]): Promise<void> {
    for (let at = 0; at < jobs.length; at += ROWS_PER_INSERT) {
      const rows = jobs.slice(at, at + ROWS_PER_INSERT).map(({ job, parent }) => newRow(job, parent, this.nowMs))
      await this.rows
        .createQueryBuilder()
        .insert()
        .values(rows as never)
        .updateEntity(false)
        .execute()
    }
  }

  /** Tells the parent of a job that has just reached its end, and that one's parent when it fails with it. */
  async settle(id: string, parent: string | null, hasFailed: boolean): Promise<void> {
    // A job settles once, until it is retried.
    if (parent === null || (await this.change('id = :id AND isTold = 0', { id }, { isTold: 1 })) === 0) return
    const waiting = await this.rows.findOneBy({ id: parent })
    if (waiting === null) return
    const rule = hasFailed ? (waiting.onChildFailure as ChildRule) : 'ignore'
    switch (rule) {
      case 'ignore':
        await this.change(
          "id = :parent AND state = 'pending' AND waitsFor > 0",
          { parent },
          { waitsFor: lessOne(this.rows) },
        )
        return
      case 'go-on':
        await this.change("id = :parent AND state = 'pending'", { parent }, { waitsFor: 0 })
        return
      case 'fail': {
        const failed = { ...this.finished('failed'), error: JSON.stringify(childFailed(id)) }
        const isOurs = await this.change("id = :parent AND state = 'pending' AND waitsFor > 0", { parent }, failed)
        if (isOurs === 1) await this.settle(parent, waiting.parent, true)
        return
      }
      default:
        rule satisfies never
    }
  }

  /** Has a parent that still waits wait for one child more. */
  async awaitAgain(parent: string | null): Promise<void> {
    if (parent === null) return
    const waitsFor = () => `${this.rows.manager.connection.driver.escape('waitsFor')} + 1`
    await this.change("id = :parent AND state = 'pending' AND waitsFor > 0", { parent }, { waitsFor })
  }

  /** What every end of a job has in common. */
  finished(state: JobState) {
    return { state, owner: null, leaseUntil: null, waitsFor: 0, finishedAt: () => this.nowMs }
  }

  /** What becomes of a job whose lease ran out. */
  afterLoss({ crashes, isCancelRequested }: JobRow, crashesMax: number) {
    const lost = crashes + 1
    if (isCancelRequested === 1) return { ...this.finished('cancelled'), crashes: lost }
    if (lost >= crashesMax) {
      return { ...this.finished('failed'), crashes: lost, error: JSON.stringify(killsWorker(lost)) }
    }
    return { state: 'pending', owner: null, leaseUntil: null, crashes: lost }
  }

  /** Statements name the columns bare; engines want those with capitals quoted. */
  #quoted(where: string): string {
    const { driver } = this.rows.manager.connection
    return where.replaceAll(/(?<!:)\b(isTold|waitsFor|leaseUntil|finishedAt)\b/g, (name) => driver.escape(name))
  }
}

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    key: row.key ?? undefined,
    data: JSON.parse(row.data) as Json,
    state: row.state as JobState,
    parent: row.parent ?? undefined,
    waitsFor: row.waitsFor,
    attempts: row.attempts,
    failures: row.failures,
    crashes: row.crashes,
    fence: row.fence,
    isCancelRequested: row.isCancelRequested === 1,
    progress: parsed(row.progress) as JobProgress | undefined,
    result: parsed(row.result) as Json | undefined,
    error: parsed(row.error) as JobError | undefined,
    createdAt: new Date(Number(row.createdAt)),
    startedAt: instant(row.startedAt),
    finishedAt: instant(row.finishedAt),
  }
}

function newRow(job: ResolvedJob, parent: string | null, nowMs: string): Values {
  return {
    id: job.id,
    kind: job.kind,
    key: job.key ?? null,
    state: 'pending',
    data: job.data,
    dueAt: () => `${nowMs} + ${job.delayMs}`,
    waitsFor: job.children.length,
    onChildFailure: job.onChildFailure,
    parent,
    isTold: 0,
    attempts: job.attempts,
    backoffMs: job.backoffMs,
    failures: 0,
    crashes: 0,
    fence: 0,
    isCancelRequested: 0,
    createdAt: () => nowMs,
  }
}

function lessOne(rows: Repository<JobRow>): Expression {
  return () => `${rows.manager.connection.driver.escape('waitsFor')} - 1`
}

function parsed(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text)
}

function instant(ms: number | string | null): Date | undefined {
  return ms === null ? undefined : new Date(Number(ms))
}
