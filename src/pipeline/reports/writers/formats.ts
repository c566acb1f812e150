/** Every format a report is written in; each is loaded when it is first asked for. */
import type { ReportWriter } from './report-writer.js'

// Not `import()`: CommonJS test runners cannot import lazily.
export const FORMATS = {
  pdf: () => (require('./pdf-report.js') as typeof import('./pdf-report.js')).pdfWriter,
  html: () => (require('./html-report.js') as typeof import('./html-report.js')).htmlWriter,
} as const satisfies Record<string, () => ReportWriter>
