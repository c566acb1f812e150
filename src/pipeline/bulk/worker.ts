/**
 * The entry of a worker thread. It loads the database driver alone; TypeORM and the entities only when it is given a
 * part of a generated source to make and judge itself.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { faultPointOf } from './fault-points.js'
import { answerLimit } from '../../util/answer-limit.js'
import { sleep } from '../../util/sleep.js'
import { LatencyCounts } from './latency-counts.js'
import type { ChunkTask } from '../ingest/ingest-plan.js'
import type { ChunkWork } from '../ingest/chunk-work.js'
import { SIGNAL, type GenerateTask, type Task, type WorkerReport, type WorkerStart } from './messages.js'
import { Stopped } from './stopped.js'
import { TaskFailed } from './task-failed.js'
import { Writer } from './writer.js'
import { WriterTurns } from './writer-turns.js'

const start = workerData as WorkerStart
const shared = new Float64Array(start.shared)
const fault = faultPointOf(start.faults)
const turns = new WriterTurns(start.turns.buffer)
const latencies = new LatencyCounts()
let [settled, busyMs] = [0, 0]

/** How long a thread that is to stop waits for the answer to its last statement. */
const STOP_LIMIT_MS = 2_000
const STOP_POLL_MS = 250

function atWork(position: number | undefined): void {
  shared[start.thread] = position === undefined ? 0 : position + 1
}

function answerMs(): number {
  return shared[0] === SIGNAL.stop ? STOP_LIMIT_MS : answerLimit(start.facts.waitMs)
}

async function mayGoOn(): Promise<void> {
  while (shared[0] === SIGNAL.pause) await sleep(50)
  if (shared[0] === SIGNAL.stop) throw new Stopped()
}

const writer = new Writer({
  thread: start.thread,
  facts: start.facts,
  fault,
  atWork,
  settled(records, durationUs) {
    settled += records
    if (durationUs !== undefined) {
      busyMs += durationUs / 1000
      latencies.add(durationUs, start.facts.batch === 1 ? records : 1)
    }
    if (settled >= REPORT_EVERY) reportProgress()
  },
  async turn(database) {
    const index = start.turns.databases.indexOf(database)
    if (index < 0) return () => undefined
    await turns.take(index, start.thread)
    return () => turns.end(index, start.thread)
  },
  answerMs,
  waiting: (database, message) => waiting({ database, message }),
  mayGoOn,
})

const REPORT_EVERY = start.facts.batch === 1 ? 20 : 1_000

function report(message: WorkerReport): void {
  parentPort?.postMessage(message)
}

function waiting({ database, message }: { database: string; message: string }): void {
  report({ kind: 'waiting', database, message })
}

function reportProgress(): void {
  if (settled > 0) report({ kind: 'progress', settled, latencies: latencies.take(), busyMs })
  settled = busyMs = 0
}

async function run(task: Task): Promise<void> {
  switch (task.kind) {
    case 'write': {
      const plan = start.plans[task.plan]
      if (plan !== undefined) await writer.write(plan, task.records, task.care)
      return
    }
    case 'generate':
      return generate(task)
    case 'chunk':
      return ingest(task)
    case 'flush':
      await ingestion?.then((work) => work.flush())
      return writer.flush()
    default:
      task satisfies never
  }
}

async function generate(task: GenerateTask): Promise<void> {
  const { GeneratedPart } = require('./generated-part.js') as typeof import('./generated-part.js')
  const part = await GeneratedPart.open(start, { waitMs: start.facts.waitMs, signal: stopSignal(), onEvent: waiting })
  for await (const { plan, records } of part.batches(task)) await writer.write(plan, records, task.care)
  // The next part may be of another database; this one's page cache would lie idle.
  await writer.flush()
  await writer.close()
}

let ingestion: Promise<ChunkWork> | undefined

async function ingest(task: ChunkTask): Promise<void> {
  ingestion ??= openIngestion()
  const work = await ingestion
  const startedAt = performance.now()
  const outcome = await work.run(task)
  report({ kind: 'chunk', task, outcome, busyMs: performance.now() - startedAt })
}

async function openIngestion(): Promise<ChunkWork> {
  const { openChunkWork } = require('../ingest/chunk-thread.js') as typeof import('../ingest/chunk-thread.js')
  return openChunkWork(start, {
    waitMs: start.facts.waitMs,
    fault,
    atWork,
    waiting: (database, message) => waiting({ database, message }),
    answerMs,
    isLoad: true,
    mayGoOn,
    stopSignal: stopSignal(),
  })
}

/** Aborts when the load has told its threads to stop. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  setInterval(() => shared[0] === SIGNAL.stop && stop.abort(new Stopped()), STOP_POLL_MS).unref()
  return stop.signal
}

let queue = Promise.resolve()

parentPort?.on('message', (task: Task | 'end') => {
  queue = queue.then(() => handle(task))
})

async function handle(task: Task | 'end'): Promise<void> {
  if (task === 'end') return end()
  try {
    fault('task', task.id)
    await run(task)
    reportProgress()
    report({ kind: 'done', id: task.id })
  } catch (error) {
    reportProgress()
    if (error instanceof Stopped) return report({ kind: 'stopped', id: task.id })
    const known = error instanceof TaskFailed ? error : undefined
    const message = error instanceof Error ? error.message : String(error)
    report({ kind: 'failed', id: task.id, message, database: known?.database, isFinal: known?.isFinal ?? true })
  }
}

async function end(): Promise<void> {
  const { runOnEnd } = require('./thread-end.js') as typeof import('./thread-end.js')
  await ingestion?.then((work) => work.close())
  await runOnEnd()
  await writer.close()
  parentPort?.close()
}

report({ kind: 'ready' })
