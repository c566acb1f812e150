import type { Cluster } from '../../cluster/cluster.js'
import type { Report, ReportContext } from './define-report.js'

export interface ReportWork {
  readonly report: Report
  readonly context: ReportContext<unknown>
}

export async function splitReport({ report, context }: ReportWork): Promise<readonly unknown[]> {
  const { partitions } = report
  return partitions === undefined ? [] : partitions.split(context)
}

export async function computePart(
  { report, context }: ReportWork,
  part: unknown,
  _place: { readonly at: number; readonly count: number },
): Promise<unknown> {
  return report.partitions?.compute(context, part)
}

export function contextOf(cluster: Cluster, options: unknown, signal: AbortSignal): ReportContext<unknown> {
  return Object.freeze({ cluster, options, signal })
}
