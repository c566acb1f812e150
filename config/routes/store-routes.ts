/** `/trigger_report` and `/get_report` of the store monitoring: the report store-uptime, made as a job. */
import { jobOfRequest } from '../../src/server/idempotency.js'
import { createReadStream } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { BusinessHours } from '../../entities/business-hours.js'
import { Store } from '../../entities/store.js'
import { StoreStatus } from '../../entities/store-status.js'
import { jobFileOf } from '../../src/pipeline/jobs/job-files.js'
import type { Job, JobState } from '../../src/pipeline/jobs/job.js'
import { reportJob } from '../../src/pipeline/jobs/report-job.js'
import { HttpProblem } from '../../src/server/problem.js'
import { ERRORS } from '../../src/server/schemas.js'
import type { ServerContext } from '../../src/server/server-context.js'
import { ignoreBodies, otherSystem, TAG } from './other-system.js'
import { readyFor } from './ready-for.js'

const REPORT = 'store-uptime'
/** The original was mounted under `/api/v1`, and its users read of it without. */
const PREFIXES = ['', '/api/v1'] as const
/** The words of the original. A job that was cancelled makes no report either. */
const STATUSES: Readonly<Record<Exclude<JobState, 'complete'>, string>> = {
  pending: 'PENDING',
  running: 'RUNNING',
  failed: 'FAILED',
  cancelled: 'FAILED',
}

export const storeRoutes = otherSystem(async (app, context) => {
  const ready = readyFor(context.cluster, [Store, BusinessHours, StoreStatus])
  ignoreBodies(app)
  for (const prefix of PREFIXES) {
    triggerRoute(app, `${prefix}/trigger_report`, { context, ready })
    statusRoute(app, `${prefix}/get_report`, context)
  }
})

function triggerRoute(
  app: FastifyInstance,
  url: string,
  { context: { cluster, queue }, ready }: { readonly context: ServerContext; readonly ready: () => Promise<unknown> },
): void {
  app.post(url, {
    config: { scope: 'read', successor: '/api/v1/reports' },
    schema: {
      tags: [TAG],
      summary: 'Has the report of the uptime of stores made',
      response: {
        202: {
          description: 'asked for',
          type: 'object',
          required: ['report_id'],
          properties: { report_id: { type: 'string' } },
        },
        ...ERRORS,
      },
    },
    handler: async (request, reply) => {
      await ready()
      const id = await queue.enqueue(jobOfRequest(reportJob(cluster, { report: REPORT, format: 'csv' }), request))
      return reply.status(202).send({ report_id: id })
    },
  })
}

function statusRoute(app: FastifyInstance, url: string, { queue, files }: ServerContext): void {
  app.get<{ Querystring: { report_id?: string } }>(url, {
    config: { scope: 'read', successor: '/api/v1/reports' },
    schema: {
      tags: [TAG],
      summary: 'How far the report is; the report when it is there',
      querystring: { type: 'object', properties: { report_id: { type: 'string', maxLength: 100 } } },
      response: { 200: STATUS_OR_CSV, ...ERRORS },
    },
    handler: async ({ query: { report_id: id = '' } }, reply) => {
      if (id === '') throw new HttpProblem('REQUEST_INVALID', 'Report ID is required')
      const job = await queue.show(id)
      if (job === undefined || !isOfStores(job)) throw new HttpProblem('NOT_FOUND', 'Report not found')
      if (job.state === 'complete') return sendCsv(job, reply)
      const why = job.state === 'failed' && job.error !== undefined ? { error: job.error.message } : {}
      return reply.type('application/json').send({ status: STATUSES[job.state], ...why })
    },
  })

  async function sendCsv(job: Job, reply: FastifyReply) {
    const file = jobFileOf(job.result)
    if (file === undefined) throw new HttpProblem('GONE', 'The file of the report is not kept any more.')
    // Read once before it is sent: what is damaged is told as an error.
    const content = createReadStream(await files.verify(file))
    return reply
      .header('content-disposition', `attachment; filename=${job.id}.csv`)
      .header('content-length', file.sizeBytes)
      .type('text/csv; charset=utf-8')
      .send(content)
  }
}

/** Jobs of other reports have routes of their own. */
function isOfStores({ kind, data }: Job): boolean {
  const { report, format } = (data ?? {}) as { readonly report?: unknown; readonly format?: unknown }
  return kind === 'report' && report === REPORT && format === 'csv'
}

const STATUS_OR_CSV = {
  description: 'how far it is, or the report',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['status'],
        properties: { status: { enum: ['PENDING', 'RUNNING', 'FAILED'] }, error: { type: 'string' } },
      },
    },
    'text/csv': { schema: { type: 'string' } },
  },
} as const
