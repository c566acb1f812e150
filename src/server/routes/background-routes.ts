import type { FastifyInstance } from 'fastify'
import type { ConsumerStatus } from '../../pipeline/ingest/stream-consumer.js'
import { ingestAccountOf } from '../../pipeline/ingest/part-store.js'
import type { Counts } from '../../pipeline/reports/run-account.js'
import { RunStore } from '../../pipeline/runs/run-store.js'
import { COUNT, ERRORS, MAYBE_NUMBER, MAYBE_TEXT } from '../schemas.js'
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

/** `/consumers`: what goes on here by itself. */
export async function backgroundRoutes(app: FastifyInstance, { cluster, consumers }: ServerContext): Promise<void> {
  app.get('/consumers', {
    config: { scope: 'read' },
    schema: {
      tags: ['server'],
      summary: 'The topics that are read, how far, and what became of their messages',
      response: { 200: listOf(CONSUMER), ...ERRORS },
    },
    handler: async () => ({ items: await Promise.all(consumers.statuses.map(consumerJson)) }),
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

function listOf<const Item extends object>(items: Item) {
  return { type: 'object', required: ['items'], properties: { items: { type: 'array', items } } } as const
}
