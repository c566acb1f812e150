import type { Report } from './define-report.js'

export function checkReportOptions(
  _report: Report,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.freeze({ ...given })
}
