import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { Client } from 'pg'
import { removeAtEnd } from './cleanup'
import { tempFolder } from './temp'

export interface TestDatabase {
  readonly url: string
  /**
   * Has the database removed after the running test; kept when the test fails. Without this call it goes after
   * the test that made it, or at the end of the file when `beforeAll` made it.
   */
  drop(): Promise<void>
}

export interface TestEngine {
  readonly name: 'sqlite' | 'postgres' | 'mysql'
  readonly driver: 'better-sqlite3' | 'sqlite3' | 'pg' | 'mysql2'
  /** Makes an empty database of its own for a test; the label becomes part of its name. */
  createDatabase(label: string): Promise<TestDatabase>
}

const sqlite: TestEngine = {
  name: 'sqlite',
  driver: process.env.SHARDYARD_SQLITE === 'sqlite3' ? 'sqlite3' : 'better-sqlite3',
  async createDatabase(label) {
    const path = join(await tempFolder('sqlite'), `${nameOf(label)}.db`).replaceAll('\\', '/')
    // The folder goes by itself, after the test.
    return { url: `${this.driver === 'sqlite3' ? 'sqlite3' : 'sqlite'}:${path}`, drop: () => Promise.resolve() }
  },
}

const postgres: TestEngine = {
  name: 'postgres',
  driver: 'pg',
  async createDatabase(label) {
    const server = serverUrl('SHARDYARD_TEST_POSTGRES_URL')
    const name = nameOf(label)
    await onPostgres(server, (client) => client.query(`CREATE DATABASE "${name}" TEMPLATE template0`))
    return createdDatabase(server, name, async (url) => {
      await onPostgres(url, rollBackPrepared)
      await onPostgres(server, (client) => client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`))
    })
  },
}

const mysql: TestEngine = {
  name: 'mysql',
  driver: 'mysql2',
  async createDatabase(label) {
    const server = serverUrl('SHARDYARD_TEST_MYSQL_URL')
    const name = nameOf(label)
    await onMysql(server, (connection) => connection.query(`CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4`))
    return createdDatabase(server, name, () =>
      onMysql(server, async (connection) => {
        await killConnections(connection, name)
        await connection.query(`DROP DATABASE IF EXISTS \`${name}\``)
      }),
    )
  },
}

/** The engines of this run: `describe.each(ENGINES)('transfer on $name', (engine) => …)`. */
export const ENGINES: readonly TestEngine[] = sqlite.driver === 'sqlite3' ? [sqlite] : [sqlite, postgres, mysql]

/**
 * SQLite and one of the servers, for what is tried on every engine further down. All of them with
 * SHARDYARD_TEST_ENGINES=all, as in the crash runs.
 */
export function sqliteAnd(server: 'postgres' | 'mysql'): readonly TestEngine[] {
  if (process.env['SHARDYARD_TEST_ENGINES'] === 'all') return ENGINES
  return ENGINES.filter(({ name }) => name === 'sqlite' || name === server)
}

/** SQLite alone, for what costs much and is tried on a server further down; all engines in the crash runs. */
export function sqliteOrAll(): readonly TestEngine[] {
  return process.env['SHARDYARD_TEST_ENGINES'] === 'all' ? ENGINES : ENGINES.slice(0, 1)
}

function serverUrl(variable: string): string {
  const url = process.env[variable]
  if (!url) throw new Error(`${variable} is not set. Run the tests with "npm test", which starts the servers.`)
  return url
}

/** Fits every engine's limit of 63 characters and is never used twice. */
function nameOf(label: string): string {
  const words = label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
  return `test_${words.slice(0, 40)}_${randomBytes(6).toString('hex')}`
}

function createdDatabase(server: string, name: string, remove: (url: string) => Promise<void>): TestDatabase {
  const url = new URL(server)
  url.pathname = `/${name}`
  const dropSoon = removeAtEnd(() => remove(url.href), { keptAs: `${url.href} (while its server runs)` })
  return {
    url: url.href,
    drop() {
      dropSoon()
      return Promise.resolve()
    },
  }
}

async function onPostgres(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

/** A database with a prepared transaction cannot be dropped, not even by force. */
async function rollBackPrepared(client: Client): Promise<void> {
  const prepared = await client.query<{ gid: string }>(
    'SELECT gid FROM pg_prepared_xacts WHERE database = current_database()',
  )
  for (const { gid } of prepared.rows) await client.query(`ROLLBACK PREPARED ${client.escapeLiteral(gid)}`)
}

async function onMysql(url: string, work: (connection: Connection) => Promise<unknown>): Promise<void> {
  const connection = await createConnection(url)
  try {
    // Else a transaction left open would hold up a DROP for a day.
    await connection.query('SET SESSION lock_wait_timeout = 10')
    await work(connection)
  } finally {
    await connection.end()
  }
}

/** What DROP … WITH (FORCE) does on PostgreSQL: a leaked connection must not hold the next test up. */
async function killConnections(connection: Connection, database: string): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT id FROM information_schema.processlist WHERE db = ?', [
    database,
  ])
  // Between the question and the answer a connection may end by itself.
  for (const { id } of rows) await connection.query('KILL ?', [id]).catch(ignoreUnknownThread)
}

function ignoreUnknownThread(error: { readonly code?: string }): void {
  if (error.code !== 'ER_NO_SUCH_THREAD') throw error
}
