/** PostgreSQL, and the distributed engines that speak its protocol. */
import type { DataSource, DataSourceOptions, EntityMetadata, ObjectLiteral, QueryRunner } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { ShardyardError } from '../errors.js'
import { driverError, NETWORK_CODES, type Driver, type Fault } from './driver.js'
import { guardRunner } from './gate.js'
import { PostgresConnection, postgresDialect, requireCommitted, type PgClient } from './postgres-connection.js'
import { addressParts, connectTimeout, extraOf, trackClient } from './server-client.js'

interface PostgresTypeormDriver {
  createQueryRunner(mode: 'master' | 'slave'): QueryRunner
  normalizeType(column: { readonly type: unknown }): string
  createFullType(column: { readonly type: unknown }): string
  createGeneratedMap(metadata: EntityMetadata, answer: unknown): ObjectLiteral | undefined
  prepareHydratedValue(value: unknown, column: ColumnMetadata): unknown
  mappedDataTypes: { createDatePrecision?: number; updateDatePrecision?: number }
}
const OWN_NAMES: Readonly<Record<string, string>> = { datetime: 'timestamp with time zone', blob: 'bytea' }

const openClients = new WeakMap<DataSource, Set<PgClient>>()

export const postgresDriver: Driver = {
  engine: 'postgres',
  dialect: postgresDialect,
  upgradesInPlace: true,
  schemaChangesCommit: false,
  hasOneWriter: false,

  optionsOf(url) {
    const { hostname } = new URL(url)
    if (hostname === '') throw new TypeError('expected postgres://user:password@host:5432/database')
    return { type: 'postgres', url } as DataSourceOptions
  },
  completeOptions: (options) =>
    ({
      connectTimeoutMS: connectTimeout(),
      ...options,
      extra: { keepAlive: true, ...extraOf(options) },
    }) as DataSourceOptions,

  attach(dataSource, gate) {
    const driver = dataSource.driver as unknown as PostgresTypeormDriver
    const clients = new Set<PgClient>()
    openClients.set(dataSource, clients)
    const { createQueryRunner, normalizeType, createFullType, createGeneratedMap } = driver
    driver.createQueryRunner = (mode) => {
      const runner = createQueryRunner.call(driver, mode)
      guardRunner(runner, gate)
      trackClient(runner, clients, (client, forget) => client.on('end', forget))
      nameLostConnection(runner)
      checkCommitTag(runner, dataSource.logger)
      return runner
    }
    // Entities say `datetime` and `blob`, which every engine but this one has by those names.
    const named = <T extends { readonly type: unknown }>(column: T): T => {
      const type = OWN_NAMES[String(column.type)]
      return type === undefined ? column : Object.assign(Object.create(column as object) as T, { type })
    }
    driver.normalizeType = (column) => normalizeType.call(driver, named(column))
    driver.createFullType = (column) => createFullType.call(driver, named(column))
    // TypeORM hands the ids that it got back on as the server wrote them: 64 bits as text.
    driver.createGeneratedMap = (metadata, answer) => {
      const map = createGeneratedMap.call(driver, metadata, answer)
      for (const column of map === undefined ? [] : metadata.generatedColumns) {
        const value: unknown = column.getEntityValue(map as ObjectLiteral)
        if (value !== undefined) column.setEntityValue(map as ObjectLiteral, driver.prepareHydratedValue(value, column))
      }
      return map
    }
    Object.assign(driver.mappedDataTypes, { createDatePrecision: 3, updateDatePrecision: 3 })
  },

  adjustMetadata(metadata) {
    // TypeORM leaves a given id of an `increment` column out of its INSERTs here, and only here.
    for (const column of metadata.generatedColumns) {
      if (column.generationStrategy === 'increment') {
        Object.assign(column, { generationStrategy: 'identity', generatedIdentity: 'BY DEFAULT' })
      }
    }
  },
  begin: async (runner) => void (await runner.query('START TRANSACTION')),
  async abort(dataSource) {
    for (const client of openClients.get(dataSource) ?? []) client.connection?.stream?.destroy()
  },

  identityOf(options) {
    const { host, port, database } = addressParts(options, 5432)
    return `postgres:${host}:${port}/${database}`
  },
  addressOf(options) {
    const { host, port, database } = addressParts(options, 5432)
    return `postgres ${host}:${port}/${database}`
  },
  exists: () => true,
  isShared: () => true,

  async durabilityWarnings(runner) {
    const rows = (await runner.query(
      `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')`,
    )) as { name: string; setting: string }[]
    return rows.filter((row) => row.setting === 'off').map((row) => `${row.name} is off: a crash may undo commits`)
  },
  // Which transactions a read that begins now would see: those below a number, without those still open.
  watchCommits: async (dataSource) => ({
    isShared: true,
    async version() {
      const rows = (await dataSource.query('SELECT txid_current_snapshot()::text AS version')) as { version: string }[]
      return String(rows[0]?.version)
    },
    close: async () => undefined,
  }),
  async sizeBytes(runner) {
    const rows = (await runner.query('SELECT pg_database_size(current_database()) AS size')) as { size: string }[]
    return Number(rows[0]?.size)
  },
  async lockSchema(runner, limitMs) {
    const key = `hashtext('shardyard schema')`
    await runner.query(`SET lock_timeout = ${Math.round(limitMs)}`)
    try {
      await runner.query(`SELECT pg_advisory_lock(${key})`)
    } finally {
      await runner.query('SET lock_timeout = DEFAULT')
    }
    return async () => void (await runner.query(`SELECT pg_advisory_unlock(${key})`))
  },

  async continueIds(runner, table, column) {
    const [name, key] = [postgresDialect.quote(table), postgresDialect.quote(column)]
    await runner.query(
      `SELECT setval(pg_get_serial_sequence($1, $2), (SELECT max(${key}) FROM ${name})) ` +
        `WHERE (SELECT max(${key}) FROM ${name}) > coalesce((SELECT last_value FROM pg_sequences ` +
        `WHERE format('%I.%I', schemaname, sequencename)::regclass = pg_get_serial_sequence($1, $2)::regclass), 0)`,
      [name, column],
    )
  },
  connectionSpec(options) {
    const { url, host, port, username, password, database, ssl } = options as unknown as Record<string, unknown>
    const given = url === undefined ? { host, port, user: username, password, database } : { connectionString: url }
    return {
      engine: 'postgres',
      client: 'pg',
      options: { ...given, ...(ssl === undefined ? {} : { ssl }), ...extraOf(options) },
    }
  },
  async connect(spec, waitMs) {
    const { Client } = loadPg()
    const timeout = { connectionTimeoutMillis: connectTimeout(waitMs()) }
    const client = new Client({ keepAlive: true, ...timeout, ...spec.options })
    // Without a listener a connection that the server drops between two statements ends the process.
    client.on('error', () => undefined)
    await client.connect()
    return new PostgresConnection(client, waitMs)
  },
  faultOf,
}

