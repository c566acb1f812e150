/** What of BullMQ and ioredis a queue uses, and how it is opened and closed. */
import type { FlowProducer, Job as BullJob, JobsOptions, Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { withoutSecrets } from '../../cluster/definition.js'
import { ShardyardError } from '../../errors.js'
import { within } from '../../util/sleep.js'
import { backoffMs, type ChildRule } from './job.js'
import type { Envelope } from './bullmq-jobs.js'
import type { QueueOptions } from './job-queue.js'

export const QUEUE_NAME = 'jobs'

/** How long Redis may take for one question. */
const ANSWER_MS = 5_000
const CONNECT_MS = 5_000
/** How much BullMQ keeps of its own stream of events, which nobody reads here. */
const EVENTS_MAX = 100
/** BullMQ gives a job up after so many lost workers; this queue does so itself, by its own count. */
const NEVER = 1_000_000
/** Codes of BullMQ: no such job, no lock, not running, another's lock. */
const LOST_CODES: ReadonlySet<unknown> = new Set([-1, -2, -3, -6])

/** A server and what speaks to it. */
export interface Connections {
  readonly address: string
  readonly bullmq: typeof import('bullmq')
  readonly redis: Redis
  readonly queue: Queue<Envelope>
  readonly flow: FlowProducer
  /** Made by the first call, which also begins to look for lost workers. */
  worker(): Promise<Worker<Envelope>>
  /** Runs `work`, which asks Redis. @throws SY_QUEUE_DOWN when that does not answer */
  ask<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

export async function openConnections(
  url: string,
  prefix: string,
  { leaseMs }: Required<QueueOptions>,
): Promise<Connections> {
  const [bullmq, ioredis] = [load('bullmq') as typeof import('bullmq'), load('ioredis') as typeof import('ioredis')]
  const address = withoutSecrets(url)
  const redis = new ioredis.Redis(url, {
    // A command that was sent when the connection broke may have been done: it fails at once and is not sent again.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: ANSWER_MS,
    retryStrategy: (times) => Math.min(1_000, 50 * times),
  })
  const trouble: Trouble = { address, last: undefined }
  redis.on('error', (error) => (trouble.last = error))
  await connect(redis, trouble)
  const shared = { connection: redis, prefix, skipVersionCheck: true } as const
  const queue = new bullmq.Queue<Envelope>(QUEUE_NAME, { ...shared, streams: { events: { maxLen: EVENTS_MAX } } })
  const flow = new bullmq.FlowProducer(shared)
  queue.on('error', ignore)
  flow.on('error', ignore)
  let working: Promise<Worker<Envelope>> | undefined
  let made: Worker<Envelope> | undefined
  const startWorker = async () => {
    const worker = new bullmq.Worker<Envelope>(QUEUE_NAME, null, {
      ...shared,
      autorun: false,
      lockDuration: leaseMs,
      skipLockRenewal: true,
      stalledInterval: Math.max(50, Math.round(leaseMs / 4)),
      maxStalledCount: NEVER,
      settings: { backoffStrategy: restOf },
    })
    made = worker
    worker.on('error', ignore)
    const isReady = await within(
      worker.waitUntilReady().then(() => true),
      ANSWER_MS,
    )
    if (isReady !== true) {
      await within(worker.close(true), ANSWER_MS)
      throw queueDown(trouble, new Error('it does not answer'))
    }
    await worker.startStalledCheckTimer()
    return worker
  }
  return {
    address,
    bullmq,
    redis,
    queue,
    flow,
    worker: () =>
      (working ??= startWorker().catch((error: unknown) => {
        working = undefined
        throw error
      })),
    ask: (work) => asked(work, trouble),
    async close() {
      await within(Promise.allSettled([made?.close(true), flow.close(), queue.close()]), ANSWER_MS)
      redis.disconnect()
    },
  }
}

/** Where the server is, and what its connection has complained of last. */
interface Trouble {
  readonly address: string
  last: Error | undefined
}

/** How a child tells its parent of its end. */
export function childOptions(rule: ChildRule): JobsOptions {
  switch (rule) {
    case 'fail':
      return { failParentOnFailure: true }
    case 'ignore':
      return { ignoreDependencyOnFailure: true }
    case 'go-on':
      return { continueParentOnFailure: true }
    default:
      return rule satisfies never
  }
}

/** Whether BullMQ refused a write because the job is somebody else's by now, or gone. */
export function isLost(error: unknown): boolean {
  return LOST_CODES.has((error as { code?: unknown } | undefined)?.code)
}

function restOf(attemptsMade: number, _type?: string, _error?: Error, job?: unknown): number {
  return backoffMs((job as BullJob<Envelope> | undefined)?.data.backoffMs ?? 0, attemptsMade)
}

async function connect(redis: Redis, trouble: Trouble): Promise<void> {
  try {
    await redis.connect()
    await redis.ping()
  } catch (cause) {
    redis.disconnect()
    throw queueDown(trouble, cause)
  }
}

async function asked<T>(work: () => Promise<T>, trouble: Trouble): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ShardyardError || !isOutage(error)) throw error
    throw queueDown(trouble, error)
  }
}

function isOutage(error: unknown): boolean {
  return /ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|timed out|Connection is closed|isn't writeable|max retries|NOAUTH|WRONGPASS|LOADING|READONLY|OOM/i.test(
    String((error as Error | undefined)?.message),
  )
}

function queueDown({ address, last }: Trouble, cause: unknown): ShardyardError {
  // Of a connection that is gone the command says only that; what it died of was told before.
  const isGone = /Connection is closed|isn't writeable|max retries/.test((cause as Error).message)
  const { message } = isGone ? (last ?? (cause as Error)) : (cause as Error)
  const isRefusal = /NOAUTH|WRONGPASS|NOPERM/.test(message)
  const advice = isRefusal ? 'Correct user and password in the URL.' : 'Start it, or correct the URL.'
  return new ShardyardError(
    'SY_QUEUE_DOWN',
    `Redis at ${address} cannot be used: ${message.replace(/\.$/, '')}. ${advice}`,
    {
      cause,
      details: { address, kind: isRefusal ? 'refused' : 'unavailable' },
    },
  )
}

function load(name: string): unknown {
  try {
    return require(name)
  } catch (cause) {
    throw new ShardyardError(
      'SY_DRIVER_MISSING',
      `A queue on Redis needs the package "${name}". Run "npm install bullmq ioredis@5".`,
      { cause },
    )
  }
}

/** Whoever asks is told; without a listener an outage would end the process. */
function ignore(): void {}
