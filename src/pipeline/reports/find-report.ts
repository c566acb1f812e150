import type { ClusterDefinition } from '../../cluster/definition.js'
import { ShardyardError } from '../../errors.js'
import type { Report } from './define-report.js'

/** The reports of a definition. */
export function reportsOf({ reports }: Pick<ClusterDefinition, 'reports'>): readonly Report[] {
  return reports as readonly Report[]
}

/** @throws SY_REPORT_UNKNOWN with the names that there are */
export function findReport(definition: Pick<ClusterDefinition, 'reports'>, name: string): Report {
  const reports = reportsOf(definition)
  const found = reports.find((report) => report.name === name)
  if (found !== undefined) return found
  const known = reports.map((report) => report.name)
  const there = known.length === 0 ? 'No report is defined.' : `There are: ${known.join(', ')}.`
  throw new ShardyardError('SY_REPORT_UNKNOWN', `There is no report "${name}". ${there}`, { details: { known } })
}
