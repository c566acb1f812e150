import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ingestJob, type IngestJobRequest } from '../../pipeline/jobs/ingest-job.js'
import { isFinished, JOB_STATES, type Job, type JobState } from '../../pipeline/jobs/job.js'
import type { NewJob } from '../../pipeline/jobs/job-queue.js'
import { redriveJob } from '../../pipeline/jobs/redrive-job.js'
import { sendTagged } from '../entity-tag.js'
import { findIngestion, runOfIngestion } from '../find-ingestion.js'
import { jobOfRequest } from '../idempotency.js'
import { INGESTION, INGESTION_KINDS, ingestionJson } from '../ingestion-json.js'
import { pageJson } from '../page.js'
import { awaitJob, preferredWait } from '../prefer-wait.js'
import { ERRORS, PAGE_QUERY, pageOf } from '../schemas.js'
import { JOB_COST } from '../scope.js'
import type { ServerContext } from '../server-context.js'

const PARAMS = { type: 'object', properties: { id: { type: 'string', maxLength: 40 } } } as const
const NAME = { type: 'string', minLength: 1, maxLength: 200 } as const

const NEW_INGESTION = {
  type: 'object',
  required: ['source', 'into'],
  additionalProperties: false,
  properties: {
    source: {
      type: 'object',
      description: 'an upload, or a file under a root that the installation names',
      additionalProperties: false,
      properties: { upload: NAME, root: NAME, path: { type: 'string', minLength: 1, maxLength: 1_000 } },
      oneOf: [{ required: ['upload'] }, { required: ['root', 'path'] }],
    },
    into: { ...NAME, description: 'entity that the records become' },
    format: { enum: ['auto', 'csv', 'json', 'ndjson'] },
    map: {
      type: 'object',
      maxProperties: 2_048,
      additionalProperties: NAME,
      description: 'name in the source, or JSON pointer into the record, to property',
    },
    dedupe: { enum: ['raw', 'canonical', 'key'], description: 'what makes two records the same' },
    ledger: { enum: ['full', 'rejects', 'counts'], description: 'what is kept of the records' },
    threads: { type: 'integer', minimum: 1, maximum: 64 },
    maxRejects: { type: ['integer', 'string'], minimum: 0, maxLength: 20, description: 'a number, or a share: 5%' },
    encoding: NAME,
    delimiter: { type: 'string', minLength: 1, maxLength: 1 },
    header: { type: 'array', maxItems: 2_048, items: NAME, description: 'CSV without a header line: its columns' },
    path: { ...NAME, description: 'JSON: the member that holds the records' },
    zone: { ...NAME, description: 'time zone of dates that say none' },
    dryRun: { type: 'boolean', default: false, description: 'only look: `preview` tells what would become of it' },
  },
} as const

const REDRIVE = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: { upload: { ...NAME, description: 'a corrected export; without one they are loaded as they stood' } },
} as const

const STORED = { 200: { $ref: 'Ingestion#' }, 202: { $ref: 'Ingestion#' }, ...ERRORS } as const

type ById = { Params: { id: string } }

/** `/ingestions`: loads of files, begun, watched, stopped, and gone on with; and of what they have refused. */
export async function ingestionRoutes(app: FastifyInstance, context: ServerContext): Promise<void> {
  app.addSchema(INGESTION)
  tellIngestions(app, context)
  app.post<{ Body: Omit<IngestJobRequest, 'isDryRun'> & { dryRun: boolean } }>('/ingestions', {
    config: { scope: 'ingest', cost: JOB_COST },
    schema: {
      tags: ['loads'],
      summary: 'Begins an ingestion, or a look at what it would do',
      description: 'With `Prefer: wait=5` the answer waits so many seconds, 30 at most, for its end; it is 200 then.',
      body: NEW_INGESTION,
      response: STORED,
    },
    handler: async (request, reply) => {
      const { dryRun, ...given } = request.body
      const asked = { ...given, isDryRun: dryRun }
      const job = await ingestJob(context.cluster, asked, placesOf(context))
      return store(context, job, { request, reply })
    },
  })
  for (const action of ['cancel', 'resume'] as const) {
    app.post<ById>(`/ingestions/:id/${action}`, {
      config: { scope: 'ingest' },
      schema: {
        tags: ['loads'],
        summary: action === 'cancel' ? 'Stops an ingestion so that it can go on later' : 'Goes on where it has stopped',
        params: PARAMS,
        response: { 202: { $ref: 'Ingestion#' }, ...ERRORS },
      },
      handler: async ({ params }, reply) => {
        const { id } = await findIngestion(context, params.id)
        await (action === 'cancel' ? context.queue.cancel(id) : context.queue.retry(id))
        const job = await findIngestion(context, id)
        return reply.status(202).send(await ingestionJson(context.cluster, job))
      },
    })
  }
  redrives(app, context)
}

