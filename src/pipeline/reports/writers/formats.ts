/** The formats of reports. Each loads at its first use: who writes CSV need not wait for a PDF library. */
import type { ReportWriter } from './report-writer.js'

export const FORMATS = {
  pdf: () => (require('./pdf-report.js') as typeof import('./pdf-report.js')).pdfWriter,
  html: () => (require('./html-report.js') as typeof import('./html-report.js')).htmlWriter,
  csv: () => (require('./csv-report.js') as typeof import('./csv-report.js')).csvWriter,
  json: () => (require('./json-report.js') as typeof import('./json-report.js')).jsonWriter,
  ndjson: () => (require('./ndjson-report.js') as typeof import('./ndjson-report.js')).ndjsonWriter,
  xlsx: () => (require('./xlsx-report.js') as typeof import('./xlsx-report.js')).xlsxWriter,
} as const satisfies Readonly<Record<string, () => ReportWriter>>

/** A format that reports are written in. */
export type ReportFormat = keyof typeof FORMATS

/** Whether there is such a format. */
export function isReportFormat(name: string): name is ReportFormat {
  return Object.hasOwn(FORMATS, name)
}
