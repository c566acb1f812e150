import assert from 'node:assert'
import { ShardyardError } from '../../errors.js'
import { sleep, within } from '../../util/sleep.js'
import type { ConsumerHooks, GroupConsumer } from './group-consumer.js'
import { Membership } from './membership.js'
import type { MessageStream, StreamEvent, StreamRunOptions, TakeBatch } from './message-stream.js'
import { Patience } from './patience.js'
import { PartitionWork } from './partition-work.js'

/** What a {@link GroupStream} needs to know; all in milliseconds but the first three. */
export interface GroupStreamOptions {
  /** Makes a consumer that is connected. When the signal aborts it gives up, and leaves nothing behind. */
  readonly connect: (signal: AbortSignal) => Promise<GroupConsumer>
  /** Whether another attempt would end as this one did. */
  readonly isRefusal: (error: unknown) => boolean
  /** What the caller is told of a failure that ends the run. */
  readonly failure: (error: unknown) => ShardyardError
  readonly batchMax: number
  readonly sessionTimeoutMs: number
  readonly waitMs: number
  readonly retryMs: number
  readonly closeLimitMs: number
}

/** The group is told that we are alive so many times in a session. */
export const BEATS_PER_SESSION = 10

interface Run {
  readonly take: TakeBatch
  readonly emit: (event: StreamEvent) => void
  /** Aborts when the run is to end in order. */
  readonly stopping: AbortSignal
  readonly stopped: Promise<undefined>
}

/**
 * A stream over consumers that come and go: each attempt has one of its own, which ends with it.
 *
 * connected  there is a consumer that was not started  → `run`
 * running    an attempt is under way                   → ended, or waiting when its consumer crashes
 * waiting    no consumer; a back-off                   → running, or ended when the brokers were away for too long
 * ended      the consumer has left the group           → `run` connects another
 * closed     no run begins any more
 */
export class GroupStream implements MessageStream {
  readonly #options: GroupStreamOptions
  #connected: GroupConsumer | undefined
  #running: Promise<void> | undefined
  #closed: Promise<void> | undefined
  /** Aborts when `close` is called, and when it has waited long enough. */
  readonly #closing = new AbortController()
  readonly #forcing = new AbortController()
  readonly #forced = aborted(this.#forcing.signal)

  constructor(connected: GroupConsumer, options: GroupStreamOptions) {
    this.#connected = connected
    this.#options = options
  }

  async run(take: TakeBatch, { signal, onEvent = () => undefined }: StreamRunOptions): Promise<void> {
    if (this.#closed !== undefined) throw new ShardyardError('SY_CLUSTER_CLOSED', 'The stream is closed. Open another.')
    assert(this.#running === undefined, 'A stream runs once at a time.')
    const stopping = AbortSignal.any([signal, this.#closing.signal])
    const run = { take, emit: onEvent, stopping, stopped: aborted(stopping) }
    this.#running = this.#runUntilStopped(run).finally(() => (this.#running = undefined))
    await this.#running
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    const end = this.#running?.catch(() => undefined) ?? this.#endIdle()
    await within(end, this.#options.closeLimitMs)
    this.#forcing.abort()
    await end
  }

  async #endIdle(): Promise<void> {
    const consumer = this.#connected
    this.#connected = undefined
    if (consumer === undefined) return
    await within(
      consumer.stop().catch(() => undefined),
      this.#options.closeLimitMs,
    )
    consumer.cut()
  }

  async #runUntilStopped(run: Run): Promise<void> {
    const { isRefusal, failure, waitMs } = this.#options
    const patience = new Patience(waitMs)
    while (!run.stopping.aborted) {
      try {
        await this.#attempt(run, patience)
      } catch (error) {
        if (error instanceof ShardyardError && error.code === 'SY_INTERRUPTED') throw error
        if (run.stopping.aborted) return
        const retryMs = isRefusal(error) ? undefined : patience.next()
        if (retryMs === undefined) throw failure(error)
        run.emit({ kind: 'waiting-for-stream', message: failure(error).message, retryMs })
        await sleep(retryMs, run.stopping).catch(() => undefined)
      }
    }
  }

  /** Resolves when the run is to end; rejects when the consumer has crashed. */
  async #attempt({ take, emit, stopping, stopped }: Run, patience: Patience): Promise<void> {
    const { batchMax, retryMs, sessionTimeoutMs } = this.#options
    const consumer = this.#connected ?? (await Promise.race([this.#options.connect(stopping), stopped]))
    this.#connected = undefined
    if (consumer === undefined) return
    const membership = new Membership(sessionTimeoutMs)
    const beatMs = Math.ceil(sessionTimeoutMs / BEATS_PER_SESSION / 2)
    const work = new PartitionWork({ take, membership, stopping, emit, batchMax, beatMs, retryMs })
    let started: Promise<void> = Promise.resolve()
    const crashed = new Promise<never>((_, reject) => {
      started = consumer.start(hooksOf({ membership, work, patience, emit, onCrash: reject }))
    })
    try {
      await Promise.race([started.then(() => stopped), crashed, stopped])
    } finally {
      await this.#end(consumer, { work, membership, started })
    }
  }

  /** Batches at work are waited for without a limit, unless `close` has run out of patience; brokers with one. */
  async #end(
    consumer: GroupConsumer,
    { work, membership, started }: { work: PartitionWork; membership: Membership; started: Promise<void> },
  ): Promise<void> {
    const { closeLimitMs } = this.#options
    try {
      // A consumer that is still joining could not leave the group.
      await Promise.race([within(started, closeLimitMs), this.#forced])
      // Should it fail, the cut does the rest.
      const stopped = consumer.stop().catch(() => undefined)
      await Promise.race([work.idle(), this.#forced])
      await Promise.race([within(stopped, closeLimitMs), this.#forced])
    } finally {
      membership.lose()
      work.forgetPauses()
      consumer.cut()
    }
    if (!work.isIdle) {
      throw new ShardyardError(
        'SY_INTERRUPTED',
        'The stream was closed before a batch at work was done. Its messages are not committed and come again.',
      )
    }
  }
}

interface Watchers {
  readonly membership: Membership
  readonly work: PartitionWork
  readonly patience: Patience
  readonly emit: (event: StreamEvent) => void
  readonly onCrash: (error: Error) => void
}

function hooksOf({ membership, work, patience, emit, onCrash }: Watchers): ConsumerHooks {
  return {
    onJoin: (partitions) => {
      membership.join(partitions)
      emit({ kind: 'joined', partitions })
    },
    onBeat: () => {
      membership.beat()
      patience.calm()
    },
    onLoss: () => {
      membership.lose()
      emit({ kind: 'rebalancing' })
    },
    onCrash,
    onLog: (level, message) => emit({ kind: 'log', level, message }),
    onBatch: (batch) => work.process(batch),
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
}