function tellIngestions(app: FastifyInstance, context: ServerContext): void {
  app.get<{ Querystring: { limit: number; after?: string; state?: JobState } }>('/ingestions', {
    config: { scope: 'read' },
    schema: {
      tags: ['loads'],
      summary: 'Ingestions and redrives, the latest first',
      querystring: { type: 'object', properties: { ...PAGE_QUERY, state: { enum: JOB_STATES } } },
      response: { 200: pageOf({ $ref: 'Ingestion#' }), ...ERRORS },
    },
    handler: async (request, reply) => {
      const { jobs, next } = await context.queue.list({ ...request.query, kinds: INGESTION_KINDS })
      const items = await Promise.all(jobs.map((job) => ingestionJson(context.cluster, job)))
      return pageJson(request, reply, items, next)
    },
  })
  app.get<ById>('/ingestions/:id', {
    config: { scope: 'read' },
    schema: {
      tags: ['loads'],
      summary: 'An ingestion',
      params: PARAMS,
      response: {
        200: { $ref: 'Ingestion#' },
        304: { type: 'null', description: 'as `If-None-Match` knows it' },
        ...ERRORS,
      },
    },
    handler: async (request, reply) => {
      const job = await findIngestion(context, request.params.id)
      return sendTagged(request, reply, await ingestionJson(context.cluster, job))
    },
  })
}

/** Rejects are loaded again by their run, or by the ingestion that has made it. */
function redrives(app: FastifyInstance, context: ServerContext): void {
  const places = [
    { url: '/runs/:id/redrive', runOf: (id: string) => Promise.resolve(id) },
    { url: '/ingestions/:id/rejects/redrive', runOf: (id: string) => runOfIngestion(context, id) },
  ]
  for (const { url, runOf } of places) {
    app.post<ById & { Body: { upload?: string } | null | undefined }>(url, {
      config: { scope: 'ingest' },
      schema: {
        tags: ['loads'],
        summary: 'Loads the rejects again, as they stood or corrected',
        params: PARAMS,
        body: REDRIVE,
        response: STORED,
      },
      handler: async (request, reply) => {
        const run = await runOf(request.params.id)
        const asked = { run, upload: request.body?.upload }
        return store(context, await redriveJob(context.cluster, asked, context), { request, reply })
      },
    })
  }
}

function placesOf({ uploads, roots }: ServerContext) {
  return { uploads, roots }
}

/** Stores a job; answers with it at once, or at its end when the client prefers to wait. */
async function store(
  { queue, cluster, stopping }: ServerContext,
  job: NewJob,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const id = await queue.enqueue(jobOfRequest(job, request))
  const seconds = preferredWait(request)
  const stored = (await awaitJob(queue, id, { seconds, signal: stopping })) as Job
  if (seconds > 0) reply.header('preference-applied', `wait=${seconds}`)
  reply.header('location', `/api/v1/ingestions/${id}`)
  const isOver = isFinished(stored.state)
  if (!isOver) reply.header('retry-after', '1')
  return reply.status(isOver ? 200 : 202).send(await ingestionJson(cluster, stored))
}
