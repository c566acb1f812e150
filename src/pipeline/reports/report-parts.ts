/** The parts of a report: cut by the data and the options, made by whoever is at hand. */
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { untilAborted } from '../../util/until-aborted.js'
import type { Report, ReportContext } from './define-report.js'
import { reportFailed } from './report-failed.js'

/** A report about to be made: its options are checked. */
export interface ReportWork {
  readonly report: Report
  readonly context: ReportContext<unknown>
}

/** The parts of a report; none when it is made in one go. */
export async function splitReport({ report, context }: ReportWork): Promise<readonly unknown[]> {
  const { partitions } = report
  return partitions === undefined ? [] : plainJson(await untilAborted(partitions.split(context), context.signal))
}

/**
 * Makes the part with the number `at`, of `count`.
 *
 * @throws SY_REPORT_FAILED when the report's own code fails at it
 */
export async function computePart(
  { report, context }: ReportWork,
  part: unknown,
  { at, count }: { readonly at: number; readonly count: number },
): Promise<unknown> {
  try {
    return plainJson(await untilAborted(report.partitions?.compute(context, part) as Promise<unknown>, context.signal))
  } catch (error) {
    context.signal.throwIfAborted()
    if (error instanceof ShardyardError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw reportFailed(`Part ${at + 1} of ${count} of the report "${report.name}" has failed: ${why}`, error)
  }
}

/** The same for whoever makes a part: what comes back from a thread, or from a job, has been JSON in between. */
export function plainJson<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T)
}

/** What a report is made from in this process. */
export function contextOf(cluster: Cluster, options: unknown, signal: AbortSignal): ReportContext<unknown> {
  return Object.freeze({ cluster, options, signal })
}
