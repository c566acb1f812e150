import { createHash } from 'node:crypto'
import type { Cluster } from '../../cluster/cluster.js'
import { WholeFile } from '../../util/whole-file.js'
import { findReport } from './find-report.js'
import { computePart, contextOf, splitReport } from './report-parts.js'

export interface ReportRequest {
  readonly report: string
  readonly options?: Readonly<Record<string, unknown>> | undefined
  readonly format: 'pdf' | 'html' | 'csv' | 'json' | 'ndjson' | 'xlsx'
  readonly output: string
  readonly isRaw?: boolean | undefined
  readonly table?: string | undefined
  readonly results?: readonly unknown[] | undefined
}

export interface ReportProgress {
  readonly phase: 'parts' | 'model' | 'rows'
  readonly done: number
  readonly total: number | undefined
}

export interface ReportControl {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ReportProgress) => void) | undefined
}

export interface ReportResult {
  readonly file?: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly rows: number
  readonly pages?: number
}

/** Stands in for the writers until they are there: the title of the model, as JSON. */
export async function writeReport(
  cluster: Cluster,
  request: ReportRequest,
  { signal = new AbortController().signal, onProgress }: ReportControl = {},
): Promise<ReportResult> {
  const report = findReport(cluster.definition, request.report)
  const context = contextOf(cluster, request.options ?? {}, signal)
  const parts = request.results === undefined ? await splitReport({ report, context }) : []
  const made = []
  for (const [at, part] of parts.entries())
    made.push(await computePart({ report, context }, part, { at, count: parts.length }))
  const model = await report.run(context, request.results ?? made)
  onProgress?.({ phase: 'rows', done: 1, total: 1 })
  const bytes = Buffer.from(JSON.stringify({ title: model.title }))
  const file = await WholeFile.open(request.output)
  file.take(bytes)
  await file.commit()
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { file: request.output, sizeBytes: bytes.length, sha256, rows: 0 }
}
