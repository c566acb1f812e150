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
  /** Called now and then, and after the last row, with how many rows have been written in all. */
  readonly onRows: (rows: number) => void
  /** Called at the end by formats that have pages. */
  readonly onPages?: (pages: number) => void
}

/** A format. */
export interface ReportWriter {
  readonly extension: string
  readonly mediaType: string
  /** The options that make a difference to it; the others are refused. @defaultValue all */
  readonly takes?: readonly ('raw' | 'table' | 'template')[]
  write(model: ReportModel, sink: ReportSink, options: WriterOptions): Promise<void>
}
