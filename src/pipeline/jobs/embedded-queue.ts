/**
 * The queue in the control database: SQLite, PostgreSQL, MySQL or MariaDB. A job is a row of `shardyard_jobs`.
 *
 * 1. Every write of a worker names the job's fence in its condition, so that of an older claim changes nothing.
 * 2. A job and its parent change in one transaction.
 * 3. All moments are by the clock of the database; a worker's own clock says nothing.
 */
import { JobSchema, type JobRow } from '../../cluster/bookkeeping/job-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import { controlOf } from '../runs/run-store.js'
import { lostJob, unknownJob, wrongState } from './job-errors.js'
import { backoffMs, isFinished, JOB_STATES, jobIdOf, type ChildRule, type Claim, type Job } from './job.js'
import type { JobError, JobProgress, JobState, Json } from './job.js'
import { checkRule, jsonText, resolveJob, resolveQueueOptions, type ResolvedJob } from './job-options.js'
import type { JobPage, JobQueue, ListOptions, NewJob, QueueOptions } from './job-queue.js'
import { JobTable, toJob } from './job-table.js'

const MINE = "id = :id AND fence = :fence AND state = 'running'"
/** What a retry sets back. */
const ANEW = {
  state: 'pending',
  isTold: 0,
  failures: 0,
  crashes: 0,
  isCancelRequested: 0,
  progress: null,
  error: null,
  finishedAt: null,
}
/** Faults of a moment. */
const PASSING: readonly string[] = ['unavailable', 'conflict']
const LOST_AT_ONCE = 100
const PRUNED_AT_ONCE = 1_000
const IDS_AT_ONCE = 1_000
const RACES_MAX = 10

export class EmbeddedQueue implements JobQueue {
  readonly options: Required<QueueOptions>
  readonly address: string
  readonly #cluster: Cluster
  readonly #control: string
  readonly #nowMs: string
  readonly #listeners = new Set<() => void>()

