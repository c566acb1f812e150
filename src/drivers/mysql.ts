/** MySQL and MariaDB. */
import { once } from 'node:events'
import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm'
import { fieldsOf } from '../columns/field-registry.js'
import { ShardyardError } from '../errors.js'
import { driverError, NETWORK_CODES, type Driver, type Fault, type Row } from './driver.js'
import { guardRunner } from './gate.js'
import { MysqlConnection, send, type MysqlClient } from './mysql-connection.js'
import { mysqlDialect } from './mysql-dialect.js'
import { addressParts, connectTimeout, extraOf, trackClient } from './server-client.js'

/**
 * Moments are kept in UTC, and values that do not fit are refused instead of cut. Backslashes escape: the client writes
 * them before quotes, and under NO_BACKSLASH_ESCAPES a text could end its own literal.
 */
const SESSION =
  `SET SESSION time_zone = '+00:00', sql_mode = CONCAT_WS(',', ` +
  `NULLIF(REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', ''), ''), ` +
  `'STRICT_TRANS_TABLES', 'NO_ZERO_DATE', 'ERROR_FOR_DIVISION_BY_ZERO')`

interface MysqlTypeormDriver {
  createQueryRunner(mode: 'master' | 'slave'): QueryRunner
  obtainMasterConnection(): Promise<MysqlClient>
  obtainSlaveConnection(): Promise<MysqlClient>
  mappedDataTypes: object
}

const openClients = new WeakMap<DataSource, Set<MysqlClient>>()

export const mysqlDriver: Driver = {
  engine: 'mysql',
  dialect: mysqlDialect,
  upgradesInPlace: true,
  schemaChangesCommit: true,
  hasOneWriter: false,

  optionsOf(url) {
    const { protocol, hostname, pathname } = new URL(url)
    if (hostname === '' || pathname.length < 2) throw new TypeError('expected mysql://user:password@host:3306/database')
    return { type: protocol === 'mariadb:' ? 'mariadb' : 'mysql', url } as DataSourceOptions
  },
  completeOptions: (options) =>
    ({
      charset: 'utf8mb4',
      connectTimeout: connectTimeout(),
      ...options,
      timezone: 'Z',
      extra: { enableKeepAlive: true, ...extraOf(options) },
    }) as DataSourceOptions,

  attach(dataSource, gate) {
    const driver = dataSource.driver as unknown as MysqlTypeormDriver
    const clients = new Set<MysqlClient>()
    openClients.set(dataSource, clients)
    const { createQueryRunner, obtainMasterConnection, obtainSlaveConnection } = driver
    driver.createQueryRunner = (mode) => {
      const runner = createQueryRunner.call(driver, mode)
      guardRunner(runner, gate)
      trackClient(runner, clients, (client, forget) => client.stream?.once('close', forget))
      stopAfterDeadlock(runner)
      return runner
    }
    const prepared = new WeakSet<object>()
    const prepare = async (client: MysqlClient) => {
      if (prepared.has(client)) return client
      // The pool listens once only; a second error of the same connection would end the process.
      client.on('error', () => undefined)
      try {
        await send(client, SESSION)
      } catch (error) {
        // Nobody else gives it back to the pool.
        client.destroy()
        throw error
      }
      prepared.add(client)
      return client
    }
    driver.obtainMasterConnection = async () => prepare(await obtainMasterConnection.call(driver))
    driver.obtainSlaveConnection = async () => prepare(await obtainSlaveConnection.call(driver))
    Object.assign(driver.mappedDataTypes, {
      createDatePrecision: 3,
      createDateDefault: 'CURRENT_TIMESTAMP(3)',
      updateDatePrecision: 3,
      updateDateDefault: 'CURRENT_TIMESTAMP(3)',
    })
  },

  adjustMetadata(metadata) {
    for (const column of metadata.columns) {
      // TEXT ends at 64 KB here; a record that was read may be longer.
      if (metadata.tableName.startsWith('shardyard_') && column.type === 'text') column.type = 'longtext'
      if (metadata.tableName.startsWith('shardyard_') && column.type === 'blob') column.type = 'longblob'
    }
    for (const { property, isBinary } of fieldsOf(metadata.target).values()) {
      const column = metadata.findColumnWithPropertyName(property)
      if (isBinary === true && column !== undefined) column.collation = 'utf8mb4_bin'
    }
  },
  begin: async (runner) => void (await runner.query('START TRANSACTION')),
  async abort(dataSource) {
    await Promise.all([...(openClients.get(dataSource) ?? [])].map(cutLine))
  },

  identityOf(options) {
    const { host, port, database } = addressParts(options, 3306)
    return `mysql:${host}:${port}/${database}`
  },
  addressOf(options) {
    const { host, port, database } = addressParts(options, 3306)
    return `${(options as { type: string }).type} ${host}:${port}/${database}`
  },
  exists: () => true,
  isShared: () => true,

  async durabilityWarnings(runner) {
    const rows = (await runner.query(
      `SHOW VARIABLES WHERE Variable_name = 'innodb_flush_log_at_trx_commit' AND Value <> '1'`,
    )) as Row[]
    return rows.map((row) => `innodb_flush_log_at_trx_commit is ${String(row['Value'])}: a crash may undo commits`)
  },
  // InnoDB tells nobody but administrators how far it is; the times that it keeps of tables have whole seconds.
  watchCommits: async () => undefined,
  async sizeBytes(runner) {
    const rows = (await runner.query(
      'SELECT SUM(data_length + index_length) AS size FROM information_schema.tables WHERE table_schema = DATABASE()',
    )) as { size: string | null }[]
    return Number(rows[0]?.size ?? 0)
  },
  async lockSchema(runner, limitMs) {
    const name = `CONCAT('shardyard.', LEFT(DATABASE(), 50))`
    const rows = (await runner.query(`SELECT GET_LOCK(${name}, ${Math.ceil(limitMs / 1000)}) AS locked`)) as Row[]
    if (Number(rows[0]?.['locked']) !== 1) {
      throw new ShardyardError('SY_DATABASE_BUSY', `Another process has held the schema lock for ${limitMs} ms.`)
    }
    return async () => void (await runner.query(`SELECT RELEASE_LOCK(${name})`))
  },

  continueIds: async () => undefined,
  connectionSpec(options) {
    const { url, host, port, username, password, database, ssl } = options as unknown as Record<string, unknown>
    const given = url === undefined ? { host, port, user: username, password, database } : { uri: url }
    return {
      engine: 'mysql',
      client: 'mysql2',
      options: { ...given, ...(ssl === undefined ? {} : { ssl }), ...extraOf(options) },
    }
  },
  async connect(spec, waitMs) {
    const client = loadMysql().createConnection({
      charset: 'utf8mb4',
      connectTimeout: connectTimeout(waitMs()),
      timezone: 'Z',
      supportBigNumbers: true,
      bigNumberStrings: true,
      ...spec.options,
      // An INSERT that finds its row there is to count nothing.
      flags: [...((spec.options['flags'] as string[] | undefined) ?? []), '-FOUND_ROWS'],
    })
    client.on('error', () => undefined)
    await new Promise<void>((resolve, reject) => client.connect((error) => (error ? reject(error) : resolve())))
    const connection = new MysqlConnection(client, waitMs)
    await connection.execute(SESSION)
    return connection
  },
  faultOf,
}

