/**
 * Work that is begun by the clock. Each moment of a schedule is one job: its key is the schedule and the moment, so that
 * several servers store it once, and one that was late stores it no second time.
 *
 * 1. A time of day that a change of clocks leaves out is taken at its end; one that comes twice is taken once. What has
 *    a star, a step, a range or a list in its hours or minutes follows the hours as they pass.
 * 2. A moment that passes while no server runs is left out. One that passes while this process sleeps, or its queue is
 *    away, comes late, once.
 */
import type { Cron } from 'croner'
import type { Cluster } from '../cluster/cluster.js'
import { environmentValue } from '../cluster/definition.js'
import { ShardyardError } from '../errors.js'
import { jobIdOf, type JobState } from '../pipeline/jobs/job.js'
import type { JobQueue, NewJob } from '../pipeline/jobs/job-queue.js'
import { reportJob, type ReportJobRequest } from '../pipeline/jobs/report-job.js'
import { retentionJob, rollupJob } from '../pipeline/jobs/upkeep-jobs.js'
import { zoneOf } from '../pipeline/normalise/zones.js'
import { sleep } from '../util/sleep.js'
import type { ScheduleSettings } from './define-server.js'
import type { ResolvedServerOptions } from './server-options.js'

/** What a schedule does, and when. */
export interface ScheduleStatus {
  readonly name: string
  readonly cron: string
  readonly timeZone: string
  /** In words: `rollup`, `report sales as pdf`, `retention`. */
  readonly work: string
  readonly nextAt: Date | undefined
  /** The latest moment whose job is still kept. */
  readonly lastAt: Date | undefined
  readonly lastState: JobState | undefined
}

/** With what schedules are kept. */
export interface ScheduleRun {
  readonly signal: AbortSignal
  readonly onTrouble: (sentence: string) => void
}

interface Schedule {
  readonly settings: ScheduleSettings
  readonly timeZone: string
  readonly cron: Cron
}

const NAME = /^[a-z][a-z0-9-]{0,60}$/
/** A clock that was set is noticed within. */
const HOP_MS = 30_000
const RETRY_MIN_MS = 500
const RETRY_MAX_MS = 30_000
/** So many moments back the latest job is looked for. */
const LOOKED_BACK = 3

export class Schedules {
  readonly #cluster: Cluster
  readonly #now: () => number
  readonly #schedules: readonly Schedule[]