  /** @throws SY_DEFINITION_INVALID when the cluster has no control database */
  constructor(cluster: Cluster, options: QueueOptions = {}) {
    this.options = resolveQueueOptions(options)
    this.#cluster = cluster
    this.#control = controlOf(cluster)
    const { driver, address } = cluster.member(this.#control)
    this.#nowMs = driver.dialect.nowMs
    this.address = address
  }

  async enqueue(job: NewJob): Promise<string> {
    const [id = ''] = await this.enqueueMany([job])
    return id
  }

  async enqueueMany(jobs: readonly NewJob[]): Promise<readonly string[]> {
    const resolved = jobs.map((job) => resolveJob(job))
    const distinct = [...new Map(resolved.toReversed().map((job) => [job.id, job])).values()].toReversed()
    await this.#insertNew(distinct)
    for (const listener of this.#listeners) listener()
    return resolved.map(({ id }) => id)
  }

  async claim(owner: string, limit: number): Promise<readonly Claim[]> {
    await this.#endLost()
    // Most looks find nothing; they are to lock nothing either.
    if ((await this.#dueSeqs(this.#table(), 1, '')).length === 0) return []
    const { lockFreeRows } = this.#cluster.member(this.#control).driver.dialect
    return this.#change(async (table) => {
      const seqs = await this.#dueSeqs(table, limit, lockFreeRows)
      if (seqs.length === 0) return []
      await table.change(
        "seq IN (:...seqs) AND state = 'pending'",
        { seqs },
        {
          state: 'running',
          owner: owner.slice(0, 255),
          fence: () => 'fence + 1',
          leaseUntil: () => this.#leaseEnd(),
          startedAt: () => this.#nowMs,
        },
      )
      const rows = await table.rows.createQueryBuilder('job').where('job.seq IN (:...seqs)', { seqs }).getMany()
      const order = new Map(seqs.map((seq, index) => [String(seq), index]))
      return rows
        .toSorted((a, b) => (order.get(String(a.seq)) ?? 0) - (order.get(String(b.seq)) ?? 0))
        .map((row): Claim => ({ job: toJob(row) }))
    })
  }

  async renew(claim: Claim, progress?: JobProgress): Promise<{ readonly isCancelRequested: boolean }> {
    const table = this.#table()
    const values = {
      leaseUntil: () => this.#leaseEnd(),
      ...(progress === undefined ? {} : { progress: JSON.stringify(progress) }),
    }
    await this.#write(table, claim, values)
    const row = await table.rows.findOneBy({ id: claim.job.id })
    return { isCancelRequested: row?.isCancelRequested === 1 }
  }

  async complete(claim: Claim, result: Json): Promise<void> {
    const text = jsonText('result', result)
    await this.#end(claim, false, (table) => ({ ...table.finished('complete'), result: text, error: null }))
  }

  async fail(claim: Claim, error: JobError, { mayRetry = true } = {}): Promise<JobState> {
    const failures = claim.job.failures + 1
    const failed = { failures, error: JSON.stringify(error) }
    if (!mayRetry || failures >= claim.job.attempts) {
      await this.#end(claim, true, (table) => ({ ...table.finished('failed'), ...failed }))
      return 'failed'
    }
    const row = await this.#table().rows.findOneBy({ id: claim.job.id })
    const restMs = backoffMs(row?.backoffMs ?? 0, failures)
    const pending = { state: 'pending', owner: null, leaseUntil: null, dueAt: () => `${this.#nowMs} + ${restMs}` }
    await this.#write(this.#table(), claim, { ...pending, ...failed })
    return 'pending'
  }

  async release(claim: Claim): Promise<void> {
    await this.#write(this.#table(), claim, { state: 'pending', owner: null, leaseUntil: null })
  }

  async stopped(claim: Claim): Promise<void> {
    await this.#end(claim, true, (table) => table.finished('cancelled'))
  }

  async spawn(claim: Claim, children: readonly NewJob[], rule: ChildRule): Promise<void> {
    const { id, fence } = claim.job
    const resolved = children.map((child, at) => resolveJob(child, 2, jobIdOf('child', `${id}/${fence}/${at}`)))
    const waiting = { state: 'pending', owner: null, leaseUntil: null, waitsFor: resolved.length }
    await this.#change(async (table) => {
      await this.#write(table, claim, { ...waiting, onChildFailure: checkRule(rule) })
      await table.insert(withDescendants(resolved, id))
    })
  }

  async children(id: string): Promise<readonly Job[]> {
    const rows = await this.#table().rows.find({ where: { parent: id }, order: { seq: 'ASC' } })
    return rows.map(toJob)
  }