function checkCommitTag(runner: QueryRunner, logger: DataSource['logger']): void {
  const query = runner.query.bind(runner) as QueryRunner['query']
  const checked = async (sql: string, parameters?: unknown[], isStructured?: boolean) => {
    if (sql !== 'COMMIT' || runner.isReleased) return query(sql, parameters, isStructured as true)
    const client = (await runner.connect()) as PgClient
    logger.logQuery(sql, undefined, runner)
    requireCommitted((await client.query('COMMIT')).command)
    return undefined
  }
  runner.query = checked as QueryRunner['query']
}

/** When the server drops a connection TypeORM releases the runner, and then blames its user for the release. */
function nameLostConnection(runner: QueryRunner): void {
  const query = runner.query.bind(runner) as QueryRunner['query']
  const { release } = runner
  let isGivenBack = false
  runner.release = async () => {
    isGivenBack = true
    await release.call(runner)
  }
  const named = async (sql: string, parameters?: unknown[], isStructured?: boolean) => {
    if (runner.isReleased && !isGivenBack) {
      throw new ShardyardError(
        'SY_ROLLED_BACK',
        'The connection to PostgreSQL was lost, and with it what was not committed.',
      )
    }
    return query(sql, parameters, isStructured as true)
  }
  runner.query = named as QueryRunner['query']
}

function loadPg(): { Client: new (options: object) => PgClient } {
  try {
    return require('pg')
  } catch (cause) {
    throw new ShardyardError('SY_DRIVER_MISSING', 'The package "pg" is not installed. Run "npm install pg".', { cause })
  }
}

const UNAVAILABLE = /^(08|53|57P0)/
const REFUSED = /^(28|3D000|42501)/

function faultOf(error: unknown): Fault {
  const { code: rawCode, constraint, column, detail, message } = driverError(error)
  const code = String(rawCode ?? '')
  switch (code) {
    case '23505': {
      const columns = /^Key \((.+?)\)=/.exec(String(detail ?? ''))?.[1]?.split(', ')
      return { kind: 'unique', constraint: String(constraint), ...(columns && { columns: columns.map(unquoted) }) }
    }
    case '23514':
      return { kind: 'check', constraint: String(constraint) }
    case '23502':
      return { kind: 'not-null', column: String(column) }
    case '22001': {
      const length = /character varying\((\d+)\)/.exec(String(message))?.[1]
      return { kind: 'too-long', ...(length && { length }) }
    }
    case '22003':
      return { kind: 'out-of-range' }
    case '40001':
    case '40P01':
    case '55P03':
      return { kind: 'conflict' }
    default:
  }
  const isGone = /connection (terminated|timeout|ended)|timeout exceeded when trying to connect|not queryable/i.test(
    String(message),
  )
  if (NETWORK_CODES.has(rawCode) || UNAVAILABLE.test(code) || isGone) return { kind: 'unavailable' }
  // A password that is asked for and not given is missed by the client itself.
  const isRefused = REFUSED.test(code) || /client password must be/.test(String(message))
  return { kind: isRefused ? 'refused' : 'other' }
}

function unquoted(name: string): string {
  return name.replace(/^"|"$/g, '')
}
