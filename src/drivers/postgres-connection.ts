/** A bare connection to PostgreSQL, for loads. */
import { ShardyardError } from '../errors.js'
import type { ByteText } from './byte-text.js'
import { copyText, writeCopyCell } from './copy-text.js'
import type { BulkRows, Conflict, Connection, Dialect, Row, SendRows } from './driver.js'
import { insertInto, onConflict } from './multi-row-insert.js'
import { CopyQuery } from './postgres-copy.js'
import { SilenceWatch } from './server-client.js'

export const postgresDialect: Dialect = {
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  placeholder: (index) => `$${index}`,
  // The protocol counts parameters in 16 bits, and wraps around without an error.
  parametersMax: 65_000,
  lockRows: ' FOR UPDATE',
  waitBrieflyForLocks: "SET lock_timeout = '1s'",
  lockFreeRows: ' FOR UPDATE SKIP LOCKED',
  charLength: (expression) => `char_length(${expression})`,
  nowMs: '(extract(epoch FROM clock_timestamp()) * 1000)::bigint',
  seeksByLists: true,
  asText: (expression) => `CAST(${expression} AS text)`,
  exactText: (expression) => expression,
  byteOrder: (expression) => `${expression} COLLATE "C"`,
  sumUnits: (expression, scale) => `CAST(SUM(${expression}) * 1${'0'.repeat(scale)} AS numeric(60, 0))`,
  seeksGroups: false,
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
  readonly isAwaited = false
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
  prepareInsert(bulk: BulkRows): SendRows {
    const { table, numbered, conflict, late } = bulk
    if (bulk.values.length === 0) return async () => ({ written: 0, ids: [] })
    if (numbered !== undefined) return this.#copyNumbered(bulk, numbered)
    if (conflict === undefined || conflict.do === 'error') {
      const text = copyText(bulk)
      if (late === undefined) return async () => ({ written: await this.#copy(table, bulk.columns, text), ids: [] })
      return async (values = []) => {
        const filled = text.filled(values, writeCopyCell)
        return { written: await this.#copy(table, bulk.columns, filled), ids: [] }
      }
    }
    const stage = stageOf(bulk)
    const leads = Array.from({ length: bulk.values.length / bulk.columns.length }, (_, row) => row)
    const text = copyText(bulk, { leads })
    return async () => ({ written: await this.#copyThroughStage(text, { stage, bulk, conflict }), ids: [] })
  }
  async begin() {
    await this.#send('BEGIN')
  }
  async commit() {
    requireCommitted((await this.#send('COMMIT')).command)
  }
  async flush() {}
  async sync() {}
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
  #copyNumbered(bulk: BulkRows, key: string): SendRows {
    const text = copyText(bulk, { hasGaps: true })
    return async () => {
      const ids = await this.#takeIds(bulk.table, key, bulk.values.length / bulk.columns.length)
      const filled = text.filled(ids, (into, id) => into.number(id))
      return { written: await this.#copy(bulk.table, [key, ...bulk.columns], filled), ids }
    }
  }

  /** Ids from a sequence; as a rule they follow one another, so that the first and the last say them all. */
  async #takeIds(table: string, key: string, count: number): Promise<number[]> {
    const [taken] = await this.query(
      // Materialized, or the sequence would be looked up again for each id.
      'WITH named AS MATERIALIZED (SELECT pg_get_serial_sequence($1, $2)::regclass AS sequence) ' +
        'SELECT min(id) AS first, CASE WHEN max(id) - min(id) >= $3::bigint THEN array_agg(id) END AS ids ' +
        'FROM (SELECT nextval(sequence) AS id FROM named, generate_series(1, $3::integer)) AS taken',
      [postgresDialect.quote(table), key, count],
    )
    if (Array.isArray(taken?.['ids'])) return (taken['ids'] as unknown[]).map(Number)
    const first = Number(taken?.['first'])
    return Array.from({ length: count }, (_, index) => first + index)
  }

  /** COPY knows no conflicts: the rows go into a table of this transaction, and from there in one statement. */
  async #copyThroughStage(text: ByteText, { stage, bulk, conflict }: Staged): Promise<number> {
    const q = postgresDialect.quote
    const names = bulk.columns.map(q).join(', ')
    await this.#send(`DROP TABLE IF EXISTS pg_temp.${q(stage)}`)
    await this.#send(
      `CREATE TEMPORARY TABLE ${q(stage)} ON COMMIT DROP AS ` +
        `SELECT 0 AS ${q(ROW)}, ${names} FROM ${q(bulk.table)} WITH NO DATA`,
    )
    const copied = await this.#copy(stage, [ROW, ...bulk.columns], text)
    const written = await this.execute(
      `${insertInto(postgresDialect, bulk)} SELECT ${names} FROM ${lastOfEachKey(stage, conflict, bulk.columns)} ` +
        `AS rows ORDER BY ${q(ROW)}${onConflict(postgresDialect, bulk)}`,
    )
    return conflict.do === 'update' ? copied : written
  }

  #copy(table: string, columns: readonly string[], text: ByteText): Promise<number> {
    const q = postgresDialect.quote
    const sql = `COPY ${q(table)} (${columns.map(q).join(', ')}) FROM STDIN`
    return this.#silence.watch(this.#client.query(new CopyQuery(sql, text.end())).done)
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