  async cancel(id: string): Promise<JobState> {
    return this.#change(async (table) => {
      const row = await table.rows.findOneBy({ id })
      if (row === null) throw unknownJob(id)
      if (isFinished(row.state as JobState)) throw wrongState(id, row.state as JobState, 'cancelled')
      return this.#cancelWithChildren(table, row)
    })
  }

  async retry(id: string): Promise<void> {
    await this.#change(async (table) => {
      const row = await table.rows.findOneBy({ id })
      if (row === null) throw unknownJob(id)
      if (!mayBeRetried(row)) throw wrongState(id, row.state as JobState, 'retried')
      await this.#retryWithChildren(table, row)
    })
    for (const listener of this.#listeners) listener()
  }

  async show(id: string): Promise<Job | undefined> {
    const row = await this.#table().rows.findOneBy({ id })
    return row === null ? undefined : toJob(row)
  }

  async list({ state, kinds, limit = 50, after }: ListOptions = {}): Promise<JobPage> {
    checkInteger('limit', limit, { min: 1, max: 1_000 })
    const query = this.#table()
      .rows.createQueryBuilder('job')
      .orderBy('job.seq', 'DESC')
      .take(limit + 1)
    if (state !== undefined) query.andWhere('job.state = :state', { state })
    if (kinds !== undefined) query.andWhere('job.kind IN (:...kinds)', { kinds })
    if (after !== undefined) query.andWhere('job.seq < :after', { after: cursorOf(after) })
    const rows = await query.getMany()
    const page = rows.slice(0, limit)
    return { jobs: page.map(toJob), next: rows.length > limit ? String(page.at(-1)?.seq) : undefined }
  }

  async counts(): Promise<Readonly<Record<JobState, number>>> {
    const query = this.#table()
      .rows.createQueryBuilder('job')
      .select('job.state', 'state')
      .addSelect('COUNT(*)', 'count')
    const rows = await query.groupBy('job.state').getRawMany<{ state: string; count: number | string }>()
    const found = new Map(rows.map(({ state, count }) => [state, Number(count)]))
    return Object.fromEntries(JOB_STATES.map((state) => [state, found.get(state) ?? 0])) as Record<JobState, number>
  }

  async oldestDueMs(): Promise<number | undefined> {
    const escape = (name: string) => this.#cluster.database(this.#control).driver.escape(name)
    const row = await this.#table()
      .rows.createQueryBuilder('job')
      .select(`${this.#nowMs} - MIN(job.${escape('dueAt')})`, 'age')
      .where("job.state = 'pending' AND job.waitsFor = 0")
      .getRawOne<{ age: number | string | null }>()
    const age = row?.age ?? null
    return age === null || Number(age) < 0 ? undefined : Number(age)
  }

  async prune(): Promise<number> {
    const { rows } = this.#table()
    const escape = (name: string) => rows.manager.connection.driver.escape(name)
    let removed = 0
    for (;;) {
      const old = await rows
        .createQueryBuilder('job')
        .select(['job.seq', 'job.parent'])
        .where(`job.${escape('finishedAt')} <= ${this.#nowMs} - ${this.options.keepMs}`)
        .take(PRUNED_AT_ONCE)
        .getMany()
      if (old.length > 0) await rows.delete(old.map(({ seq }) => seq) as never)
      removed += old.length
      if (old.length < PRUNED_AT_ONCE) return removed
    }
  }

  mayPass(error: unknown): boolean {
    if (error instanceof ShardyardError) {
      if (error.code === 'SY_DATABASE_BUSY') return true
      return error.code === 'SY_DATABASE_DOWN' && error.details['kind'] !== 'refused'
    }
    return PASSING.includes(this.#cluster.member(this.#control).driver.faultOf(error).kind)
  }

  onEnqueued(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The cluster is its opener's. */
  close(): Promise<void> {
    this.#listeners.clear()
    return Promise.resolve()
  }

  /** Inserts the jobs whose ids are not there; when another process has just stored one of them, looks again. */
  async #insertNew(jobs: readonly ResolvedJob[]): Promise<void> {
    const keyed = jobs.filter(({ key }) => key !== undefined).map(({ id }) => id)
    for (let races = 0; ; races++) {
      try {
        await this.#change(async (table) => {
          const there = await this.#stored(table, keyed)
          await table.insert(
            withDescendants(
              jobs.filter(({ id }) => !there.has(id)),
              null,
            ),
          )
        })
        return
      } catch (error) {
        if (keyed.length === 0 || races >= RACES_MAX || !this.#isTaken(error)) throw error
      }
    }
  }

  async #stored(table: JobTable, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const there = new Set<string>()
    for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
      const some = ids.slice(at, at + IDS_AT_ONCE)
      const rows = await table.rows
        .createQueryBuilder('job')
        .select(['job.seq', 'job.id'])
        .where('job.id IN (:...some)', { some })
        .getMany()
      for (const { id } of rows) there.add(id)
    }
    return there
  }

  #isTaken(error: unknown): boolean {
    const cause = error instanceof ShardyardError ? error.cause : error
    return this.#cluster.member(this.#control).driver.faultOf(cause).kind === 'unique'
  }

  async #dueSeqs(table: JobTable, limit: number, lock: string): Promise<(number | string)[]> {
    const { quote } = this.#cluster.member(this.#control).driver.dialect
    const sql =
      `SELECT seq FROM shardyard_jobs WHERE state = 'pending' AND ${quote('waitsFor')} = 0 AND ` +
      `${quote('dueAt')} <= ${this.#nowMs} ORDER BY ${quote('dueAt')}, seq LIMIT ${limit}${lock}`
    const rows = (await table.rows.query(sql)) as { seq: number | string }[]
    return rows.map(({ seq }) => seq)
  }

  /** Ends the claims whose lease has run out. */
  async #endLost(): Promise<void> {
    const table = this.#table()
    const { quote } = this.#cluster.member(this.#control).driver.dialect
    const lost = await table.rows
      .createQueryBuilder('job')
      .where(`job.state = 'running' AND job.${quote('leaseUntil')} <= ${this.#nowMs}`)
      .take(LOST_AT_ONCE)
      .getMany()
    for (const row of lost) {
      await this.#change(async (within) => {
        const values = within.afterLoss(row, this.options.crashesMax)
        const isEnded = await within.change(
          `${MINE} AND leaseUntil <= ${this.#nowMs}`,
          { id: row.id, fence: row.fence },
          values,
        )
        if (isEnded === 1 && values.state !== 'pending') await within.settle(row.id, row.parent, true)
      })
    }
  }

  async #cancelWithChildren(table: JobTable, row: JobRow): Promise<JobState> {
    const { id } = row
    const isOver = await table.change("id = :id AND state = 'pending'", { id }, table.finished('cancelled'))
    if (isOver === 0) {
      await table.change("id = :id AND state = 'running'", { id }, { isCancelRequested: 1 })
      return (await table.rows.findOneBy({ id }))?.state as JobState
    }
    const children = await table.rows.find({ where: { parent: id }, order: { seq: 'ASC' } })
    for (const child of children) {
      if (!isFinished(child.state as JobState)) await this.#cancelWithChildren(table, child)
    }
    await table.settle(id, row.parent, true)
    return 'cancelled'
  }

  /** A parent waits for the children that are run anew with it, and for those that have not ended yet. */
  async #retryWithChildren(table: JobTable, { id, parent }: JobRow): Promise<void> {
    const children = await table.rows.find({ where: { parent: id }, order: { seq: 'ASC' } })
    for (const child of children.filter(mayBeRetried)) await this.#retryWithChildren(table, child)
    const waitsFor = await table.rows.countBy({ parent: id, isTold: 0 })
    await table.change('id = :id', { id }, { ...ANEW, waitsFor, dueAt: () => this.#nowMs })
    await table.awaitAgain(parent)
  }

  /** Ends a claim, and tells the job's parent in the same transaction. */
  async #end(claim: Claim, hasFailed: boolean, values: (table: JobTable) => object): Promise<void> {
    const { id, parent } = claim.job
    if (parent === undefined) return this.#write(this.#table(), claim, values(this.#table()))
    await this.#change(async (table) => {
      await this.#write(table, claim, values(table))
      await table.settle(id, parent, hasFailed)
    })
  }

  async #write(table: JobTable, claim: Claim, values: object): Promise<void> {
    const { id, fence } = claim.job
    if ((await table.change(MINE, { id, fence }, values)) === 0) throw lostJob(claim)
  }

  #change<T>(work: (table: JobTable) => Promise<T>): Promise<T> {
    return this.#cluster.transaction(
      (tx) => work(new JobTable(tx.manager(this.#control).getRepository(JobSchema), this.#nowMs)),
      { writes: [this.#control] },
    )
  }

  #table(): JobTable {
    return new JobTable(this.#cluster.member(this.#control).dataSource.getRepository(JobSchema), this.#nowMs)
  }

  #leaseEnd(): string {
    return `${this.#nowMs} + ${this.options.leaseMs}`
  }
}

function mayBeRetried({ state }: JobRow): boolean {
  return state === 'failed' || state === 'cancelled'
}

/** Jobs with their children below them, each with its parent; parents first. */
function withDescendants(
  jobs: readonly ResolvedJob[],
  parent: string | null,
): { job: ResolvedJob; parent: string | null }[] {
  return jobs.flatMap((job) => [{ job, parent }, ...withDescendants(job.children, job.id)])
}

function cursorOf(after: string): string {
  if (/^\d{1,18}$/.test(after)) return after
  throw new ShardyardError('SY_OPTION_INVALID', 'Expected `after` to be the `next` of the page before.', {
    details: { option: 'after' },
  })
}
