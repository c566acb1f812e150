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
  lockFreeRows: ' FOR UPDATE SKIP LOCKED',
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
    return this.prepareInsert(bulk)()
  }
  prepareInsert(bulk: BulkRows): () => Promise<BulkResult> {
    const { table, numbered, conflict } = bulk
    if (bulk.values.length === 0) return async () => ({ written: 0, ids: [] })
    if (numbered !== undefined) return () => this.#copyNumbered(bulk, numbered)
    if (conflict === undefined || conflict.do === 'error') {
      const copy = copyQuery(table, bulk)
      return async () => ({ written: await this.#run(copy), ids: [] })
    }
    const stage = stageOf(bulk)
    const copy = copyQuery(stage, bulk, [ROW, ...bulk.columns])
    return async () => ({ written: await this.#copyThroughStage(copy, { stage, bulk, conflict }), ids: [] })
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
    const ids = await this.#takeIds(bulk.table, key, rows)
    const values: unknown[] = []
    for (let row = 0, at = 0; row < rows; row++) {
      values.push(ids[row])
      for (const end = at + bulk.columns.length; at < end; at++) values.push(bulk.values[at])
    }
    const copy = copyQuery(bulk.table, { ...bulk, columns: [key, ...bulk.columns], values })
    return { written: await this.#run(copy), ids }
  }

  /** Ids from a sequence; as a rule they follow one another, so that the first and the last say them all. */
  async #takeIds(table: string, key: string, count: number): Promise<number[]> {
    const [taken] = await this.query(
      'SELECT min(id) AS first, CASE WHEN max(id) - min(id) >= $3::bigint THEN array_agg(id) END AS ids ' +
        'FROM (SELECT nextval(sequence) AS id FROM ' +
        '(SELECT pg_get_serial_sequence($1, $2)::regclass AS sequence) AS named, generate_series(1, $3::integer)) AS taken',
      [postgresDialect.quote(table), key, count],
    )
    if (Array.isArray(taken?.['ids'])) return (taken['ids'] as unknown[]).map(Number)
    const first = Number(taken?.['first'])
    return Array.from({ length: count }, (_, index) => first + index)
  }

  /** COPY knows no conflicts: the rows go into a table of this transaction, and from there in one statement. */
  async #copyThroughStage(copy: CopyQuery, { stage, bulk, conflict }: Staged): Promise<number> {
    const q = postgresDialect.quote
    const names = bulk.columns.map(q).join(', ')
    await this.#send(`DROP TABLE IF EXISTS pg_temp.${q(stage)}`)
    await this.#send(
      `CREATE TEMPORARY TABLE ${q(stage)} ON COMMIT DROP AS ` +
        `SELECT 0 AS ${q(ROW)}, ${names} FROM ${q(bulk.table)} WITH NO DATA`,
    )
    const copied = await this.#run(copy)
    const written = await this.execute(
      `${insertInto(postgresDialect, bulk)} SELECT ${names} FROM ${lastOfEachKey(stage, conflict, bulk.columns)} ` +
        `AS rows ORDER BY ${q(ROW)}${onConflict(postgresDialect, bulk)}`,
    )
    return conflict.do === 'update' ? copied : written
  }

  #run(copy: CopyQuery): Promise<number> {
    return this.#silence.watch(this.#client.query(copy).done)
  }

  #send(sql: string, parameters: readonly unknown[] = []): Promise<PgAnswer> {
    return this.#silence.watch(this.#client.query(sql, [...parameters]))
  }
}

/** The column of a stage that keeps the order of its rows. */
const ROW = 'shardyard row'

/** Rows on their way through a stage. */
interface Staged {
  readonly stage: string
  readonly bulk: BulkRows
  readonly conflict: Conflict
}

function stageOf({ table, columns }: BulkRows): string {
  return `shardyard_stage_${columns.length}_${table}`.slice(0, 63)
}

function copyQuery(table: string, bulk: BulkRows, columns: readonly string[] = bulk.columns): CopyQuery {
  const names = columns.map(postgresDialect.quote).join(', ')
  const isNumbered = columns.length > bulk.columns.length
  return new CopyQuery(`COPY ${postgresDialect.quote(table)} (${names}) FROM STDIN`, bulk, { isNumbered })
}

/**
 * The rows of a stage as INSERT may take them: one statement cannot write a row twice, so of rows with the same key
 * the last one counts, as it would one by one. A key with a part that is NULL is like no other.
 */
function lastOfEachKey(stage: string, conflict: Conflict, columns: readonly string[]): string {
  const q = postgresDialect.quote
  const hasKey = conflict.do === 'update' && conflict.key.every((column) => columns.includes(column))
  if (!hasKey) return q(stage)
  const key = conflict.key.map(q)
  const isAlone = key.map((column) => `${column} IS NULL`).join(' OR ')
  const alike = `${key.join(', ')}, CASE WHEN ${isAlone} THEN ${q(ROW)} END`
  return `(SELECT DISTINCT ON (${alike}) * FROM ${q(stage)} ORDER BY ${alike}, ${q(ROW)} DESC)`
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
