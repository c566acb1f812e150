import type { StreamMessage } from './message-stream.js'

/**
 * What a stream needs of the package that speaks to the brokers; one file per package implements it. A consumer is
 * connected when it is made, is started once, and does not start again by itself.
 */
export interface GroupConsumer {
  /** Joins the group and reads. Resolves when it has joined or crashed. */
  start(hooks: ConsumerHooks): Promise<void>
  /** Reads no more, waits for the batches at work, leaves the group and disconnects. Has no limit. */
  stop(): Promise<void>
  /** Breaks every connection and opens none from then on. */
  cut(): void
}

/** What a consumer tells; none of these may throw but `onBatch`. */
export interface ConsumerHooks {
  readonly onJoin: (partitions: readonly number[]) => void
  /** The group has heard of us just now. */
  readonly onBeat: () => void
  /** The partitions are shared out anew. */
  readonly onLoss: () => void
  /** The consumer has ended by itself. */
  readonly onCrash: (error: Error) => void
  readonly onLog: (level: 'error' | 'warning', message: string) => void
  /** Called for several partitions at once. Its error makes the consumer read again from the last offset done. */
  readonly onBatch: (batch: FetchedBatch) => Promise<void>
}

/** What was read of one partition, at least one message, and what can be done with it. */
export interface FetchedBatch {
  readonly topic: string
  readonly partition: number
  readonly messages: readonly StreamMessage[]
  /** The offset behind the batch; it lies behind the last message when the batch ends in what is no message. */
  readonly endOffset: bigint
  readonly highWatermark: bigint
  /** Rejects when the group has put us out or shares out anew, not when it cannot be reached. */
  heartbeat(): Promise<void>
  /** Has the group remember that all before `offset` is done. */
  commit(offset: bigint): Promise<void>
  /** Reading goes on at `offset`; else it comes again. */
  goOnAt(offset: bigint): void
  /** Stops reading the partition until the function that it returns is called. */
  pause(): () => void
  /** Whether an error of `commit` says that the partition is no longer ours. */
  isLoss(error: unknown): boolean
}
