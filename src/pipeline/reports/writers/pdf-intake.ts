import type { ReportSink } from './report-writer.js'

/** Hands bytes on. What the sink throws would end the process where pdfkit gives them; it is kept for whoever writes. */
export class PdfIntake implements ReportSink {
  #failure: { readonly error: unknown } | undefined

  constructor(private readonly sink: ReportSink) {}

  get isWaiting(): boolean {
    return this.#failure !== undefined || this.sink.isWaiting
  }

  take(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return
    try {
      this.sink.take(bytes)
    } catch (error) {
      this.#failure = { error }
    }
  }

  async flush(): Promise<void> {
    this.throwIfFailed()
    await this.sink.flush()
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
