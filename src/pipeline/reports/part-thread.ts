import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { countThread } from '../../util/thread-count.js'
import { ERROR_CODES, type ErrorCode, ShardyardError } from '../../errors.js'
import type { PartAnswer, PartOrder, PartThreadStart } from './part-messages.js'
import { reportFailed } from './report-failed.js'

/** Bounds a thread's heap, so that one that runs wild ends alone. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 256 }
const END_LIMIT_MS = 2_000

/** What a thread is at work on. */
interface Task {
  readonly label: string
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** One worker thread that makes parts of a report, one after the other. A thread that dies fails its part, and so the report. */
export class PartThread {
  readonly #worker: Worker
  readonly #report: string
  #task: Task | undefined
  #death: string | undefined

  constructor(start: PartThreadStart) {
    this.#report = start.report
    this.#worker = new Worker(join(__dirname, 'part-worker.js'), { workerData: start, resourceLimits: RESOURCE_LIMITS })
    countThread(this.#worker)
    this.#worker.on('message', (answer: PartAnswer) => this.#receive(answer))
    this.#worker.on('error', (error: Error) => (this.#death = error.message))
    this.#worker.on('exit', (code) => this.#bury(code))
  }

  /** The result of a part. */
  make(part: unknown, at: number, count: number): Promise<unknown> {
    const label = `part ${at + 1} of ${count}`
    return new Promise((resolve, reject) => {
      this.#task = { label, resolve, reject }
      if (this.#worker.threadId < 0) this.#bury(undefined)
      else this.#order({ kind: 'make', at, count, part })
    })
  }

  /** Ends the thread: with `stop` in the middle of a part, if it can; for good after a limit. */
  async close(kind: 'end' | 'stop'): Promise<void> {
    if (this.#worker.threadId < 0) return
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()))
    const timer = setTimeout(() => void this.#worker.terminate(), END_LIMIT_MS)
    this.#order({ kind })
    await ended
    clearTimeout(timer)
  }

  #order(order: PartOrder): void {
    this.#worker.postMessage(order)
  }

  #receive(answer: PartAnswer): void {
    const task = this.#task
    this.#task = undefined
    if (answer.kind === 'made') task?.resolve(answer.result)
    else task?.reject(errorOf(answer))
  }

  #bury(code: number | undefined): void {
    const why = this.#death ?? `it ended by itself${code === undefined ? '' : ` with code ${code}`}`
    const task = this.#task
    this.#task = undefined
    task?.reject(reportFailed(`A thread died at ${task.label} of the report "${this.#report}": ${why}.`))
  }
}

/** An error of a thread as it would have been here. */
function errorOf({ code, message, details }: Extract<PartAnswer, { kind: 'failed' }>): Error {
  if (code === undefined || !Object.hasOwn(ERROR_CODES, code)) return reportFailed(message)
  return new ShardyardError(code as ErrorCode, message, { details })
}
