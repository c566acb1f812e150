/** Has the parts of a report made: in this thread, or side by side in others. */
import { computePart, type ReportWork } from './report-parts.js'
import { PartThread } from './part-thread.js'

/** Who makes the parts. */
export interface PartsOptions {
  readonly workers: number
  /** The module whose default export is the cluster's definition; needed when there are several workers. */
  readonly config: string | undefined
  readonly onPart: (done: number, total: number) => void
}

/** The results of the parts, in their order, whoever made them. */
export async function makeParts(
  work: ReportWork,
  parts: readonly unknown[],
  { workers, config, onPart }: PartsOptions,
): Promise<readonly unknown[]> {
  const count = parts.length
  const results: unknown[] = Array.from({ length: count })
  let [next, done] = [0, 0]
  const makeAll = async (make: (part: unknown, at: number) => Promise<unknown>) => {
    while (next < count) {
      work.context.signal.throwIfAborted()
      const at = next++
      results[at] = await make(parts[at], at)
      onPart(++done, count)
    }
  }
  const threads = Math.min(workers, count)
  if (threads <= 1 || config === undefined) await makeAll((part, at) => computePart(work, part, { at, count }))
  else await inThreads(work, { threads, config }, (thread) => makeAll((part, at) => thread.make(part, at, count)))
  return results
}

/** Runs the same work on each of several threads. The first failure, or the signal, stops all; none is left behind. */
async function inThreads(
  { report, context }: ReportWork,
  { threads, config }: { readonly threads: number; readonly config: string },
  work: (thread: PartThread) => Promise<void>,
): Promise<void> {
  const options = context.options as Readonly<Record<string, unknown>>
  const started = Array.from({ length: threads }, () => new PartThread({ config, report: report.name, options }))
  let stopped: Promise<unknown> | undefined
  const stop = () => (stopped ??= Promise.all(started.map((thread) => thread.close('stop'))))
  const onAbort = () => void stop()
  context.signal.addEventListener('abort', onAbort)
  try {
    await Promise.all(started.map(work))
    await Promise.all(started.map((thread) => thread.close('end')))
  } catch (error) {
    await stop()
    context.signal.throwIfAborted()
    throw error
  } finally {
    context.signal.removeEventListener('abort', onAbort)
  }
}
