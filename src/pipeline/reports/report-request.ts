/** What `writeReport` is asked for, checked once. */
import type { Writable } from 'node:stream'
import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import { checkReportOptions } from './check-report-options.js'
import type { Report } from './define-report.js'
import type { ReportTemplate } from './template.js'
import { FORMATS, isReportFormat, type ReportFormat } from './writers/formats.js'
import type { ReportWriter } from './writers/report-writer.js'

const WORKERS_MAX = 64

/** Which report, from what, as what, and where to. */
export interface ReportRequest {
  /** Its name among the `reports` of the cluster's definition. */
  readonly report: string
  /** Not checked yet: typed values, or their text. @defaultValue {} */
  readonly options?: Readonly<Record<string, unknown>> | undefined
  readonly format: ReportFormat
  /** A file, which appears whole or not at all, or a stream, which the caller ends. */
  readonly output: string | Writable
  /** CSV and XLSX for machines: without the guard against formulas. @defaultValue false */
  readonly isRaw?: boolean | undefined
  /** CSV and NDJSON: the table to write, or `figures`. @defaultValue the main table */
  readonly table?: string | undefined
  /** PDF and HTML: how the report looks. */
  readonly template?: ReportTemplate | undefined
  /** Threads that make the parts of a report that has parts; more than one need `config`. @defaultValue 1 */
  readonly workers?: number | undefined
  /** The module whose default export is the definition of this cluster; worker threads import it. */
  readonly config?: string | undefined
  /** Results of the parts, in their order, when they have been made elsewhere. */
  readonly results?: readonly unknown[] | undefined
}

/** A request in which nothing is left to check. */
export interface ResolvedRequest {
  readonly options: Readonly<Record<string, unknown>>
  readonly writer: ReportWriter
  readonly output: string | Writable
  readonly isRaw: boolean
  readonly table: string | undefined
  readonly template: ReportTemplate | undefined
  readonly workers: number
  readonly config: string | undefined
  readonly results: readonly unknown[] | undefined
}

/** @throws SY_OPTION_INVALID */
export function resolveReportRequest(report: Report, request: ReportRequest): ResolvedRequest {
  const { format, output, isRaw = false, table, template, workers = 1, config, results } = request
  const options = checkReportOptions(report, request.options ?? {})
  checkInteger('workers', workers, { min: 1, max: WORKERS_MAX })
  if (workers > 1 && config === undefined && report.partitions !== undefined)
    throw invalid('config', 'Several `workers` need `config`, the module of the cluster, which their threads import.')
  const writer = writerOf(format)
  const given = { raw: isRaw, table: table !== undefined, template: template !== undefined }
  for (const [option, isGiven] of Object.entries(given)) {
    if (isGiven && writer.takes?.includes(option as keyof typeof given) === false)
      throw invalid(
        option,
        `The format ${format} has no use for \`${option === 'raw' ? 'isRaw' : option}\`; leave it out.`,
      )
  }
  return Object.freeze({ options, writer, output, isRaw, table, template, workers, config, results })
}

/** @throws SY_OPTION_INVALID with the formats that there are */
export function writerOf(format: string): ReportWriter {
  if (isReportFormat(format)) return FORMATS[format]()
  throw invalid(
    'format',
    `Expected \`format\` to be one of ${Object.keys(FORMATS).join(', ')}, got ${JSON.stringify(format)}.`,
  )
}

function invalid(option: string, message: string): ShardyardError {
  return new ShardyardError('SY_OPTION_INVALID', message, { details: { option } })
}
