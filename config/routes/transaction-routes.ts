/** `/api/v1/ingest`, `/api/v1/report/…` and `/api/v1/errors/…` of the high-performance reporting. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Transaction } from '../../entities/transaction.js'
import type { Cluster } from '../../src/cluster/cluster.js'
import { entityOutcomes } from '../../src/pipeline/ingest/entity-outcomes.js'
import { HttpProblem } from '../../src/server/problem.js'
import { ERRORS } from '../../src/server/schemas.js'
import type { ServerContext } from '../../src/server/server-context.js'
import { hasPayments } from '../reports/transaction-list.js'
import { otherSystem, TAG } from './other-system.js'
import { paymentFileRoute } from './payment-file-route.js'
import { readyFor } from './ready-for.js'
import { jsonList, reportRows, reportStream } from './send-report.js'

const MEDIA = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const

/** A list that was given as a file. */
interface Listed {
  readonly url: string
  readonly summary: string
  readonly successor: string
  readonly report: string
  readonly options?: Readonly<Record<string, string>>
  /** In milliseconds since 1970 where the format is JSON. */
  readonly moment: string
  readonly filename: string
  readonly isEmpty: (cluster: Cluster) => Promise<boolean>
  readonly whenEmpty: string
}

const LISTS: readonly Listed[] = [
  {
    url: '/api/v1/report/:format',
    summary: 'Every payment as a file',
    successor: '/api/v1/reports',
    report: 'transaction-list',
    moment: 'processed_at',
    filename: 'report',
    isEmpty: async (cluster) => !(await hasPayments(cluster)),
    whenEmpty: 'Database is empty. Ingest some data first!',
  },
  {
    url: '/api/v1/errors/:format',
    summary: 'Every record of a payment that was refused, as a file',
    successor: '/api/v1/runs',
    report: 'refusals',
    options: { into: Transaction.name },
    moment: 'failed_at',
    filename: 'error_report',
    isEmpty: async (cluster) => (await entityOutcomes(cluster, Transaction)).counts.rejected === 0,
    whenEmpty: 'No errors found! Great job.',
  },
]

export const transactionRoutes = otherSystem(async (app, context) => {
  const ready = readyFor(context.cluster, [Transaction])
  paymentFileRoute(app, context)
  for (const list of LISTS) listRoute(app, list, { context, ready })
})

interface Tools {
  readonly context: ServerContext
  readonly ready: () => Promise<unknown>
}

function listRoute(app: FastifyInstance, list: Listed, { context, ready }: Tools): void {
  app.get<{ Params: { format: string } }>(list.url, {
    config: { scope: 'read', successor: list.successor },
    schema: {
      tags: [TAG],
      summary: list.summary,
      params: { type: 'object', properties: { format: { type: 'string', maxLength: 20 } } },
      response: { 200: FILE, ...ERRORS },
    },
    handler: async ({ params: { format: given } }, reply) => {
      const format = given.toLowerCase()
      if (!isFormat(format)) throw new HttpProblem('REQUEST_INVALID', `Format ${given} not supported.`)
      await ready()
      if (await list.isEmpty(context.cluster))
        return reply.type('application/json; charset=utf-8').send({ message: list.whenEmpty })
      const content = await contentOf(context, { list, format, reply })
      return reply
        .header('content-disposition', `attachment; filename=${list.filename}.${given}`)
        .type(MEDIA[format])
        .send(content)
    },
  })
}

async function contentOf(
  context: ServerContext,
  { list, format, reply }: { readonly list: Listed; readonly format: keyof typeof MEDIA; readonly reply: FastifyReply },
) {
  const request = { report: list.report, options: list.options }
  if (format !== 'json') return reportStream(context, { ...request, format }, reply)
  return jsonList(withMilliseconds(reportRows(context, request, reply), list.moment))
}

async function* withMilliseconds(rows: AsyncIterable<Record<string, unknown>>, moment: string): AsyncGenerator<object> {
  for await (const row of rows) {
    const at = row[moment]
    yield { ...row, [moment]: typeof at === 'string' ? Date.parse(at) : null }
  }
}

function isFormat(format: string): format is keyof typeof MEDIA {
  return Object.hasOwn(MEDIA, format)
}

const FILE = {
  description: 'the file, or a message when there is nothing to tell',
  content: {
    'application/json': {
      schema: {
        anyOf: [
          { type: 'array', items: { type: 'object', additionalProperties: true } },
          { type: 'object', required: ['message'], properties: { message: { type: 'string' } } },
        ],
      },
    },
    'text/csv': { schema: { type: 'string' } },
    [MEDIA.xlsx]: { schema: { type: 'string', format: 'binary' } },
  },
} as const
