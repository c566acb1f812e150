import Sqlite from 'better-sqlite3'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { Client } from 'pg'
import { runCommand, startCommand, type CommandResult, type RunOptions } from '../helpers/command'
import type { TestEngine } from '../helpers/engines'
import { tempFolder } from '../helpers/temp'

export const SHOP_DATABASES = ['users', 'products', 'orders', 'control'] as const
export type ShopDatabase = (typeof SHOP_DATABASES)[number]
export type Row = Readonly<Record<string, unknown>>

/** The four empty databases of the shipped config, and a folder for a command to run in. */
export interface Shop {
  readonly engine: TestEngine
  readonly folder: string
  readonly urls: Readonly<Record<ShopDatabase, string>>
  readonly env: Readonly<Record<string, string>>
}

export async function makeShop(engine: TestEngine, label: string): Promise<Shop> {
  const made = await Promise.all(SHOP_DATABASES.map((name) => engine.createDatabase(`${label} ${name}`)))
  const urls = Object.fromEntries(SHOP_DATABASES.map((name, index) => [name, made[index]?.url])) as Shop['urls']
  return withUrls({ engine, folder: await tempFolder('shop'), urls, env: {} }, urls)
}

/** The same shop under other addresses of its databases, such as those of a proxy. */
export function withUrls(shop: Shop, urls: Partial<Shop['urls']>): Shop {
  const all = { ...shop.urls, ...urls }
  const env = Object.fromEntries(SHOP_DATABASES.map((name) => [`SHARDYARD_${name.toUpperCase()}_URL`, all[name]]))
  return { ...shop, urls: all, env }
}

/** A bin and its arguments, without what every command of a shop shares. */
export function commandOf(shop: Shop, args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  return runCommand(args, { cwd: shop.folder, ...options, env: { ...shop.env, ...options.env } })
}

export function simulate(shop: Shop, args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  return commandOf(shop, ['simulate-insertions', ...args], options)
}

export function startSimulation(shop: Shop, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return startCommand(['simulate-insertions', ...args], { cwd: shop.folder, env: { ...shop.env, ...env } })
}

/** The part of the JSON of a run that tests look at. */
export interface RunJson {
  readonly id: string
  readonly state: string
  readonly threads: number
  readonly batch: number
  readonly counts: Readonly<Record<string, number>>
  readonly successRate: number | null
  readonly entities: readonly {
    readonly entity: string
    readonly database: string
    readonly counts: Readonly<Record<string, number>>
    readonly reasons: readonly { readonly message: string; readonly count: number }[]
  }[]
  readonly perThread: readonly { readonly thread: number; readonly counts: Readonly<Record<string, number>> }[]
  readonly records: readonly {
    readonly entity: string
    readonly position: number
    readonly outcome: string
    readonly thread: number
    readonly rowId?: string
    readonly storedBy?: string
    readonly reasons: readonly { readonly code: string; readonly field: string; readonly message: string }[]
  }[]
}

/** Runs the simulation with `--json`; fails unless it ended with 0. */
export async function runJson(shop: Shop, args: readonly string[], options: RunOptions = {}): Promise<RunJson> {
  const { code, stdout, stderr } = await simulate(shop, [...args, '--json'], options)
  if (code !== 0) throw new Error(`Exit code ${code}\n${stdout}\n${stderr}`)
  return JSON.parse(stdout) as RunJson
}

/** Asks a database through its bare driver. */
export async function ask({ name }: TestEngine, url: string, sql: string): Promise<Row[]> {
  if (name === 'sqlite') return askSqlite(url, sql)
  return name === 'postgres' ? askPostgres(url, sql) : askMysql(url, sql)
}

function askSqlite(url: string, sql: string): Row[] {
  const database = new Sqlite(url.slice(url.indexOf(':') + 1), { timeout: 10_000 })
  try {
    const statement = database.prepare(sql)
    return statement.reader ? (statement.all() as Row[]) : (statement.run(), [])
  } finally {
    database.close()
  }
}

async function askPostgres(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row & Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

async function askMysql(url: string, sql: string): Promise<Row[]> {
  const connection = await createConnection({ uri: url, dateStrings: true })
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    return Array.isArray(rows) ? rows : []
  } finally {
    await connection.end()
  }
}

/** Everything that the three data tables hold, as text that two equal tables share. */
export async function tablesText({ engine, urls }: Shop): Promise<string> {
  const tables = await Promise.all(
    (['users', 'products', 'orders'] as const).map((table) =>
      ask(engine, urls[table], `SELECT * FROM ${table} ORDER BY id`),
    ),
  )
  return JSON.stringify(tables)
}

/** What differs between two runs of the same data on any engine is left out: moments, threads, durations, run ids. */
export interface EndState {
  readonly users: readonly Row[]
  readonly products: readonly Row[]
  readonly orders: readonly Row[]
  readonly lines: readonly string[]
  readonly runs: readonly string[]
}

export async function endState(shop: Shop): Promise<EndState> {
  const { engine, urls } = shop
  const runs = await ask(engine, urls.control, 'SELECT * FROM shardyard_runs ORDER BY id')
  const numbers = new Map(runs.map((run, index) => [run['id'], index + 1]))
  const lines = (await linesOf(shop)).map(
    ({ database, entity, position, run, outcome, rowId, storedBy, reasons, record }) =>
      `${numbers.get(run)} ${String(database)} ${String(entity)} ${String(position).padStart(7, '0')} ${String(outcome)} ` +
      `row ${String(rowId)} of run ${numbers.get(storedBy) ?? '-'} ${String(reasons)} ${String(record)}`,
  )
  return {
    users: (await ask(engine, urls.users, 'SELECT id, name, email FROM users ORDER BY id')).map(withNumbers),
    products: (await ask(engine, urls.products, 'SELECT id, name, price FROM products ORDER BY id')).map(withNumbers),
    orders: (await ask(engine, urls.orders, 'SELECT * FROM orders ORDER BY id')).map(withNumbers),
    lines: lines.toSorted(),
    runs: runs.map((run) => `${String(run['state'])} ${run['openSource'] === null ? 'closed' : 'open'}`),
  }
}

/** All lines of all ledgers of a shop, read by the bare drivers. */
export async function linesOf({ engine, urls }: Shop): Promise<Row[]> {
  const lists = await Promise.all(
    SHOP_DATABASES.map(async (database) => {
      const rows = await ask(engine, urls[database], 'SELECT * FROM shardyard_ledger')
      return rows.map((row): Row => ({ ...row, database, position: Number(row['position']) }))
    }),
  )
  return lists.flat()
}

/** How many lines each outcome has. */
export async function outcomeCounts(shop: Shop): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { outcome } of await linesOf(shop)) counts[String(outcome)] = (counts[String(outcome)] ?? 0) + 1
  return counts
}

function withNumbers({ createdAt: _createdAt, updatedAt: _updatedAt, price, name, email, ...numbers }: Row): Row {
  const row: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(numbers)) row[key] = Number(value)
  if (name !== undefined) row['name'] = name
  if (email !== undefined) row['email'] = email
  if (price !== undefined) row['price'] = Number(price).toFixed(2)
  return row
}

/** Empties the data tables, ledgers and runs, so that the shop can be used again. */
export async function emptyShop({ engine, urls }: Shop): Promise<void> {
  const tables = { users: ['users'], products: ['products'], orders: ['orders'], control: ['shardyard_runs'] }
  for (const database of SHOP_DATABASES) {
    for (const table of [...tables[database], 'shardyard_ledger'])
      await ask(engine, urls[database], `DELETE FROM ${table}`)
  }
}
