import { PassThrough, Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { exportRejects } from '../../pipeline/ingest/export-rejects.js'
import { parseRejectId, readRejects, requireKept, type Reject } from '../../pipeline/ingest/rejects.js'
import { rejectsModel } from '../../pipeline/ingest/rejects-model.js'
import { writeModel } from '../../pipeline/reports/write-model.js'
import { FORMATS } from '../../pipeline/reports/writers/formats.js'
import { findRun } from '../../pipeline/runs/find-run.js'
import { runOfIngestion } from '../find-ingestion.js'
import { withEnd } from '../ndjson-end.js'
import { pageJson } from '../page.js'
import { HttpProblem } from '../problem.js'
import { COUNT, ERRORS, MAYBE_TEXT, PAGE_QUERY, pageOf } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const REJECT = {
  $id: 'Reject',
  type: 'object',
  required: ['id', 'file', 'line', 'position', 'reasons', 'record', 'text'],
  properties: {
    id: { type: 'string', description: 'by which a corrected record is known again' },
    file: { type: 'string' },
    line: COUNT,
    position: { ...COUNT, description: 'of its first byte' },
    reasons: {
      type: 'array',
      items: {
        type: 'object',
        required: ['code', 'field', 'pointer', 'message', 'fix'],
        properties: {
          code: { type: 'string' },
          field: { type: 'string' },
          pointer: { type: 'string' },
          message: { type: 'string' },
          fix: { type: 'string' },
        },
      },
    },
    record: { type: ['object', 'null'], additionalProperties: true, description: 'null when it could not be read' },
    text: { ...MAYBE_TEXT, description: 'its beginning, when it could not be read' },
  },
} as const

const PARAMS = { type: 'object', properties: { id: { type: 'string', maxLength: 40 } } } as const
const CODE = { type: 'string', maxLength: 100, description: 'only those with a reason of this code' } as const
const TEXT_MAX = 10_000
/** A page ends early when its records are large. */
const PAGE_BYTES = 4 * 2 ** 20

/** The formats of a download. */
const TYPES = {
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const
type Format = keyof typeof TYPES
/** The formats of reports and rejects that a client may choose from. */
export const REJECT_FORMATS = Object.keys(TYPES) as readonly Format[]

type ById = { Params: { id: string } }
interface Wanted {
  readonly limit: number
  readonly after?: string
  readonly code?: string
}

/** What ingestions have refused: by the run, or by the ingestion that has made it. */
export async function rejectRoutes(app: FastifyInstance, context: ServerContext): Promise<void> {
  app.addSchema(REJECT)
  const { cluster } = context
  const places = [
    { url: '/runs/:id/rejects', runOf: (id: string) => findRun(cluster, id, 'ingestion') },
    {
      url: '/ingestions/:id/rejects',
      runOf: async (id: string) => findRun(cluster, await runOfIngestion(context, id), 'ingestion'),
    },
  ]
  for (const { url, runOf } of places) {
    app.get<ById & { Querystring: Wanted }>(url, {
      config: { scope: 'read' },
      schema: {
        tags: ['loads'],
        summary: 'Records that were refused, in the order of their files',
        params: PARAMS,
        querystring: { type: 'object', properties: { ...PAGE_QUERY, code: CODE } },
        response: { 200: pageOf({ $ref: 'Reject#' }), ...ERRORS },
      },
      handler: async (request, reply) => {
        const { items, next } = await pageOfRejects(cluster, await runOf(request.params.id), request.query)
        return pageJson(request, reply, items, next)
      },
    })
    for (const format of REJECT_FORMATS) {
      app.get<ById & { Querystring: { code?: string; raw: boolean } }>(`${url}.${format}`, {
        config: { scope: 'read' },
        schema: {
          tags: ['loads'],
          summary: `The same as a file, ${format.toUpperCase()}`,
          params: PARAMS,
          querystring: { type: 'object', properties: { code: CODE, raw: { type: 'boolean', default: false } } },
          response: { 200: { description: 'the file', content: { [TYPES[format]]: { schema: {} } } }, ...ERRORS },
        },
        handler: async ({ params, query }, reply) =>
          download(reply, format, { cluster, run: await runOf(params.id), ...query }),
      })
    }
  }
}

async function pageOfRejects(cluster: Cluster, run: RunRow, { limit, after, code }: Wanted) {
  if (after !== undefined && parseRejectId(after)?.run !== run.id)
    throw new HttpProblem('REQUEST_INVALID', 'Expected `after` to be the `next` of the page before.')
  const items: ReturnType<typeof rejectJson>[] = []
  let bytes = 0
  for await (const reject of readRejects(cluster, run, { code, after })) {
    if (items.length === limit || bytes > PAGE_BYTES) return { items, next: items.at(-1)?.id }
    items.push(rejectJson(reject))
    bytes += reject.raw.length
  }
  return { items, next: undefined }
}

function rejectJson({ id, file, line, position, reasons, record, text }: Reject) {
  return {
    id,
    file,
    line,
    position,
    reasons,
    record: record ?? null,
    text: record === undefined ? text.slice(0, TEXT_MAX) : null,
  }
}

interface Download {
  readonly cluster: Cluster
  readonly run: RunRow
  readonly code?: string
  readonly raw: boolean
}

async function download(reply: FastifyReply, format: Format, wanted: Download): Promise<FastifyReply> {
  requireKept(wanted.run)
  const content =
    format === 'xlsx' ? await bookOf(wanted) : Readable.from(textOf(format, wanted), { objectMode: false })
  return reply
    .header('content-type', format === 'csv' ? `${TYPES.csv}; charset=utf-8` : TYPES[format])
    .header('content-disposition', `attachment; filename="rejects-${wanted.run.id}.${format}"`)
    .send(content)
}

function textOf(format: Exclude<Format, 'xlsx'>, { cluster, run, code, raw }: Download): AsyncIterable<string> {
  const pieces = exportRejects(cluster, run, { format, code, isRaw: raw })
  return format === 'ndjson' ? withEnd(pieces) : pieces
}

async function bookOf({ cluster, run, code, raw }: Download): Promise<Readable> {
  const model = await rejectsModel(cluster, run, code)
  const output = new PassThrough()
  const gone = new AbortController()
  output.once('close', () => gone.abort())
  writeModel(model, FORMATS.xlsx(), output, { isRaw: raw, signal: gone.signal }).then(
    () => output.end(),
    (error: unknown) => output.destroy(error as Error),
  )
  return output
}
