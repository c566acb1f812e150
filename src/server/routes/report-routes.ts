import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ShardyardError } from '../../errors.js'
import { unknownJob } from '../../pipeline/jobs/job-errors.js'
import { jobFileOf } from '../../pipeline/jobs/job-files.js'
import { JOB_STATES, type Job, type JobState, type Json } from '../../pipeline/jobs/job.js'
import { reportJob } from '../../pipeline/jobs/report-job.js'
import { findReport, reportsOf } from '../../pipeline/reports/find-report.js'
import { resolveReportRequest } from '../../pipeline/reports/report-request.js'
import type { ReportFormat } from '../../pipeline/reports/writers/formats.js'
import { jobOfRequest } from '../idempotency.js'
import { pageJson } from '../page.js'
import { HttpProblem } from '../problem.js'
import {
  CATALOG,
  catalogJson,
  fileNameOf,
  REPORT_FORMATS,
  REPORT_JOB,
  REPORT_TYPES,
  reportJobJson,
} from '../report-json.js'
import { ERRORS, PAGE_QUERY, pageOf } from '../schemas.js'
import { JOB_COST } from '../scope.js'
import { sendFile } from '../send-file.js'
import type { ServerContext } from '../server-context.js'

const KIND = 'report'
const PARAMS = { type: 'object', properties: { id: { type: 'string', maxLength: 40 } } } as const
/** In a page of another site, or opened on its own, a report can run nothing and reach nothing. */
const SANDBOX =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'self'"

const REQUEST = {
  type: 'object',
  required: ['report', 'format'],
  additionalProperties: false,
  properties: {
    report: { type: 'string', maxLength: 100 },
    format: { enum: REPORT_FORMATS },
    options: { type: 'object', default: {}, description: 'as GET /reports/catalog tells them' },
    table: { type: 'string', maxLength: 200, description: 'CSV and NDJSON: the table to write' },
    raw: { type: 'boolean', default: false, description: 'CSV and XLSX: without the guard against formulas' },
  },
} as const

interface ReportBody {
  readonly report: string
  readonly format: ReportFormat
  readonly options: { readonly [name: string]: Json }
  readonly table?: string
  readonly raw: boolean
}

/** Files in any format. */
const FILE = {
  description: 'the file, or a range of it',
  content: Object.fromEntries(Object.values(REPORT_TYPES).map((type) => [type.split(';')[0], { schema: {} }])),
} as const

