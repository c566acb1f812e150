/** A bare connection to PostgreSQL, for loads. */
import { ShardyardError } from '../errors.js'
import type { BulkResult, BulkRows, Conflict, Connection, Dialect, Row } from './driver.js'
import { insertInto, onConflict } from './multi-row-insert.js'
import { CopyQuery } from './postgres-copy.js'
import { SilenceWatch } from './server-client.js'

export const postgresDialect: Dialect = {
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  placeholder: (index) => `$${index}`,
  // The protocol counts parameters in 16 bits, and wraps around without an error.
  parametersMax: 65_000,
  lockRows: ' FOR UPDATE',
  charLength: (expression) => `char_length(${expression})`,
  nowMs: '(extract(epoch FROM clock_timestamp()) * 1000)::bigint',
  isInteger: () => '1 = 1',
  isNumber: () => '1 = 1',
}

/** The pg package's client, as far as it is used here. */
export interface PgClient {
  query(sql: string, parameters?: unknown[]): Promise<PgAnswer>
  query(query: CopyQuery): CopyQuery
  connect(): Promise<void>
  end(): Promise<void>
  on(event: 'error' | 'end', listener: (error: Error) => void): void
  connection?: { stream?: { destroy(error?: Error): void } }
}

interface PgAnswer {
  readonly command: string
  readonly rows: Row[]
  readonly rowCount: number | null
}

export class PostgresConnection implements Connection {
  readonly #client: PgClient
  readonly #silence: SilenceWatch
  constructor(client: PgClient, waitMs: () => number) {
    this.#client = client
    this.#silence = new SilenceWatch(waitMs, (error) => client.connection?.stream?.destroy(error))
  }
  async query(sql: string, parameters: readonly unknown[] = []) {
    return (await this.#send(sql, parameters)).rows
  }
  async execute(sql: string, parameters: readonly unknown[] = []) {
    return (await this.#send(sql, parameters)).rowCount ?? 0
  }
  async insert(bulk: BulkRows) {
    if (bulk.values.length === 0) return { written: 0, ids: [] }
    if (bulk.numbered !== undefined) return this.#copyNumbered(bulk, bulk.numbered)
    if (bulk.conflict === undefined || bulk.conflict.do === 'error') {
      return { written: await this.#copy(bulk.table, bulk), ids: [] }
    }
    return { written: await this.#copyThroughStage(bulk, bulk.conflict), ids: [] }
  }
  async begin() {
    await this.#send('BEGIN')
  }
  async commit() {
    requireCommitted((await this.#send('COMMIT')).command)
  }
  async flush() {}
  async rollback() {
    try {
      await this.#send('ROLLBACK')
    } catch {
      this.#client.connection?.stream?.destroy()
    }
  }
  async close() {
    await this.#silence.close(() => this.#client.end())
  }

  /** Takes ids from the sequence first: COPY does not answer those that it makes. */
  async #copyNumbered(bulk: BulkRows, key: string): Promise<BulkResult> {
    const rows = bulk.values.length / bulk.columns.length
    const taken = await this.query(
      'SELECT nextval(pg_get_serial_sequence($1, $2)) AS id FROM generate_series(1, $3::integer)',
      [postgresDialect.quote(bulk.table), key, rows],
    )
    const ids = taken.map(({ id }) => Number(id))
    const values: unknown[] = []
    for (const [row, id] of ids.entries()) {
      const from = row * bulk.columns.length
      values.push(id, ...bulk.values.slice(from, from + bulk.columns.length))
    }
    return { written: await this.#copy(bulk.table, { ...bulk, columns: [key, ...bulk.columns], values }), ids }
  }

  /** COPY knows no conflicts: the rows go into a table of this transaction, and from there in one statement. */
  async #copyThroughStage(bulk: BulkRows, conflict: Conflict): Promise<number> {
    const q = postgresDialect.quote
    const names = bulk.columns.map(q).join(', ')
    const stage = `shardyard_stage_${bulk.columns.length}_${bulk.table}`.slice(0, 63)
    await this.#send(`DROP TABLE IF EXISTS pg_temp.${q(stage)}`)
    await this.#send(
      `CREATE TEMPORARY TABLE ${q(stage)} ON COMMIT DROP AS ` +
        `SELECT 0 AS ${q('shardyard row')}, ${names} FROM ${q(bulk.table)} WITH NO DATA`,
    )
    const columns = ['shardyard row', ...bulk.columns]
    await this.#copy(stage, { ...bulk, table: stage, columns: bulk.columns }, columns)
    // One statement cannot write a row twice: of rows with the same key the last one counts, as it would one by one.
    const key = conflict.do === 'update' ? conflict.key.map(q).join(', ') : undefined
    const rows =
      key === undefined
        ? `SELECT ${names} FROM ${q(stage)} ORDER BY ${q('shardyard row')}`
        : `SELECT DISTINCT ON (${key}) ${names} FROM ${q(stage)} ORDER BY ${key}, ${q('shardyard row')} DESC`
    return this.execute(`${insertInto(postgresDialect, bulk)} ${rows}${onConflict(postgresDialect, conflict)}`)
  }

  #copy(table: string, bulk: BulkRows, columns: readonly string[] = bulk.columns): Promise<number> {
    const names = columns.map(postgresDialect.quote).join(', ')
    const isNumbered = columns.length > bulk.columns.length
    const copy = new CopyQuery(`COPY ${postgresDialect.quote(table)} (${names}) FROM STDIN`, bulk, { isNumbered })
    return this.#silence.watch(this.#client.query(copy).done)
  }

  #send(sql: string, parameters: readonly unknown[] = []): Promise<PgAnswer> {
    return this.#silence.watch(this.#client.query(sql, [...parameters]))
  }
}

/** PostgreSQL answers COMMIT of a failed transaction with the tag ROLLBACK and no error. */
export function requireCommitted(command: string): void {
  if (command === 'COMMIT') return
  throw new ShardyardError(
    'SY_ROLLED_BACK',
    'PostgreSQL rolled the transaction back at COMMIT, because a statement in it had failed. ' +
      'Let the error of that statement pass, or run the statement in a nested transaction.',
    { details: { answer: command } },
  )
}