  /** `now` is for tests. @throws SY_OPTION_INVALID when a schedule is none; SY_REPORT_UNKNOWN */
  constructor(
    cluster: Cluster,
    settings: readonly ScheduleSettings[],
    { environment, now = Date.now }: Pick<ResolvedServerOptions, 'environment'> & { readonly now?: () => number },
  ) {
    this.#cluster = cluster
    this.#now = now
    this.#schedules = settings.map((one) => scheduleOf(one, environment))
    const names = settings.map(({ name }) => name)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw invalid(twice, 'Another schedule has the same name.')
    // What would fail each time is to fail now.
    for (const schedule of this.#schedules) this.#jobOf(schedule, new Date(0))
  }

  /** Stores each job when its moment has come, until the signal aborts. `onTrouble` is told sentences for people. */
  async run(queue: JobQueue, { signal, onTrouble }: ScheduleRun): Promise<void> {
    await Promise.all(this.#schedules.map((schedule) => this.#follow(schedule, queue, { signal, onTrouble })))
  }

  /** What there is, what comes, and what became of the latest. */
  async list(queue: JobQueue): Promise<readonly ScheduleStatus[]> {
    return Promise.all(this.#schedules.map((schedule) => this.#statusOf(schedule, queue)))
  }

  async #follow(schedule: Schedule, queue: JobQueue, { signal, onTrouble }: ScheduleRun): Promise<void> {
    const told = (sentence: string) => onTrouble(`Schedule "${schedule.settings.name}": ${sentence}`)
    let at = schedule.cron.nextRun(new Date(this.#now()))
    while (at !== null && (await this.#isReached(at, signal))) {
      await store(queue, this.#jobOf(schedule, at), { signal, onTrouble: told })
      at = schedule.cron.nextRun(new Date(Math.max(this.#now(), at.getTime())))
    }
  }

  /** False when the signal aborts first. */
  async #isReached(at: Date, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      if (signal.aborted) return false
      const leftMs = at.getTime() - this.#now()
      if (leftMs <= 0) return true
      await sleep(Math.min(HOP_MS, leftMs), signal).catch(() => undefined)
    }
  }

  #jobOf({ settings: { name, work } }: Schedule, at: Date): NewJob {
    const key = `${name} ${at.toISOString()}`
    switch (work.kind) {
      case 'rollup':
        return rollupJob(this.#cluster, { key, ...(work.name === undefined ? {} : { name: work.name }) })
      case 'report': {
        const { report, format, options = {} } = work
        return reportJob(this.#cluster, { report, format, options, key } as ReportJobRequest)
      }
      case 'retention':
        return retentionJob({ key })
      default:
        return work satisfies never
    }
  }

  async #statusOf(schedule: Schedule, queue: JobQueue): Promise<ScheduleStatus> {
    const { settings, timeZone, cron } = schedule
    const now = new Date(this.#now())
    const base = { name: settings.name, cron: settings.cron, timeZone, work: wordsOf(settings.work) }
    const nextAt = cron.nextRun(now) ?? undefined
    for (const lastAt of cron.previousRuns(LOOKED_BACK, now)) {
      const { kind, key } = this.#jobOf(schedule, lastAt)
      const job = await queue.show(jobIdOf(kind, key))
      if (job !== undefined) return { ...base, nextAt, lastAt, lastState: job.state }
    }
    return { ...base, nextAt, lastAt: undefined, lastState: undefined }
  }
}

function scheduleOf(settings: ScheduleSettings, environment: ResolvedServerOptions['environment']): Schedule {
  const { name, cron, timeZone } = settings
  if (!NAME.test(name)) throw invalid(name, 'Its name is not lower-case words joined by hyphens.')
  const timezone = typeof timeZone === 'string' ? timeZone : environmentValue(timeZone, environment)
  try {
    // Whoever has no time-table loads no package for one.
    const croner = require('croner') as typeof import('croner')
    const pattern = new croner.Cron(cron, { timezone, mode: '5-part', paused: true })
    zoneOf(timezone)
    return { settings, timeZone: timezone, cron: pattern }
  } catch (cause) {
    throw invalid(name, (cause as Error).message, cause)
  }
}

/** Stores a job, when its queue is away as soon as that is back. */
async function store(queue: JobQueue, job: NewJob, { signal, onTrouble }: ScheduleRun): Promise<void> {
  for (let retryMs = RETRY_MIN_MS; !signal.aborted; retryMs = Math.min(RETRY_MAX_MS, retryMs * 2)) {
    try {
      await queue.enqueue(job)
      return
    } catch (error) {
      onTrouble(error instanceof Error ? error.message : String(error))
      if (!queue.mayPass(error)) return
      await sleep(retryMs, signal).catch(() => undefined)
    }
  }
}

function wordsOf(work: ScheduleSettings['work']): string {
  switch (work.kind) {
    case 'rollup':
      return work.name === undefined ? 'rollup' : `rollup ${work.name}`
    case 'report':
      return `report ${work.report} as ${work.format}`
    case 'retention':
      return 'retention'
    default:
      return work satisfies never
  }
}

function invalid(name: string, why: string, cause?: unknown): ShardyardError {
  return new ShardyardError('SY_OPTION_INVALID', `The schedule ${JSON.stringify(name)} cannot be kept: ${why}`, {
    cause,
    details: { option: 'schedules', schedule: name },
  })
}
