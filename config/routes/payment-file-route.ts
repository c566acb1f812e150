/** `POST /api/v1/ingest`: a file of payments under a named root, loaded as a job that the call waits for. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { jobOfRequest } from '../../src/server/idempotency.js'
import { Transaction } from '../../entities/transaction.js'
import { ShardyardError } from '../../src/errors.js'
import { detectShape } from '../../src/pipeline/formats/detect-shape.js'
import { resolveScanOptions } from '../../src/pipeline/formats/scan-options.js'
import type { SourceFormat } from '../../src/pipeline/formats/source-shape.js'
import { ingestJob } from '../../src/pipeline/jobs/ingest-job.js'
import type { NewJob } from '../../src/pipeline/jobs/job-queue.js'
import { isFinished, type Job } from '../../src/pipeline/jobs/job.js'
import type { EntityOutcomes } from '../../src/pipeline/ingest/entity-outcomes.js'
import { openRooted, type RootedPath } from '../../src/pipeline/uploads/rooted-file.js'
import { awaitJob, preferredWait } from '../../src/server/prefer-wait.js'
import { HttpProblem } from '../../src/server/problem.js'
import { ERRORS, MAYBE_TEXT } from '../../src/server/schemas.js'
import type { ServerContext } from '../../src/server/server-context.js'
import { TAG } from './other-system.js'
import { SUMMARY_PROPERTIES, summaryMembers } from './transaction-summary.js'

/** A load that takes longer is answered as one that goes on. */
const WAIT_S = 30

interface Query {
  readonly file_path?: string
  readonly source_type: string
}

export function paymentFileRoute(app: FastifyInstance, context: ServerContext): void {
  app.post<{ Querystring: Query }>('/api/v1/ingest', {
    config: { scope: 'ingest', successor: '/api/v1/ingestions' },
    schema: {
      tags: [TAG],
      summary: 'Loads a file of payments that lies under a named root, and waits for it',
      description: 'Waits for 30 seconds; with `Prefer: wait=5` for so many.',
      querystring: {
        type: 'object',
        properties: {
          file_path: { type: 'string', maxLength: 1_000, description: 'name of the root, a slash, the path in it' },
          source_type: { type: 'string', maxLength: 50, default: 'csv', description: 'csv or json' },
        },
      },
      response: { 200: LOADED, 202: LOADED, 422: NOT_GIVEN, ...ERRORS },
    },
    handler: async (request, reply) => {
      const { file_path: path, source_type: type } = request.query
      if (path === undefined) return reply.status(422).type('application/json').send(MISSING_PATH)
      if (type !== 'csv' && type !== 'json') throw unsupported(type)
      const job = await jobOf(context, placeOf(path), type).catch((error: unknown) => Promise.reject(toldOf(error)))
      const id = await context.queue.enqueue(jobOfRequest(job, request))
      const seconds = request.headers['prefer'] === undefined ? WAIT_S : preferredWait(request)
      const stored = await awaitJob(context.queue, id, { seconds, signal: context.stopping })
      return tell(stored, { id, path, type, reply })
    },
  })
}

async function jobOf({ cluster, roots, uploads }: ServerContext, source: RootedPath, type: 'csv' | 'json') {
  const format = type === 'csv' ? 'csv' : await jsonFormatOf(roots, source)
  return ingestJob(cluster, { source, into: Transaction.name, format }, { uploads, roots }) satisfies Promise<NewJob>
}

/** The original took an object a line; a document with a list of objects is JSON too. What is neither is refused by line. */
async function jsonFormatOf(roots: ServerContext['roots'], source: RootedPath): Promise<SourceFormat> {
  const { handle } = await openRooted(roots, source)
  try {
    const { format, path } = await detectShape(handle, resolveScanOptions())
    return format === 'json' && path !== null ? 'json' : 'ndjson'
  } finally {
    await handle.close()
  }
}

function placeOf(path: string): RootedPath {
  const at = path.indexOf('/')
  if (at > 0) return { root: path.slice(0, at), path: path.slice(at + 1) }
  throw new HttpProblem('REQUEST_INVALID', 'Begin `file_path` with the name of a root: inbox/payments.csv.')
}

function unsupported(type: string): HttpProblem {
  const why = type === 'kafka' ? 'A topic has no end: declare a consumer in the config.' : 'It is csv or json.'
  return new HttpProblem('REQUEST_INVALID', `Source type ${type} not supported. ${why}`)
}

/** A path that is none is a bad request, and a file that is not there is not found. */
function toldOf(error: unknown): unknown {
  if (!(error instanceof ShardyardError)) return error
  if (error.code === 'SY_OPTION_INVALID') return new HttpProblem('REQUEST_INVALID', error.message)
  const isMissing = error.details['code'] === 'ENOENT' || error.details['code'] === 'ENOTDIR'
  return isMissing ? new HttpProblem('NOT_FOUND', error.message) : error
}

interface Asked {
  readonly id: string
  readonly path: string
  readonly type: string
  readonly reply: FastifyReply
}

function tell(job: Job | undefined, { id, path, type, reply }: Asked): FastifyReply {
  if (job === undefined || !isFinished(job.state)) {
    const message = `Processing ${path} as ${type}; ingestion ${id} goes on`
    reply.header('location', `/api/v1/ingestions/${id}`).header('retry-after', '1')
    return reply.status(202).send({ status: 'accepted', message, summary: null })
  }
  if (job.state !== 'complete') throw failed(job)
  const { run, counts } = job.result as unknown as { run: string; counts: EntityOutcomes['counts'] }
  const summary = { ...summaryMembers(counts), duplicates: counts.duplicate, run }
  return reply.send({ status: 'success', message: `Processed ${path} as ${type}`, summary })
}

function failed({ state, error }: Job): HttpProblem {
  if (state === 'cancelled') return new HttpProblem('CONFLICT', 'The ingestion was cancelled.')
  if (error?.code === 'SY_SOURCE_UNREADABLE') return new HttpProblem('REQUEST_INVALID', error.message)
  return new HttpProblem('INTERNAL', 'Internal server error during ingestion')
}

const MISSING_PATH = {
  detail: [{ type: 'missing', loc: ['query', 'file_path'], msg: 'Field required', input: null }],
} as const
const NOT_GIVEN = {
  description: 'no `file_path`, as the original said it; or a file that cannot be read',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['detail'],
        properties: {
          detail: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                type: { type: 'string' },
                loc: { type: 'array', items: { type: 'string' } },
                msg: { type: 'string' },
                input: { type: 'null' },
              },
            },
          },
        },
      },
    },
    'application/problem+json': { schema: { $ref: 'Problem#' } },
  },
} as const
const LOADED = {
  description: 'what has become of the file; without a summary while it is still loaded',
  type: 'object',
  required: ['status', 'message', 'summary'],
  properties: {
    status: { enum: ['success', 'accepted'] },
    message: { type: 'string' },
    summary: {
      type: ['object', 'null'],
      properties: {
        ...SUMMARY_PROPERTIES,
        duplicates: { type: 'integer', description: 'of the successful ones: were there before' },
        run: MAYBE_TEXT,
      },
    },
  },
} as const
