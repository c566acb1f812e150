import type { ReportSink } from './report-writer.js'

const PIECE_CHARACTERS = 32 * 1024

/** Gathers text into pieces of UTF-8. A surrogate without its other half becomes U+FFFD: the bytes are always sound. */
export class TextOutput {
  #text = ''

  constructor(private readonly sink: ReportSink) {}

  /** Whether the caller awaits `flush` before it writes more. */
  get isWaiting(): boolean {
    return this.sink.isWaiting
  }

  write(text: string): void {
    this.#text += text
    if (this.#text.length >= PIECE_CHARACTERS) this.send()
  }

  flush(): Promise<void> {
    return this.sink.flush()
  }

  /** Sends what is left. */
  async end(): Promise<void> {
    this.send()
    if (this.isWaiting) await this.flush()
  }

  /** Hands on what is left without waiting. */
  send(): void {
    if (this.#text !== '') this.sink.take(Buffer.from(this.#text))
    this.#text = ''
  }
}
