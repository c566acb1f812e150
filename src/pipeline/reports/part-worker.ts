/** A worker thread that makes parts of a report. It reads its data itself; only numbers and results cross threads. */
import { parentPort, workerData } from 'node:worker_threads'
import { Cluster } from '../../cluster/cluster.js'
import { loadDefinition } from '../../cluster/load-definition.js'
import { ShardyardError } from '../../errors.js'
import { findReport } from './find-report.js'
import type { PartAnswer, PartOrder, PartThreadStart } from './part-messages.js'
import { computePart, contextOf, type ReportWork } from './report-parts.js'

const CLOSE_LIMIT_MS = 1_000

const start = workerData as PartThreadStart
const stop = new AbortController()
let [cluster, work]: [Cluster | undefined, Promise<ReportWork> | undefined] = [undefined, undefined]

async function open(): Promise<ReportWork> {
  const definition = await loadDefinition(start.config)
  const report = findReport(definition, start.report)
  cluster = await Cluster.open(definition)
  return { report, context: contextOf(cluster, start.options, stop.signal) }
}

async function make({ part, at, count }: Extract<PartOrder, { kind: 'make' }>): Promise<PartAnswer> {
  try {
    work ??= open()
    return { kind: 'made', result: await computePart(await work, part, { at, count }) }
  } catch (error) {
    const known = error instanceof ShardyardError ? error : undefined
    const message = error instanceof Error ? error.message : String(error)
    // Plain data by promise; what is not could not be sent.
    const details = JSON.parse(JSON.stringify(known?.details ?? {})) as Record<string, unknown>
    return { kind: 'failed', code: known?.code, message, details }
  }
}

async function end(): Promise<void> {
  await work?.catch(() => undefined)
  await cluster?.close(CLOSE_LIMIT_MS)
  parentPort?.close()
}

parentPort?.on('message', (order: PartOrder) => {
  if (order.kind === 'make') return void make(order).then((answer) => parentPort?.postMessage(answer))
  if (order.kind === 'stop') stop.abort()
  return void end()
})
