/** COPY FROM STDIN: the query object that carries rows through the pg package. */

/** The part of pg's connection that sends a COPY. */
interface PgWire {
  query(sql: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/**
 * One COPY of rows whose text is in memory. The pg package calls its methods, as it does those of its own queries;
 * `done` tells how many rows were copied.
 */
export class CopyQuery {
  readonly done: Promise<number>
  readonly #sql: string
  readonly #chunks: readonly Buffer[]
  #copied = 0
  #resolve: (copied: number) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(sql: string, chunks: readonly Buffer[]) {
    this.#sql = sql
    this.#chunks = chunks
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Sends everything at once: when the server refuses the COPY it ignores the rows, as the protocol has it do. */
  submit(wire: PgWire): void {
    wire.query(this.#sql)
    for (const chunk of this.#chunks) if (chunk.length > 0) wire.sendCopyFromChunk(chunk)
    wire.endCopyFrom()
  }
  handleCopyInResponse(): void {}
  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#copied = Number(/^COPY (\d+)$/.exec(text)?.[1] ?? 0)
  }
  handleReadyForQuery(): void {
    this.#resolve(this.#copied)
  }
  handleError(error: unknown): void {
    this.#reject(error)
  }
}
