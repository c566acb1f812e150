/**
 * A `RecordIntake` in a worker thread: whoever asks does not wait while others are written.
 *
 * States: opening → open → closed; opening, open → gone, when the thread ends by itself
 *   gone  what was not told is `unavailable`; another one may be opened
 *
 * While two batches are with the thread, others wait here: the longer a batch takes, the more share the next one.
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ShardyardError, type ErrorCode } from '../../errors.js'
import { countThread } from '../../util/thread-count.js'
import { outcomeOf, type IntakeAnswer, type IntakeCall, type IntakeStart, type ToldError } from './intake-messages.js'
import { bytesOf, type GivenRecord, type RecordOutcome } from './record-intake.js'

const BATCH_RECORDS = 1_000
const BATCH_BYTES = 4 * 2 ** 20
/** One is written while the disk works on the other. */
const BATCHES_MAX = 2
const CLOSE_LIMIT_MS = 10_000

interface Waiting {
  readonly raw: Uint8Array
  readonly resolve: (outcome: RecordOutcome) => void
  readonly reject: (error: unknown) => void
}

export class ThreadIntake {
  readonly #worker: Worker
  readonly #onGone: () => void
  readonly #waiting: Waiting[] = []
  readonly #sent = new Map<number, readonly Waiting[]>()
  #id = 0
  #isSending = false
  #closing: Promise<void> | undefined
  #isGone = false
  #lastError: Error | undefined

  /** @throws what keeps the thread from opening its cluster, and its run */
  static async open(start: IntakeStart, onGone: () => void): Promise<ThreadIntake> {
    const worker = new Worker(join(__dirname, 'intake-thread.js'), { workerData: start })
    countThread(worker)
    return new Promise((resolve, reject) => {
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('The thread that stores single records has ended at its start.')))
      worker.once('message', (message: IntakeAnswer) => {
        if (message.kind === 'failed') return reject(errorOf(message.error))
        resolve(new ThreadIntake(worker, onGone))
      })
    })
  }

  private constructor(worker: Worker, onGone: () => void) {
    this.#worker = worker
    this.#onGone = onGone
    worker.on('message', (message: IntakeAnswer) => this.#receive(message))
    worker.on('error', (error) => (this.#lastError = error))
    worker.on('exit', () => this.#end())
  }

  /** Takes records as `RecordIntake.take`. */
  take(records: readonly GivenRecord[]): Promise<RecordOutcome[]> {
    return Promise.all(
      records.map(bytesOf).map(
        (raw) =>
          new Promise<RecordOutcome>((resolve, reject) => {
            const waiting = { raw, resolve, reject }
            if (this.#isGone) return this.#giveUp(waiting)
            this.#waiting.push(waiting)
            this.#sendSoon()
          }),
      ),
    )
  }

  /** Settles what was given, and ends the run and the thread. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    if (this.#isGone) return
    while (this.#waiting.length > 0) this.#send()
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()))
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_LIMIT_MS)
    this.#call({ kind: 'close' })
    await ended
    clearTimeout(timer)
  }

  /** Those that arrive in the same turn of the event loop go together. */
  #sendSoon(): void {
    if (this.#isSending || this.#sent.size >= BATCHES_MAX) return
    this.#isSending = true
    setImmediate(() => {
      this.#isSending = false
      while (this.#waiting.length > 0 && this.#sent.size < BATCHES_MAX) this.#send()
    })
  }

  #send(): void {
    let count = 0
    let length = 0
    for (; count < Math.min(this.#waiting.length, BATCH_RECORDS) && length < BATCH_BYTES; count++)
      length += this.#waiting[count]?.raw.length ?? 0
    const batch = this.#waiting.splice(0, count)
    const bytes = new Uint8Array(length)
    let at = 0
    for (const { raw } of batch) {
      bytes.set(raw, at)
      at += raw.length
    }
    const id = ++this.#id
    this.#sent.set(id, batch)
    this.#call({ kind: 'take', id, bytes, lengths: batch.map(({ raw }) => raw.length) }, [bytes.buffer])
  }

  #call(call: IntakeCall, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(call, transfer)
  }

  #receive(message: IntakeAnswer): void {
    if (message.kind === 'open' || message.id === undefined) return
    const batch = this.#sent.get(message.id) ?? []
    this.#sent.delete(message.id)
    if (this.#waiting.length > 0) this.#sendSoon()
    if (message.kind === 'told') {
      for (const [index, { resolve }] of batch.entries()) resolve(outcomeOf(message.told[index] ?? null))
    } else {
      const error = errorOf(message.error)
      for (const { reject } of batch) reject(error)
    }
  }

  #end(): void {
    this.#isGone = true
    if (this.#closing === undefined) this.#onGone()
    for (const waiting of [...this.#sent.values(), this.#waiting].flat()) this.#giveUp(waiting)
    this.#sent.clear()
    this.#waiting.length = 0
  }

  /** Whether it is stored is not known. */
  #giveUp({ resolve }: Waiting): void {
    const why = this.#lastError === undefined ? '' : `: ${this.#lastError.message}`
    resolve({ outcome: 'unavailable', database: '', message: `The thread that stores records has ended${why}.` })
  }
}

function errorOf({ message, code, details }: ToldError): Error {
  return code === undefined ? new Error(message) : new ShardyardError(code as ErrorCode, message, { details })
}
