/** What turns a model into a format: one file each, listed in `formats.ts`. */
import type { ReportModel } from '../report-model.js'
import type { ReportTemplate } from '../template.js'

/** Where a report goes: a file that appears whole or not at all, or a stream. */
export interface ReportSink {
  /** Whether what was taken waits to be written; the writer then awaits `flush` before it makes more. */
  readonly isWaiting: boolean
  take(bytes: Uint8Array): void
  flush(): Promise<void>
}

/** How a report is written. */
export interface WriterOptions {
  /** For machines: no guard against formulas in CSV and XLSX. */
  readonly isRaw: boolean
  /** The table that CSV and NDJSON write; the model's main table when undefined. */
  readonly table: string | undefined
  readonly template: ReportTemplate | undefined
  readonly signal: AbortSignal
  /** Called now and then with how many rows have been written. */
  readonly onRows: (rows: number) => void
}

/** What a writer knows of the report once it is written. */
export interface WrittenParts {
  /** Of a format that has pages. */
  readonly pages?: number
}

/** A format. */
export interface ReportWriter {
  readonly extension: string
  readonly mediaType: string
  write(model: ReportModel, sink: ReportSink, options: WriterOptions): Promise<WrittenParts | void>
}
