import type { FastifyInstance } from 'fastify'
import { unknownJob } from '../../pipeline/jobs/job-errors.js'
import { JOB_STATES, type Job, type JobState } from '../../pipeline/jobs/job.js'
import { COUNT, ERRORS, MAYBE_TEXT, MAYBE_TIME, PAGE_QUERY, pageOf, TIME } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

export const JOB = {
  $id: 'Job',
  type: 'object',
  required: ['id', 'kind', 'state', 'failures', 'createdAt'],
  properties: {
    id: { type: 'string' },
    kind: { type: 'string' },
    state: { enum: JOB_STATES },
    parent: MAYBE_TEXT,
    waitsFor: { ...COUNT, description: 'children that have not settled' },
    attempts: { ...COUNT, description: 'errors that end it' },
    failures: COUNT,
    crashes: COUNT,
    isCancelRequested: { type: 'boolean' },
    progress: {
      type: ['object', 'null'],
      properties: {
        done: { type: 'number' },
        total: { type: 'number' },
        note: { type: 'string' },
        run: { type: 'string' },
        rejected: { type: 'number' },
        recordsPerSecond: { type: 'number' },
      },
    },
    error: {
      type: ['object', 'null'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    },
    createdAt: TIME,
    startedAt: MAYBE_TIME,
    finishedAt: MAYBE_TIME,
  },
} as const

const PARAMS = { type: 'object', properties: { id: { type: 'string', maxLength: 40 } } } as const

/** `/jobs`: what is done in the background. */
export async function jobRoutes(app: FastifyInstance, { queue }: ServerContext): Promise<void> {
  app.addSchema(JOB)
  app.get<{ Querystring: { limit: number; after?: string; state?: JobState } }>('/jobs', {
    config: { scope: 'read' },
    schema: {
      tags: ['jobs'],
      summary: 'Jobs, the latest first',
      querystring: { type: 'object', properties: { ...PAGE_QUERY, state: { enum: JOB_STATES } } },
      response: { 200: pageOf({ $ref: 'Job#' }), ...ERRORS },
    },
    handler: async ({ query }) => {
      const { jobs, next } = await queue.list(query)
      return { items: jobs.map(jobJson), next: next ?? null }
    },
  })
  app.get<{ Params: { id: string } }>('/jobs/:id', {
    config: { scope: 'read' },
    schema: { tags: ['jobs'], summary: 'A job', params: PARAMS, response: { 200: { $ref: 'Job#' }, ...ERRORS } },
    handler: async ({ params }) => jobJson(await jobOf(params.id)),
  })
  for (const action of ['retry', 'cancel'] as const) {
    app.post<{ Params: { id: string } }>(`/jobs/:id/${action}`, {
      config: { scope: 'admin' },
      schema: {
        tags: ['jobs'],
        summary: action === 'retry' ? 'Runs a failed or cancelled job anew' : 'Cancels a job',
        params: PARAMS,
        response: { 202: { $ref: 'Job#' }, ...ERRORS },
      },
      handler: async ({ params }, reply) => {
        await queue[action](params.id)
        return reply.status(202).send(jobJson(await jobOf(params.id)))
      },
    })
  }

  async function jobOf(id: string): Promise<Job> {
    const job = await queue.show(id)
    if (job === undefined) throw unknownJob(id)
    return job
  }
}

/** A job as the API tells it: without its data, which its own routes tell. */
export function jobJson(job: Job) {
  const { id, kind, state, waitsFor, attempts, failures, crashes, isCancelRequested } = job
  return {
    id,
    kind,
    state,
    waitsFor,
    attempts,
    failures,
    crashes,
    isCancelRequested,
    parent: job.parent ?? null,
    progress: job.progress ?? null,
    error: job.error ?? null,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
  }
}
