import type { FastifyInstance } from 'fastify'
import { unknownJob } from '../../pipeline/jobs/job-errors.js'
import { simulationJob, type SimulationJobRequest } from '../../pipeline/jobs/simulation-job.js'
import { jobOfRequest } from '../idempotency.js'
import { runOfJob } from '../ingestion-json.js'
import { ERRORS, MAYBE_TEXT } from '../schemas.js'
import { JOB_COST } from '../scope.js'
import type { ServerContext } from '../server-context.js'
import { JOB, jobJson } from './job-routes.js'

const PARAMS = { type: 'object', properties: { id: { type: 'string', maxLength: 40 } } } as const
const SIMULATION = { ...JOB, $id: 'Simulation', properties: { ...JOB.properties, run: MAYBE_TEXT } } as const

const NEW_SIMULATION = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    threads: { type: 'integer', minimum: 1, maximum: 64, description: 'default 10' },
    batch: { type: 'integer', minimum: 1, maximum: 10_000, description: 'records in one transaction, default 1' },
    count: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000_000,
      description: 'records to make; without it the sample',
    },
    seed: { type: 'integer', minimum: 1, maximum: 9_007_198, description: 'which records are made' },
    invalid: { type: 'number', minimum: 0, maximum: 1, description: 'share of them with an error, default 0.15' },
  },
} as const

/** `/simulations`: loads of made records. */
export async function simulationRoutes(app: FastifyInstance, { cluster, queue }: ServerContext): Promise<void> {
  app.addSchema(SIMULATION)
  app.post<{ Body: SimulationJobRequest | null | undefined }>('/simulations', {
    config: { scope: 'ingest', cost: JOB_COST },
    schema: {
      tags: ['loads'],
      summary: 'Loads made records with many threads',
      body: NEW_SIMULATION,
      response: { 202: { $ref: 'Simulation#' }, ...ERRORS },
    },
    handler: async (request, reply) => {
      const id = await queue.enqueue(jobOfRequest(simulationJob(cluster, request.body ?? {}), request))
      const headers = { location: `/api/v1/simulations/${id}`, 'retry-after': '1' }
      return reply
        .status(202)
        .headers(headers)
        .send(await simulationJson(id))
    },
  })
  app.get<{ Params: { id: string } }>('/simulations/:id', {
    config: { scope: 'read' },
    schema: {
      tags: ['loads'],
      summary: 'A simulation: its job, and its run once that has begun',
      params: PARAMS,
      response: { 200: { $ref: 'Simulation#' }, ...ERRORS },
    },
    handler: async ({ params }) => simulationJson(params.id),
  })

  async function simulationJson(id: string) {
    const job = await queue.show(id)
    if (job?.kind !== 'simulation') throw unknownJob(id)
    return { ...jobJson(job), run: runOfJob(job) ?? null }
  }
}
