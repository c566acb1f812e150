import type { FastifyInstance } from 'fastify'
import type { ConsumerStatus } from '../../pipeline/ingest/stream-consumer.js'
import { ingestAccountOf } from '../../pipeline/ingest/part-store.js'
import type { Counts } from '../../pipeline/reports/run-account.js'
import { RunStore } from '../../pipeline/runs/run-store.js'
import { JOB_STATES } from '../../pipeline/jobs/job.js'
import type { ScheduleStatus } from '../schedules.js'
import { COUNT, ERRORS, MAYBE_NUMBER, MAYBE_TEXT, MAYBE_TIME } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const NONE: Counts = { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }

const CONSUMER = {
  type: 'object',
  required: ['name', 'topic', 'group', 'into', 'state', 'lag', 'counts', 'error'],
  properties: {
    name: { type: 'string' },
    topic: { type: 'string' },
    group: { type: 'string' },
    into: { type: 'string', description: 'the entity that its messages become' },
    state: { enum: ['running', 'waiting', 'stopped'] },
    lag: { ...MAYBE_NUMBER, description: 'messages that wait; null before any is known' },
    run: { ...MAYBE_TEXT, description: 'the run that counts them; null before it has begun' },
    counts: { type: 'object', properties: Object.fromEntries(Object.keys(NONE).map((name) => [name, COUNT])) },
    error: { ...MAYBE_TEXT, description: 'what it waits for, or why it has stopped' },
  },
} as const

const SCHEDULE = {
  type: 'object',
  required: ['name', 'cron', 'timeZone', 'work', 'nextAt', 'lastAt', 'lastState'],
  properties: {
    name: { type: 'string' },
    cron: { type: 'string', description: 'minute, hour, day, month, weekday' },
    timeZone: { type: 'string', description: 'the zone that the clock is read in' },
    work: { type: 'string' },
    nextAt: MAYBE_TIME,
    lastAt: { ...MAYBE_TIME, description: 'the latest moment whose job is still kept' },
    lastState: { enum: [...JOB_STATES, null] },
  },
} as const

/** `/consumers` and `/schedules`: what goes on by itself. */
export async function backgroundRoutes(
  app: FastifyInstance,
  { cluster, queue, consumers, schedules }: ServerContext,
): Promise<void> {
  app.get('/consumers', {
    config: { scope: 'read' },
    schema: {
      tags: ['server'],
      summary: 'The topics that are read, how far, and what became of their messages',
      response: { 200: listOf(CONSUMER), ...ERRORS },
    },
    handler: async () => ({ items: await Promise.all(consumers.statuses.map(consumerJson)) }),
  })

  app.get('/schedules', {
    config: { scope: 'read' },
    schema: {
      tags: ['server'],
      summary: 'The work that the clock begins: when next, and what became of it last',
      response: { 200: listOf(SCHEDULE), ...ERRORS },
    },
    handler: async () => ({ items: (await schedules.list(queue)).map(scheduleJson) }),
  })

  async function consumerJson({ lag, run, error, ...rest }: ConsumerStatus) {
    const counts = await countsOf(run)
    return { ...rest, lag: lag ?? null, run: run ?? null, counts, error: error ?? null }
  }

  /** Of all messages that its group has ever taken, on every server. */
  async function countsOf(run: string | undefined): Promise<Counts> {
    if (run === undefined) return NONE
    const row = await new RunStore(cluster).find(run)
    return row === undefined ? NONE : (await ingestAccountOf(cluster, row)).counts
  }
}

function scheduleJson({ nextAt, lastAt, lastState, ...rest }: ScheduleStatus) {
  return {
    ...rest,
    nextAt: nextAt?.toISOString() ?? null,
    lastAt: lastAt?.toISOString() ?? null,
    lastState: lastState ?? null,
  }
}

function listOf<const Item extends object>(items: Item) {
  return { type: 'object', required: ['items'], properties: { items: { type: 'array', items } } } as const
}
