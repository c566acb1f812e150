/** Where the bytes of a report go. */
import { createHash } from 'node:crypto'
import type { Writable } from 'node:stream'
import { ShardyardError } from '../../errors.js'
import { WholeFile } from '../../util/whole-file.js'
import type { ReportSink } from './writers/report-writer.js'

/** A place that keeps what it got, or forgets it. */
interface Target extends ReportSink {
  commit(): Promise<void>
  discard(): Promise<void>
}

/** Counts and hashes bytes on their way. Once the signal has aborted it takes none, so whatever writes ends. */
export class ReportOutput implements ReportSink {
  sizeBytes = 0
  readonly #hash = createHash('sha256')

  private constructor(
    private readonly target: Target,
    private readonly signal: AbortSignal,
  ) {}

  static async open(output: string | Writable, signal: AbortSignal): Promise<ReportOutput> {
    const target = typeof output === 'string' ? await WholeFile.open(output) : new StreamTarget(output)
    return new ReportOutput(target, signal)
  }

  get isWaiting(): boolean {
    return this.target.isWaiting
  }

  take(bytes: Uint8Array): void {
    this.signal.throwIfAborted()
    this.#hash.update(bytes)
    this.sizeBytes += bytes.length
    this.target.take(bytes)
  }

  flush(): Promise<void> {
    return this.target.flush()
  }

  /** Puts the report in its place; answers its SHA-256 in hex. */
  async commit(): Promise<string> {
    await this.target.commit()
    return this.#hash.digest('hex')
  }

  discard(): Promise<void> {
    return this.target.discard()
  }
}

const BLOCK_BYTES = 64 * 1024

/** A stream of the caller, who ends it. What it got cannot be taken back. */
class StreamTarget implements Target {
  #pieces: Uint8Array[] = []
  #bytes = 0
  /** Without a listener the stream's error would end the process; `write` tells of it too. */
  readonly #onError = () => undefined

  constructor(private readonly stream: Writable) {
    stream.on('error', this.#onError)
  }

  get isWaiting(): boolean {
    return this.#bytes >= BLOCK_BYTES
  }

  take(bytes: Uint8Array): void {
    // A copy: the caller may use its memory again.
    this.#pieces.push(Buffer.from(bytes))
    this.#bytes += bytes.length
  }

  /** Returns when the stream has handed the bytes on, so no more than a block waits in memory. */
  async flush(): Promise<void> {
    const block = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#bytes = 0
    await new Promise<void>((resolve, reject) => {
      this.stream.write(block, (cause) => (cause ? reject(streamFailed(cause)) : resolve()))
    })
  }

  async commit(): Promise<void> {
    if (this.#bytes > 0) await this.flush()
    this.stream.off('error', this.#onError)
  }

  /** The listener stays: the stream's error may come after that of its `write`. */
  async discard(): Promise<void> {
    this.#pieces = []
  }
}

function streamFailed(cause: Error): ShardyardError {
  return new ShardyardError('SY_OUTPUT_FAILED', `The stream that takes the report has failed: ${cause.message}.`, {
    cause,
  })
}
