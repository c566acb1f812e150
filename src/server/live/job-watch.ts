import type { Job } from '../../pipeline/jobs/job.js'
import { isFinished } from '../../pipeline/jobs/job.js'
import { jobJson } from '../routes/job-routes.js'
import type { ServerContext } from '../server-context.js'
import type { Watch } from './live-watcher.js'

const NEWEST = 50
const RUNNING_MAX = 100
/** Whoever has just begun to listen may have asked for a job before it ended: the first look tells of such ones too. */
const JUST_MS = 30_000

interface Known {
  readonly text: string
  readonly isOver: boolean
}

/** Jobs that come, run and end, whoever runs them: `job`. */
export class JobWatch implements Watch {
  readonly #context: ServerContext
  #known: Map<string, Known> | undefined

  constructor(context: ServerContext) {
    this.#context = context
  }

  async look(): Promise<void> {
    const { live } = this.#context
    const before = this.#known
    const known = new Map<string, Known>()
    for (const job of await this.#jobs()) {
      const told = jobJson(job)
      const text = JSON.stringify(told)
      const isOver = isFinished(job.state)
      known.set(job.id, { text, isOver })
      const isNews = before === undefined ? !isOver || justEnded(job) : before.get(job.id)?.text !== text
      if (isNews) live.publish('job', told)
    }
    this.#known = known
  }

  forget(): void {
    this.#known = undefined
  }

  /** The newest, those that run, and those that were on their way at the last look; the oldest first. */
  async #jobs(): Promise<readonly Job[]> {
    const { queue } = this.#context
    const [newest, running] = await Promise.all([
      queue.list({ limit: NEWEST }),
      queue.list({ state: 'running', limit: RUNNING_MAX }),
    ])
    const jobs = new Map([...newest.jobs, ...running.jobs].map((job) => [job.id, job]))
    for (const [id, { isOver }] of this.#known ?? []) {
      if (isOver || jobs.has(id)) continue
      const job = await queue.show(id)
      if (job !== undefined) jobs.set(id, job)
    }
    return [...jobs.values()].toReversed()
  }
}

function justEnded({ finishedAt }: Job): boolean {
  return finishedAt !== undefined && Date.now() - finishedAt.getTime() < JUST_MS
}
