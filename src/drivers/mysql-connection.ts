/** A bare connection to MySQL or MariaDB, for loads. */
import { Readable, type Duplex } from 'node:stream'
import type { BulkResult, BulkRows, Connection, Row, SendRows } from './driver.js'
import type { ByteText } from './byte-text.js'
import { insertTexts, type InsertText } from './mysql-insert.js'
import { LoadableTables, loadStatement, loadText, writeLoadCell } from './mysql-load.js'
import { SilenceWatch } from './server-client.js'

/** The mysql2 package's client, as far as it is used here. */
export interface MysqlClient {
  query(
    sql: string | { readonly sql: string; readonly infileStreamFactory: () => Readable },
    parameters: unknown[] | null,
    done: (error: Error | null, result: unknown) => void,
  ): void
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
interface LoadAnswer {
  readonly affectedRows: number
  readonly warningStatus: number
}

/** ER_NOT_ALLOWED_COMMAND and what newer servers say in its place: loading is switched off on one of the two sides. */
const LOADING_OFF: ReadonlySet<unknown> = new Set([1148, 3948, 4166])
const BEFORE_LOAD = 'shardyard_before_load'

export class MysqlConnection implements Connection {
  readonly isAwaited = false
  readonly #client: MysqlClient
  readonly #silence: SilenceWatch
  readonly #loadable = new LoadableTables((sql, parameters) => this.query(sql, parameters))
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
    if (this.#loadable.mayLoad(bulk)) {
      const text = loadText(bulk)
      return (late = []) => this.#load(bulk, text, late)
    }
    const statements = [...insertTexts(bulk)]
    return async (late = []) => {
      await this.#loadable.learn(bulk)
      return this.#insert(bulk, statements, late)
    }
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

  /** Loads the rows; what the server has not taken as it stands is inserted instead, and so refused or taken openly. */
  async #load(bulk: BulkRows, text: ByteText, late: readonly unknown[]): Promise<BulkResult> {
    const rows = bulk.values.length / bulk.columns.length
    await this.#send(`SAVEPOINT ${BEFORE_LOAD}`)
    const bytes = (bulk.late === undefined ? text : text.filled(late, writeLoadCell)).end()
    const { affectedRows, warningStatus } = await this.#sendLoad(loadStatement(bulk), bytes)
    if (affectedRows !== rows || warningStatus !== 0) {
      await this.#send(`ROLLBACK TO SAVEPOINT ${BEFORE_LOAD}`)
      return this.#insert(bulk, [...insertTexts(bulk)], late)
    }
    if (bulk.numbered === undefined) return { written: rows, ids: [] }
    const [first] = await this.query('SELECT LAST_INSERT_ID() AS id')
    return { written: rows, ids: await this.#idsFrom(Number(first?.['id']), rows) }
  }

  async #sendLoad(sql: string, bytes: readonly Buffer[]): Promise<LoadAnswer> {
    try {
      const infileStreamFactory = () => Readable.from(bytes)
      return (await this.#silence.watch(send(this.#client, { sql, infileStreamFactory }))) as LoadAnswer
    } catch (error) {
      if (!LOADING_OFF.has((error as { errno?: unknown }).errno)) throw error
      this.#loadable.forbid()
      return { affectedRows: 0, warningStatus: 0 }
    }
  }

  /** The ids of rows that one statement has numbered, at the distance that the server is set to. */
  async #idsFrom(first: number, rows: number): Promise<number[]> {
    this.#idStep ??= Number((await this.query('SELECT @@auto_increment_increment AS step'))[0]?.['step'] ?? 1)
    const step = this.#idStep
    return Array.from({ length: rows }, (_, row) => first + row * step)
  }

  async #insert(bulk: BulkRows, statements: readonly InsertText[], late: readonly unknown[]): Promise<BulkResult> {
    const ids: number[] = []
    let [written, sent] = [0, 0]
    for (const { sql, rows } of statements) {
      const { affectedRows, insertId } = (await this.#send(sql(late.slice(sent, sent + rows)))) as InsertAnswer
      sent += rows
      written += bulk.conflict?.do === 'update' ? rows : affectedRows
      if (bulk.numbered !== undefined) for (const id of await this.#idsFrom(Number(insertId), rows)) ids.push(id)
    }
    return { written, ids }
  }

  #send(sql: string, parameters: readonly unknown[] = []): Promise<unknown> {
    return this.#silence.watch(send(this.#client, sql, parameters))
  }
}

/** Runs a statement of the client. */
export function send(
  client: MysqlClient,
  sql: Parameters<MysqlClient['query']>[0],
  parameters: readonly unknown[] = [],
): Promise<unknown> {
  // With a list, also an empty one, the client looks through the whole text for places to put values in.
  const values = parameters.length === 0 ? null : [...parameters]
  return new Promise((resolve, reject) =>
    client.query(sql, values, (error, result) => (error ? reject(error) : resolve(result))),
  )
}
