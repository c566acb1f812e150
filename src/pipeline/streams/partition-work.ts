import { sleep } from '../../util/sleep.js'
import type { FetchedBatch } from './group-consumer.js'
import type { Membership } from './membership.js'
import type { PartitionClaim, StreamBatch, StreamEvent, TakeBatch } from './message-stream.js'

const RETRY_MAX_MS = 30_000
const COMMIT_ATTEMPTS = 6
const COMMIT_RETRY_MS = 100

export interface PartitionWorkOptions {
  readonly take: TakeBatch
  readonly membership: Membership
  /** No batch is begun after it has aborted. */
  readonly stopping: AbortSignal
  readonly emit: (event: StreamEvent) => void
  readonly batchMax: number
  readonly beatMs: number
  /** The first back-off after `take` has rejected; it doubles from time to time. */
  readonly retryMs: number
}

/** How many messages wait from an offset on. */
function lagOf({ highWatermark }: FetchedBatch, offset: bigint): number {
  return Number(highWatermark > offset ? highWatermark - offset : 0n)
}

/**
 * Hands what was fetched to `take`, piece by piece. Invariants:
 *
 * 1. A partition is never at work twice, even when it is fetched anew after a rebalance.
 * 2. An offset is committed after everything before it has been taken, and only while the partition is ours.
 * 3. Reading goes on behind a piece only when it is committed.
 */
export class PartitionWork {
  readonly #options: PartitionWorkOptions
  readonly #atWork = new Map<number, Promise<void>>()
  readonly #failures = new Map<number, number>()
  readonly #pauses = new Set<NodeJS.Timeout>()

  constructor(options: PartitionWorkOptions) {
    this.#options = options
  }

  get isIdle(): boolean {
    return this.#atWork.size === 0
  }

  /** Resolves when nothing is at work. */
  async idle(): Promise<void> {
    while (!this.isIdle) await Promise.all(this.#atWork.values())
  }

  /** To be called when the consumer has ended. */
  forgetPauses(): void {
    for (const timer of this.#pauses) clearTimeout(timer)
  }

  /** @throws what ends the membership, or what kept the offset from being committed */
  async process(batch: FetchedBatch): Promise<void> {
    const { partition } = batch
    while (this.#atWork.has(partition)) await this.#atWork.get(partition)
    const work = this.#withHeartbeat(batch)
    this.#atWork.set(
      partition,
      work.catch(() => undefined),
    )
    try {
      await work
    } finally {
      this.#atWork.delete(partition)
    }
  }

  async #withHeartbeat(batch: FetchedBatch): Promise<void> {
    const { membership, beatMs } = this.#options
    let loss: { readonly error: unknown } | undefined
    const timer = setInterval(() => {
      batch.heartbeat().catch((error: unknown) => {
        membership.lose()
        loss ??= { error }
      })
    }, beatMs)
    try {
      await this.#takeAll(batch, membership.claim(batch.partition))
    } finally {
      clearInterval(timer)
    }
    // The consumer joins again when it learns of it.
    if (loss !== undefined) throw loss.error
  }

  async #takeAll(batch: FetchedBatch, claim: PartitionClaim): Promise<void> {
    const { batchMax, stopping, emit } = this.#options
    const start = batch.messages[0]?.offset ?? batch.endOffset
    // Also when the first piece has to wait for its database.
    emit({ kind: 'lag', partition: batch.partition, lag: lagOf(batch, start) })
    for (let at = 0; at < batch.messages.length; at += batchMax) {
      if (stopping.aborted || !claim.isOurs()) return
      const messages = batch.messages.slice(at, at + batchMax)
      const isLast = at + batchMax >= batch.messages.length
      const next = isLast ? batch.endOffset : (messages.at(-1)?.offset ?? 0n) + 1n
      const isDone = await this.#takePiece(batch, { messages, next, claim })
      if (!isDone) return
    }
  }

  /** Whether the next piece may follow. */
  async #takePiece(
    batch: FetchedBatch,
    { messages, next, claim }: Pick<StreamBatch, 'messages'> & { next: bigint; claim: PartitionClaim },
  ): Promise<boolean> {
    const { take, emit } = this.#options
    const { topic, partition, highWatermark } = batch
    const offset = messages[0]?.offset ?? next
    try {
      await take({ topic, partition, messages, highWatermark }, claim)
    } catch (error) {
      this.#postpone(batch, offset, error)
      return false
    }
    this.#failures.delete(partition)
    const isCommitted = await this.#commit(batch, next, claim)
    if (!isCommitted) return false
    batch.goOnAt(next)
    emit({ kind: 'committed', partition, offset: next })
    emit({ kind: 'lag', partition, lag: lagOf(batch, next) })
    return true
  }

  /** Other partitions go on meanwhile. */
  #postpone(batch: FetchedBatch, offset: bigint, error: unknown): void {
    const { partition } = batch
    const attempt = (this.#failures.get(partition) ?? 0) + 1
    this.#failures.set(partition, attempt)
    const retryMs = Math.min(RETRY_MAX_MS, this.#options.retryMs * 2 ** (attempt - 1))
    const resume = batch.pause()
    const timer = setTimeout(() => {
      this.#pauses.delete(timer)
      resume()
    }, retryMs)
    this.#pauses.add(timer)
    this.#options.emit({ kind: 'batch-failed', partition, offset, attempt, retryMs, error })
  }

  /**
   * False when the partition was lost before it could be tried. A connection that breaks is no reason to have the batch
   * again: committing twice does no harm.
   */
  async #commit(batch: FetchedBatch, offset: bigint, claim: PartitionClaim): Promise<boolean> {
    const { membership, emit } = this.#options
    let failure: unknown
    for (let attempt = 0; attempt < COMMIT_ATTEMPTS; attempt++) {
      if (attempt > 0) await sleep(COMMIT_RETRY_MS * 2 ** (attempt - 1))
      // Asked each time: in the next generation it would be committed in the name of another owner.
      if (!claim.isOurs()) break
      try {
        await batch.commit(offset)
        return true
      } catch (error) {
        failure = error
        if (batch.isLoss(error)) membership.lose()
      }
    }
    emit({ kind: 'left-uncommitted', partition: batch.partition, offset })
    if (failure !== undefined) throw failure
    return false
  }
}
