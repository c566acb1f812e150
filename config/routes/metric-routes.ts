/** `/process-data` and `/generate-report` of the distributed reporting. */
import { randomInt } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Metric } from '../../entities/metric.js'
import { SampleFile } from '../../src/pipeline/generate/sample-file.js'
import { samplesOf } from '../../src/pipeline/generate/generate-file.js'
import { SEED_MAX } from '../../src/pipeline/generate/sample-options.js'
import { ingest } from '../../src/pipeline/ingest/ingest.js'
import type { IngestSource } from '../../src/pipeline/ingest/ingest-options.js'
import { readRejects } from '../../src/pipeline/ingest/rejects.js'
import { findRun } from '../../src/pipeline/runs/find-run.js'
import { HttpProblem, type ProblemError } from '../../src/server/problem.js'
import { COUNT, ERRORS, TIME } from '../../src/server/schemas.js'
import type { ServerContext } from '../../src/server/server-context.js'
import { otherSystem, TAG } from './other-system.js'
import { readyFor } from './ready-for.js'
import { reportRows } from './send-report.js'

/** What the original made at each call: ten batches of 500. */
const ORIGINAL_ROWS = 5_000
const GENERATE_MAX = 100_000
const ROWS_MAX = 10_000
const REJECTS_TOLD = 20

interface Generated {
  readonly generate: number
  readonly seed?: number
}
type Given = readonly object[] | { readonly rows: readonly object[] } | Generated

export const metricRoutes = otherSystem(async (app, context) => {
  const { cluster } = context
  const ready = readyFor(cluster, [Metric])
  takeNothing(app)

  app.post<{ Body: Given }>('/process-data', {
    config: { scope: 'ingest', successor: '/api/v1/ingestions' },
    schema: {
      tags: [TAG],
      summary: 'Takes readings, or makes some; without a body 5,000 with a new seed',
      body: GIVEN,
      response: { 200: PROCESSED, ...ERRORS },
    },
    preValidation: async (request) => {
      request.body ??= { generate: ORIGINAL_ROWS }
    },
    handler: async ({ body }) => {
      await ready()
      const { source, seed } = sourceOf(context, body)
      const { id, counts } = await ingest(cluster, [source], { into: Metric, threads: 1 })
      const rejects = counts.rejected === 0 ? [] : await rejectsOf(context, id)
      if (counts.rejected > 0 && counts.accepted + counts.duplicate === 0)
        throw new HttpProblem('INVALID', 'None of the rows is a reading.', { errors: rejects })
      const all = counts.accepted + counts.duplicate + counts.rejected
      const status =
        counts.rejected === 0 ? 'Data processed successfully' : `${counts.rejected} of ${all} rows were refused`
      return { status, run: id, counts, rejects, ...(seed === undefined ? {} : { seed }) }
    },
  })

  app.post('/generate-report', {
    config: { scope: 'read', successor: '/api/v1/reports' },
    schema: {
      tags: [TAG],
      summary: 'Average, highest and lowest value of each metric',
      response: { 200: REPORT, ...ERRORS },
    },
    handler: async (_request, reply) => {
      await ready()
      return {
        status: 'Report generated',
        generated_at: new Date().toISOString(),
        metrics: await metricsOf(context, reply),
      }
    },
  })
})

function sourceOf({ cluster }: ServerContext, given: Given): { readonly source: IngestSource; readonly seed?: number } {
  if ('rows' in given) return { source: given.rows }
  if (!('generate' in given)) return { source: given }
  const { generate: count, seed = randomInt(1, SEED_MAX) } = given
  const sample = new SampleFile(samplesOf(cluster.definition, Metric.name), {
    count,
    seed,
    invalid: 0,
    format: 'ndjson',
  })
  return { source: Readable.from(sample.blocks()), seed }
}

/** Why the first rows were refused; a row is known by its place in the list. */
async function rejectsOf({ cluster }: ServerContext, run: string): Promise<readonly ProblemError[]> {
  const errors: ProblemError[] = []
  for await (const { line, reasons } of readRejects(cluster, await findRun(cluster, run))) {
    for (const { code, pointer, message } of reasons)
      errors.push({ pointer: `#/${line - 1}${pointer}`, code, detail: message })
    if (errors.length >= REJECTS_TOLD) break
  }
  return errors
}

async function metricsOf(context: ServerContext, reply: FastifyReply): Promise<readonly object[]> {
  const metrics: object[] = []
  const request = { report: 'metrics', options: { window: 'all' }, table: 'metrics' }
  for await (const { metric, average, maximum, minimum, ...others } of reportRows(context, request, reply))
    metrics.push({ metric_name: metric, avg_value: average, max_value: maximum, min_value: minimum, ...others })
  return metrics
}

/** JSON where there is any; the original read no body, so that one without a word is welcome whatever its type. */
function takeNothing(scope: FastifyInstance): void {
  const parseJson = scope.getDefaultJsonParser('error', 'error')
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined)
    if (/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
      return parseJson(request, body as string, done)
    done(new HttpProblem('TYPE_UNSUPPORTED', 'Send rows as application/json.'))
  })
}

const ROWS = {
  type: 'array',
  minItems: 1,
  maxItems: ROWS_MAX,
  items: { type: 'object', description: '{ source, metric_name, metric_value, created_at }' },
} as const
const GIVEN = {
  anyOf: [
    ROWS,
    { type: 'object', required: ['rows'], additionalProperties: false, properties: { rows: ROWS } },
    {
      type: 'object',
      required: ['generate'],
      additionalProperties: false,
      properties: {
        generate: { type: 'integer', minimum: 1, maximum: GENERATE_MAX, description: 'how many readings' },
        seed: { type: 'integer', minimum: 1, maximum: SEED_MAX, description: 'the same seed gives the same readings' },
      },
    },
  ],
} as const
const PROCESSED = {
  description: 'what has become of the rows',
  type: 'object',
  required: ['status', 'run', 'counts', 'rejects'],
  properties: {
    status: { type: 'string' },
    run: { type: 'string' },
    seed: { type: 'integer' },
    counts: {
      type: 'object',
      properties: { accepted: COUNT, rejected: COUNT, duplicate: COUNT, blank: COUNT, header: COUNT },
    },
    rejects: {
      type: 'array',
      items: {
        type: 'object',
        properties: { pointer: { type: 'string' }, code: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
} as const
const NUMBER = { type: ['number', 'null'] } as const
const REPORT = {
  description: 'the report',
  type: 'object',
  required: ['status', 'generated_at', 'metrics'],
  properties: {
    status: { type: 'string' },
    generated_at: TIME,
    metrics: {
      type: 'array',
      items: {
        type: 'object',
        required: ['metric_name', 'avg_value', 'max_value', 'min_value'],
        properties: {
          metric_name: { type: 'string' },
          avg_value: NUMBER,
          max_value: NUMBER,
          min_value: NUMBER,
          count: COUNT,
          p50: NUMBER,
          p95: NUMBER,
        },
      },
    },
  },
} as const
