/** Makes a report and writes it: options → parts → model → format → file. */
import type { Cluster } from '../../cluster/cluster.js'
import { untilAborted } from '../../util/until-aborted.js'
import { requireWritable } from '../../util/whole-file.js'
import { checkModel } from './check-model.js'
import { findReport } from './find-report.js'
import { makeParts } from './make-parts.js'
import { type ReportModel, tablesOf } from './report-model.js'
import { contextOf, type ReportWork, splitReport } from './report-parts.js'
import { type ReportRequest, type ResolvedRequest, resolveReportRequest } from './report-request.js'
import { type ReportResult, writeModel } from './write-model.js'
import { chosenTable } from './writers/chosen-table.js'

/** How far a report is: parts that are made, or rows that are written. */
export interface ReportProgress {
  readonly phase: 'parts' | 'model' | 'rows'
  readonly done: number
  /** Where that is known. */
  readonly total: number | undefined
}

/** What watches and stops the making of a report. */
export interface ReportControl {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ReportProgress) => void) | undefined
}

/** A request under way. */
interface Making extends ReportWork {
  readonly request: ResolvedRequest
  readonly onProgress: (progress: ReportProgress) => void
}

/**
 * Makes a report and writes it. When anything fails, or `signal` aborts, what was at the place of a file before is
 * still there and nothing else is. The same data and options give the same bytes, whatever the number of workers.
 *
 * @throws SY_REPORT_UNKNOWN, SY_OPTION_INVALID, SY_REPORT_FAILED, SY_OUTPUT_FAILED; the signal's reason
 * @example
 * await writeReport(cluster, { report: 'sales', options: { from: '2025-01-01' }, format: 'xlsx', output: 'sales.xlsx' })
 */
export async function writeReport(
  cluster: Cluster,
  request: ReportRequest,
  { signal = new AbortController().signal, onProgress = () => undefined }: ReportControl = {},
): Promise<ReportResult> {
  signal.throwIfAborted()
  const report = findReport(cluster.definition, request.report)
  const resolved = resolveReportRequest(report, request)
  // Told now, and not when the report has been made.
  if (typeof resolved.output === 'string') await requireWritable(resolved.output)
  const context = contextOf(cluster, resolved.options, signal)
  const making = { report, context, request: resolved, onProgress }
  const results = resolved.results ?? (await makeResults(making))
  onProgress({ phase: 'model', done: 0, total: undefined })
  const model = await untilAborted(report.run(context, results), signal)
  checkModel(report.name, model)
  const total = rowTotal(model, resolved)
  const onRows = (done: number) => onProgress({ phase: 'rows', done, total })
  const { writer, output, isRaw, table, template } = resolved
  return writeModel(model, writer, output, { isRaw, table, template, signal, onRows })
}

async function makeResults({ request, onProgress, ...work }: Making): Promise<readonly unknown[]> {
  const parts = await splitReport(work)
  const onPart = (done: number, total: number) => onProgress({ phase: 'parts', done, total })
  if (parts.length > 0) onPart(0, parts.length)
  return makeParts(work, parts, { workers: request.workers, config: request.config, onPart })
}

/** How many rows there will be; undefined when a table does not know. */
function rowTotal(model: ReportModel, { writer, table }: ResolvedRequest): number | undefined {
  const isOne = writer.takes?.includes('table') === true
  const tables = isOne ? [chosenTable(model, table)] : tablesOf(model)
  return tables.reduce<number | undefined>((sum, { rowCount }) => {
    return sum === undefined || rowCount === undefined ? undefined : sum + rowCount
  }, 0)
}
