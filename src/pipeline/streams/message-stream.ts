/** A message of a stream; its bytes are as they were sent. */
export interface StreamMessage {
  /** The place in its partition. It may be larger than a number can be. */
  readonly offset: bigint
  /** Null is a tombstone: the key has been deleted. */
  readonly value: Uint8Array | null
  readonly key: Uint8Array | null
  readonly timestamp: Date
}

/** Messages of one partition that follow one another; offsets may have gaps, as logs are cleaned. */
export interface StreamBatch {
  readonly topic: string
  readonly partition: number
  /** At least one. */
  readonly messages: readonly StreamMessage[]
  /** The offset that the next message will get; what lies between is the lag. */
  readonly highWatermark: bigint
}

/** What a batch may ask about its partition while it is at work. */
export interface PartitionClaim {
  /** False when another consumer may have been given the partition: what is taken then will not be committed. */
  isOurs(): boolean
}

/** Stores a batch; what it has resolved for is committed. */
export type TakeBatch = (batch: StreamBatch, partition: PartitionClaim) => Promise<void>

/** What a stream tells while it runs; times are milliseconds. It never holds a key, a value or a password. */
export type StreamEvent =
  | { readonly kind: 'joined'; readonly partitions: readonly number[] }
  /** The partitions were given up; they are shared out anew. */
  | { readonly kind: 'rebalancing' }
  /** `offset` is the first that is not done. */
  | { readonly kind: 'committed'; readonly partition: number; readonly offset: bigint }
  /** A batch was taken, but `offset`, the first behind it, was not committed: it comes again, here or elsewhere. */
  | { readonly kind: 'left-uncommitted'; readonly partition: number; readonly offset: bigint }
  /** Messages that wait in the partition behind the last one committed: told when some come, and after each batch. */
  | { readonly kind: 'lag'; readonly partition: number; readonly lag: number }
  /** `take` has rejected the batch that starts at `offset`; it comes again. */
  | {
      readonly kind: 'batch-failed'
      readonly partition: number
      readonly offset: bigint
      readonly attempt: number
      readonly retryMs: number
      readonly error: unknown
    }
  /** The brokers are away or refuse to serve. */
  | { readonly kind: 'waiting-for-stream'; readonly message: string; readonly retryMs: number }
  | { readonly kind: 'log'; readonly level: 'error' | 'warning'; readonly message: string }

/** Options of a stream's `run`. */
export interface StreamRunOptions {
  /** Ends the run: what is at work is finished and committed, then the group is left. */
  readonly signal: AbortSignal
  readonly onEvent?: (event: StreamEvent) => void
}

/** Messages that arrive without an end, read by a group of consumers that remembers how far it got. */
export interface MessageStream {
  /**
   * Runs until `signal` aborts. `take` gets the batches of a partition in order, never two at once for one partition;
   * the offset behind a batch is committed only after `take` has resolved. When it rejects, nothing is committed, and
   * the messages come again after a back-off. Messages may come twice; none is left out.
   *
   * @throws SY_STREAM_DOWN when the brokers refuse to serve, or are away for too long; SY_INPUT_INVALID when the topic
   * is gone
   * @throws SY_INTERRUPTED when `close` did not want to wait for `take` any longer
   */
  run(take: TakeBatch, options: StreamRunOptions): Promise<void>
  /** Ends a run as its signal does, by force after a limit. */
  close(): Promise<void>
}