/** `/reports`: made in the background, kept as files. */
export async function reportRoutes(app: FastifyInstance, context: ServerContext): Promise<void> {
  const { cluster, queue, files } = context
  app.addSchema(REPORT_JOB)
  app.get('/reports/catalog', {
    config: { scope: 'read' },
    schema: { tags: ['reports'], summary: 'Reports that can be made', response: { 200: CATALOG, ...ERRORS } },
    handler: async () => ({ items: reportsOf(cluster.definition).map(catalogJson), formats: REPORT_FORMATS }),
  })
  app.post<{ Body: ReportBody }>('/reports', {
    config: { scope: 'read', cost: JOB_COST },
    schema: {
      tags: ['reports'],
      summary: 'Makes a report in the background; tells one that is there when nothing has changed since',
      body: REQUEST,
      response: { 202: { $ref: 'ReportJob#' }, ...ERRORS },
    },
    handler: async (request, reply) => {
      const job = await madeJob(context, request)
      return reply
        .status(202)
        .header('location', `/api/v1/reports/${job.id}`)
        .header('retry-after', '1')
        .send(await jsonOf(job))
    },
  })
  app.get<{ Querystring: { limit: number; after?: string; state?: JobState } }>('/reports', {
    config: { scope: 'read' },
    schema: {
      tags: ['reports'],
      summary: 'Reports that were asked for, the latest first',
      querystring: { type: 'object', properties: { ...PAGE_QUERY, state: { enum: JOB_STATES } } },
      response: { 200: pageOf({ $ref: 'ReportJob#' }), ...ERRORS },
    },
    handler: async (request, reply) => {
      const { jobs, next } = await queue.list({ ...request.query, kinds: [KIND] })
      return pageJson(request, reply, await Promise.all(jobs.map(jsonOf)), next)
    },
  })
  app.get<{ Params: { id: string } }>('/reports/:id', {
    config: { scope: 'read' },
    schema: {
      tags: ['reports'],
      summary: 'A report that was asked for',
      params: PARAMS,
      response: { 200: { $ref: 'ReportJob#' }, ...ERRORS },
    },
    handler: async ({ params }) => jsonOf(await jobOf(params.id)),
  })
  app.get<{ Params: { id: string }; Querystring: { inline: boolean } }>('/reports/:id/content', {
    config: { scope: 'read' },
    schema: {
      tags: ['reports'],
      summary: 'The file of a report',
      params: PARAMS,
      querystring: {
        type: 'object',
        properties: { inline: { type: 'boolean', default: false, description: 'HTML: shown, in a sandbox' } },
      },
      response: { 200: FILE, 206: FILE, 304: { type: 'null', description: 'nothing' }, ...ERRORS },
    },
    handler: async (request, reply) => {
      const job = await jobOf(request.params.id)
      const file = jobFileOf(job.result)
      if (job.state !== 'complete' || file === undefined) throw notReady(job)
      const { format } = job.data as unknown as ReportBody
      const isInline = request.query.inline && format === 'html'
      if (format === 'html') reply.header('content-security-policy', SANDBOX)
      const path = await files.verify(file)
      const mediaType = REPORT_TYPES[format]
      return sendFile(request, reply, { ...file, path, mediaType, name: fileNameOf(job), isInline })
    },
  })

  async function jobOf(id: string): Promise<Job> {
    const job = await queue.show(id)
    if (job?.kind !== KIND) throw unknownJob(id)
    return job
  }

  /** Only reports that are made in parts have children. */
  async function jsonOf(job: Job) {
    const { report } = job.data as unknown as ReportBody
    const known = reportsOf(cluster.definition).find(({ name }) => name === report)
    const children = known?.partitions === undefined ? [] : await queue.children(job.id)
    return reportJobJson(job, children.length)
  }
}

/** A job for a request: one that has made the same from the same data, or a new one. @throws SY_REPORT_UNKNOWN, SY_OPTION_INVALID */
async function madeJob(
  { cluster, queue, files, answers }: ServerContext,
  request: FastifyRequest<{ Body: ReportBody }>,
): Promise<Job> {
  const { report, format, options, table, raw: isRaw } = request.body
  const found = findReport(cluster.definition, report)
  const chosen = table === undefined ? {} : { table }
  // What a writer has no use for is told now, and not by a job that fails.
  const resolved = resolveReportRequest(found, {
    report,
    format,
    options,
    output: '',
    ...chosen,
    ...(isRaw ? { isRaw } : {}),
  })
  // The options come in the order of their declaration.
  const asked = JSON.stringify([report, format, isRaw, table ?? null, resolved.options])
  const kept = await answers.kept(`report ${asked}`)
  const earlier = kept?.text === undefined ? undefined : await queue.show(kept.text)
  const file = jobFileOf(earlier?.result)
  if (earlier?.state === 'complete' && file !== undefined && (await isThere(() => files.verify(file)))) return earlier
  const id = await queue.enqueue(
    jobOfRequest(reportJob(cluster, { report, format, options, isRaw, ...chosen }), request),
  )
  await kept?.keep(id)
  const job = await queue.show(id)
  if (job === undefined) throw unknownJob(id)
  return job
}

async function isThere(verify: () => Promise<unknown>): Promise<boolean> {
  try {
    await verify()
    return true
  } catch (error) {
    if (error instanceof ShardyardError && error.code === 'SY_FILE_DAMAGED') return false
    throw error
  }
}

function notReady({ id, state, error }: Job): HttpProblem {
  const isOnItsWay = state === 'pending' || state === 'running'
  const why = error === undefined ? '' : ` (${error.message})`
  const detail = isOnItsWay
    ? `Report ${id} is ${state}. Ask again when it is complete.`
    : `Report ${id} is ${state}${why}: it has no file. POST /jobs/${id}/retry makes it anew.`
  return new HttpProblem('CONFLICT', detail, { headers: isOnItsWay ? { 'retry-after': '1' } : {} })
}
