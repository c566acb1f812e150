/** A ZIP file that is written as it grows, in bounded memory, with the same bytes for the same content. */
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { ZipFile } from 'yazl'
import type { ReportSink } from './report-writer.js'

/** Beyond it the gain in size is small, and the time is not. */
const COMPRESSION = 4
const QUEUE_BYTES = 256 * 1024
/** The earliest that the format can say. Local time, because that is what the format has: the same bytes in any zone. */
const NO_TIME = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true }

/** A file of the ZIP while it is written. The next one may be opened when it has ended. */
export interface ZipEntry extends ReportSink {
  end(): void
}

export class ZipOutput {
  readonly #zip = new ZipFile()
  readonly #written: Promise<void>
  #open: PassThrough | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(sink: ReportSink) {
    this.#written = this.#pass(sink)
    // Told by `flush` and `close`; until one of them is called nobody waits for it.
    this.#written.catch(() => undefined)
  }

  open(path: string): ZipEntry {
    const entry = new PassThrough({ highWaterMark: QUEUE_BYTES })
    // The reason is told by `flush`.
    entry.on('error', () => undefined)
    this.#zip.addReadStream(entry, path, { ...NO_TIME, compressionLevel: COMPRESSION })
    this.#open = entry
    return {
      get isWaiting() {
        return entry.writableNeedDrain || entry.destroyed
      },
      take: (bytes) => void entry.write(bytes),
      flush: async () => {
        if (this.#failure !== undefined) throw this.#failure.error
        if (entry.writableNeedDrain) await once(entry, 'drain')
      },
      end: () => void entry.end(),
    }
  }

  /** Writes the index; returns when the sink has taken all. */
  async close(): Promise<void> {
    this.#zip.end()
    await this.#written
  }

  /** Ends without an index, so that nothing waits for more. */
  abort(): void {
    this.#open?.destroy()
    ;(this.#zip.outputStream as PassThrough).destroy()
  }

  async #pass(sink: ReportSink): Promise<void> {
    try {
      for await (const chunk of this.#zip.outputStream) {
        sink.take(chunk as Buffer)
        if (sink.isWaiting) await sink.flush()
      }
    } catch (error) {
      this.#failure = { error }
      this.#open?.destroy(error as Error)
      throw error
    }
  }
}
