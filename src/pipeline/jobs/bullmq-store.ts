/** How jobs with their children are stored in Redis: all of them in one transaction of BullMQ. */
import type { FlowJob, JobsOptions, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { childOptions, QUEUE_NAME, type Connections } from './bullmq-connections.js'
import type { Envelope } from './bullmq-jobs.js'
import type { ChildRule, Json } from './job.js'
import type { ResolvedJob } from './job-options.js'

/** Whose children are stored. */
export interface ParentLink {
  readonly rule: ChildRule
  /** Undefined while the parent is stored with them. */
  readonly parent?: JobsOptions['parent']
}

const ENTRIES_AT_ONCE = 1_000

/** Stores jobs that are not there yet. */
export async function storeJobs(server: Connections, jobs: readonly ResolvedJob[], link?: ParentLink): Promise<void> {
  if (jobs.length === 0) return
  const { redis, queue, flow } = server
  const ids = jobs.flatMap(idsOf)
  const nowMs = await serverNowMs(redis)
  const last = await redis.incrby(ownKey(queue, 'count'), ids.length)
  const entries = ids.map((id, index) => [last - ids.length + 1 + index, id] as const)
  for (let at = 0; at < entries.length; at += ENTRIES_AT_ONCE) {
    await redis.zadd(ownKey(queue, 'order'), 'NX', ...entries.slice(at, at + ENTRIES_AT_ONCE).flat())
  }
  await flow.addBulk(jobs.map((job, index) => flowOf(job, nowMs, index, link)))
}

/** The clock of Redis, which is that of every worker. */
export async function serverNowMs(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.time()
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
}

/** A key beside those of BullMQ. */
export function ownKey(queue: Queue<Envelope>, name: 'order' | 'count' | 'cancelled' | 'crashes'): string {
  return queue.toKey(`own:${name}`)
}

function idsOf(job: ResolvedJob): string[] {
  return [job.id, ...job.children.flatMap(idsOf)]
}

function flowOf(job: ResolvedJob, nowMs: number, index: number, link?: ParentLink): FlowJob {
  const envelope: Envelope = {
    data: JSON.parse(job.data) as Json,
    key: job.key,
    index,
    hasChildren: job.children.length > 0,
    rule: link?.rule,
    backoffMs: job.backoffMs,
  }
  const opts = {
    jobId: job.id,
    timestamp: nowMs,
    attempts: job.attempts,
    delay: job.delayMs,
    backoff: { type: 'shardyard' },
    ...(link === undefined ? {} : childOptions(link.rule)),
    ...(link?.parent === undefined ? {} : { parent: link.parent }),
  }
  const below = { rule: job.onChildFailure }
  const children = job.children.map((child, at) => flowOf(child, nowMs, at, below))
  const one = { name: job.kind, queueName: QUEUE_NAME, data: envelope, opts }
  return children.length === 0 ? one : { ...one, children }
}
