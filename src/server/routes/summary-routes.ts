import type { FastifyInstance } from 'fastify'
import { nameOf } from '../../cluster/entity.js'
import { rowCount } from '../../cluster/read/row-count.js'
import { summaryOf } from '../../pipeline/runs/summary.js'
import { COUNTS } from '../counts-schema.js'
import { COUNT, ERRORS, MAYBE_NUMBER } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const TEXT = { type: 'string' } as const

const SUMMARY = {
  type: 'object',
  required: ['runs', 'counts', 'successRate', 'missing', 'entities', 'jobs'],
  properties: {
    runs: {
      type: 'object',
      required: ['running', 'complete', 'incomplete'],
      properties: { running: COUNT, complete: COUNT, incomplete: COUNT },
    },
    counts: { ...COUNTS, description: 'of all runs' },
    successRate: MAYBE_NUMBER,
    missing: {
      type: 'array',
      items: TEXT,
      description: 'databases that do not answer: the counts are without theirs',
    },
    entities: {
      type: 'array',
      items: {
        type: 'object',
        required: ['entity', 'database', 'rows'],
        properties: { entity: TEXT, database: TEXT, rows: { ...COUNT, type: ['integer', 'null'] } },
      },
    },
    jobs: {
      type: 'object',
      required: ['pending', 'running', 'complete', 'failed', 'cancelled'],
      properties: { pending: COUNT, running: COUNT, complete: COUNT, failed: COUNT, cancelled: COUNT },
    },
  },
} as const

/** `/summary`: everything in a few numbers. */
export async function summaryRoutes(app: FastifyInstance, context: ServerContext): Promise<void> {
  const { cluster, queue, answers, settings } = context
  const more = settings.summary
  app.get('/summary', {
    config: { scope: 'read' },
    schema: {
      tags: ['cluster'],
      summary: 'Runs, rows and jobs in a few numbers',
      response: { 200: { ...SUMMARY, properties: { ...SUMMARY.properties, ...more?.properties } }, ...ERRORS },
    },
    handler: async () => {
      const [summary, jobs, added] = await Promise.all([
        summaryOf(cluster, (entity, database) =>
          answers.through(`rows ${nameOf(entity)}`, [database], () => rowCount(cluster, entity)),
        ),
        queue.counts(),
        // What cannot be told while a database is down is left out: its health tells that.
        more?.read(cluster).catch(() => undefined),
      ])
      const entities = summary.entities.map((entity) => ({ ...entity, rows: entity.rows ?? null }))
      return { ...summary, successRate: summary.successRate ?? null, entities, jobs, ...added }
    },
  })
}
