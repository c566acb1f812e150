import type { ClusterDefinition } from '../../cluster/definition.js'
import { ShardyardError } from '../../errors.js'
import type { Report } from './define-report.js'

/** @throws SY_OPTION_INVALID with the names that there are */
export function findReport(definition: Pick<ClusterDefinition, 'reports'>, name: string): Report {
  const reports = definition.reports as readonly Report[]
  const found = reports.find((report) => report.name === name)
  if (found !== undefined) return found
  const known = reports.map((report) => report.name)
  throw new ShardyardError('SY_OPTION_INVALID', `There is no report "${name}".`, { details: { known } })
}