/** The client's own `destroy` only says goodbye, and then waits for the answer that is due. */
async function cutLine({ stream }: MysqlClient): Promise<void> {
  if (stream === undefined || stream.closed) return
  // The pool forgets a connection when it hears of its end.
  const closed = once(stream, 'close')
  stream.destroy()
  await closed
}

const DEADLOCK_NUMBERS: ReadonlySet<unknown> = new Set([1020, 1213])

/**
 * A deadlock ends the whole transaction, after which the server would store every further statement by itself and
 * answer COMMIT with success. Until TypeORM has rolled back, nothing more is sent.
 */
function stopAfterDeadlock(runner: QueryRunner): void {
  const query = runner.query.bind(runner) as QueryRunner['query']
  let deadlock: unknown
  const checked = async (sql: string, parameters?: unknown[], isStructured?: boolean) => {
    if (deadlock !== undefined && sql !== 'ROLLBACK') {
      throw new ShardyardError(
        'SY_ROLLED_BACK',
        'The server rolled the transaction back, because of a deadlock in it.',
        {
          cause: deadlock,
        },
      )
    }
    deadlock = undefined
    try {
      return await query(sql, parameters, isStructured as true)
    } catch (error) {
      if (runner.isTransactionActive && DEADLOCK_NUMBERS.has(driverError(error).errno)) deadlock = error
      throw error
    }
  }
  runner.query = checked as QueryRunner['query']
}

function loadMysql(): { createConnection(options: object): MysqlClient } {
  try {
    return require('mysql2')
  } catch (cause) {
    throw new ShardyardError('SY_DRIVER_MISSING', 'The package "mysql2" is not installed. Run "npm install mysql2".', {
      cause,
    })
  }
}

const UNAVAILABLE_NUMBERS: ReadonlySet<unknown> = new Set([1021, 1040, 1053, 1077, 1114, 1203, 1927, 2006, 2013])
const REFUSED_NUMBERS: ReadonlySet<unknown> = new Set([1044, 1045, 1049, 1142, 1698])

function faultOf(error: unknown): Fault {
  const { code, errno, message: rawMessage } = driverError(error)
  const message = String(rawMessage ?? '')
  const quoted = /for column '?`?([^'`]+)'?`?|[Cc]olumn '([^']+)'|Field '([^']+)'/.exec(message)
  const column = quoted?.[1] ?? quoted?.[2] ?? quoted?.[3] ?? ''
  switch (errno) {
    case 1062: {
      const key = /for key '(?:[^']*\.)?([^']+)'$/.exec(message)?.[1]
      return { kind: 'unique', ...(key === undefined ? {} : { constraint: key }) }
    }
    case 4025:
    case 3819:
      return { kind: 'check', constraint: /[`']([^`']+)[`']/.exec(message)?.[1] ?? '' }
    case 1048:
    case 1364:
      return { kind: 'not-null', column }
    case 1406:
      return { kind: 'too-long', column }
    // max_allowed_packet: fewer rows at once may fit.
    case 1153:
      return { kind: 'too-long' }
    case 1264:
      return { kind: 'out-of-range', column }
    case 1020:
    case 1205:
    case 1213:
      return { kind: 'conflict' }
    default:
  }
  const isGone = code === 'PROTOCOL_CONNECTION_LOST' || /closed state|connect ETIMEDOUT|server closed/i.test(message)
  if (NETWORK_CODES.has(code) || UNAVAILABLE_NUMBERS.has(errno) || isGone) return { kind: 'unavailable' }
  return REFUSED_NUMBERS.has(errno) ? { kind: 'refused' } : { kind: 'other' }
}
