/** Reports as jobs: `report` makes one, `report-part` a part of one. What they make stands in the files folder. */
import { basename } from 'node:path'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { checkReportOptions } from '../reports/check-report-options.js'
import type { Report } from '../reports/define-report.js'
import { findReport } from '../reports/find-report.js'
import { computePart, contextOf, splitReport, type ReportWork } from '../reports/report-parts.js'
import { writeReport } from '../reports/write-report.js'
import { FORMATS, isReportFormat, type ReportFormat } from '../reports/writers/formats.js'
import { afterChildren, type AfterChildren, type JobContext, type JobHandler } from './job-runner.js'
import { JobFiles, jobFileOf } from './job-files.js'
import type { Job, Json } from './job.js'
import type { NewJob } from './job-queue.js'

/** What a report job is asked for. */
export interface ReportJobRequest {
  /** Its name among the `reports` of the cluster's definition. */
  readonly report: string
  /** As for `writeReport`, plain JSON. @defaultValue {} */
  readonly options?: { readonly [name: string]: Json }
  readonly format: ReportFormat
  /** CSV and XLSX for machines: without the guard against formulas. @defaultValue false */
  readonly isRaw?: boolean
  /** CSV and NDJSON: the table to write. @defaultValue the main table */
  readonly table?: string
  /** Two requests with the same key are one job. @defaultValue none */
  readonly key?: string
}

/** What is read of a job's data; it was stored by whoever can reach the queue, so nothing of it is trusted. */
interface ReportData {
  readonly report: string
  readonly options: Readonly<Record<string, unknown>>
  readonly format: ReportFormat
  readonly isRaw: boolean
  readonly table: string | undefined
}

/**
 * The job that makes a report, for a queue to store; its result names the file.
 *
 * @throws SY_OPTION_INVALID and what else the report says of its options, before anything is stored
 */
export function reportJob(cluster: Cluster, request: ReportJobRequest): NewJob {
  const { report, options = {}, format, isRaw = false, table, key } = request
  const data = { report, options, format, isRaw, ...(table === undefined ? {} : { table }) }
  const checked = dataOf(data)
  checkReportOptions(findReport(cluster.definition, report), checked.options)
  return { kind: 'report', data, ...(key === undefined ? {} : { key }) }
}

/** The handlers of report jobs, for a `JobRunner`. */
export function reportHandlers(files: JobFiles): Readonly<Record<'report' | 'report-part', JobHandler>> {
  return {
    report: (context) => makeReport(context, files),
    'report-part': (context) => makePart(context, files),
  }
}

async function makeReport(context: JobContext, files: JobFiles): Promise<Json | AfterChildren> {
  const { job, cluster, signal, progress } = context
  const data = dataOf(job.data)
  const work = workOf(context, data)
  const children = await context.children()
  if (work.report.partitions !== undefined && children.length === 0) {
    const parts = await splitReport(work)
    if (parts.length > 1)
      return afterChildren(parts.map((part, at) => partJob(data, part, { at, count: parts.length })))
  }
  const results = children.length === 0 ? undefined : await resultsOf(work, children, files)
  const name = `${data.report}.${data.format}`
  const output = await files.pathFor(job, name)
  const { sizeBytes, sha256, rows, pages } = await writeReport(
    cluster,
    { ...data, output, ...(results === undefined ? {} : { results }) },
    { signal, onProgress: ({ phase, done, total }) => progress(done, total, phase) },
  )
  return { job: job.id, name: basename(output), sizeBytes, sha256, rows, ...(pages === undefined ? {} : { pages }) }
}

async function makePart(context: JobContext, files: JobFiles): Promise<Json> {
  const data = dataOf(context.job.data)
  const { part, at, count } = placeOf(context.job)
  const result = await computePart(workOf(context, data), part, { at, count })
  return { ...(await files.write(context.job, 'part.json', [Buffer.from(JSON.stringify(result ?? null))])) }
}

/** The results of the parts in their order; one whose file is gone or damaged is made again, here. */
async function resultsOf(work: ReportWork, children: readonly Job[], files: JobFiles): Promise<readonly unknown[]> {
  const results: unknown[] = []
  for (const child of children) {
    work.context.signal.throwIfAborted()
    const { part, at, count } = placeOf(child)
    const file = jobFileOf(child.result)
    const text = file === undefined ? undefined : await textOf(files.read(file))
    results.push(text === undefined ? await computePart(work, part, { at, count }) : (JSON.parse(text) as unknown))
  }
  return results
}

async function textOf(content: AsyncIterable<Buffer>): Promise<string | undefined> {
  const pieces: Buffer[] = []
  try {
    for await (const bytes of content) pieces.push(bytes)
  } catch (error) {
    if (error instanceof ShardyardError && error.code === 'SY_FILE_DAMAGED') return undefined
    throw error
  }
  return Buffer.concat(pieces).toString()
}

function workOf({ cluster, signal }: JobContext, { report, options }: ReportData): ReportWork {
  const found: Report = findReport(cluster.definition, report)
  return { report: found, context: contextOf(cluster, checkReportOptions(found, options), signal) }
}

function partJob(data: ReportData, part: unknown, { at, count }: { at: number; count: number }): NewJob {
  const { report, options, format } = data
  return { kind: 'report-part', data: { report, options, format, part, at, count } as Json }
}

function placeOf({ data }: Job): { readonly part: unknown; readonly at: number; readonly count: number } {
  const { part, at, count } = data as { part: unknown; at: number; count: number }
  return { part, at, count }
}

function dataOf(value: unknown): ReportData {
  const { report, options = {}, format, isRaw = false, table } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof report !== 'string' || !/^[a-z][a-z0-9-]{0,60}$/.test(report))
    throw wrong('report', 'the name of a report')
  if (typeof options !== 'object' || options === null || Array.isArray(options)) throw wrong('options', 'an object')
  if (typeof format !== 'string' || !isReportFormat(format))
    throw wrong('format', `one of ${Object.keys(FORMATS).join(', ')}`)
  if (typeof isRaw !== 'boolean') throw wrong('isRaw', 'true or false')
  if (table !== undefined && typeof table !== 'string') throw wrong('table', 'the name of a table')
  return { report, options: options as ReportData['options'], format: format as ReportData['format'], isRaw, table }
}

function wrong(option: string, expected: string): ShardyardError {
  return new ShardyardError('SY_OPTION_INVALID', `Expected \`${option}\` of a report job to be ${expected}.`, {
    details: { option },
  })
}
