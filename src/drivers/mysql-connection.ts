/** A bare connection to MySQL or MariaDB, for loads. */
import type { Duplex } from 'node:stream'
import type { BulkResult, BulkRows, Connection, Row, SendRows } from './driver.js'
import { insertTexts, type InsertText } from './mysql-insert.js'
import { SilenceWatch } from './server-client.js'

/** The mysql2 package's client, as far as it is used here. */
export interface MysqlClient {
  query(sql: string, parameters: unknown[] | null, done: (error: Error | null, result: unknown) => void): void
  end(done: (error?: Error | null) => void): void
  destroy(): void
  readonly stream?: Duplex
  on(event: 'error', listener: (error: Error) => void): void
  connect(done: (error: Error | null) => void): void
}
interface InsertAnswer {
  readonly affectedRows: number
  readonly insertId: number | string
}

export class MysqlConnection implements Connection {
  readonly #client: MysqlClient
  readonly #silence: SilenceWatch
  #idStep: number | undefined
  constructor(client: MysqlClient, waitMs: () => number) {
    this.#client = client
    this.#silence = new SilenceWatch(waitMs, (error) => client.stream?.destroy(error))
  }
  async query(sql: string, parameters: readonly unknown[] = []) {
    return (await this.#send(sql, parameters)) as Row[]
  }
  async execute(sql: string, parameters: readonly unknown[] = []) {
    return ((await this.#send(sql, parameters)) as { affectedRows: number }).affectedRows
  }
  async insert(bulk: BulkRows) {
    return this.prepareInsert(bulk)()
  }
  prepareInsert(bulk: BulkRows): SendRows {
    const statements = [...insertTexts(bulk)]
    return (late = []) => this.#insert(bulk, statements, late)
  }
  async begin() {
    await this.#send('START TRANSACTION')
  }
  async commit() {
    await this.#send('COMMIT')
  }
  async flush() {}
  async sync() {}
  async rollback() {
    try {
      await this.#send('ROLLBACK')
    } catch {
      this.#client.stream?.destroy()
    }
  }
  async close() {
    await this.#silence.close(() => new Promise<void>((resolve) => this.#client.end(() => resolve())))
  }

  async #insert(bulk: BulkRows, statements: readonly InsertText[], late: readonly unknown[]): Promise<BulkResult> {
    const ids: number[] = []
    let [written, sent] = [0, 0]
    for (const { sql, rows } of statements) {
      const { affectedRows, insertId } = (await this.#send(sql(late.slice(sent, sent + rows)))) as InsertAnswer
      sent += rows
      written += bulk.conflict?.do === 'update' ? rows : affectedRows
      // The first id of the statement; the others follow, at the distance that the server is set to.
      if (bulk.numbered !== undefined) {
        this.#idStep ??= Number((await this.query('SELECT @@auto_increment_increment AS step'))[0]?.['step'] ?? 1)
        for (let row = 0; row < rows; row++) ids.push(Number(insertId) + row * this.#idStep)
      }
    }
    return { written, ids }
  }

  #send(sql: string, parameters: readonly unknown[] = []): Promise<unknown> {
    return this.#silence.watch(send(this.#client, sql, parameters))
  }
}

/** Runs a statement of the client. */
export function send(client: MysqlClient, sql: string, parameters: readonly unknown[] = []): Promise<unknown> {
  // With a list, also an empty one, the client looks through the whole text for places to put values in.
  const values = parameters.length === 0 ? null : [...parameters]
  return new Promise((resolve, reject) =>
    client.query(sql, values, (error, result) => (error ? reject(error) : resolve(result))),
  )
}
