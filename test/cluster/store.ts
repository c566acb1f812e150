import type { DataSourceOptions, Logger } from 'typeorm'
import { Cluster, defineCluster, place, type DatabaseConfig, type Router } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { migrations } from 'shardyard/entities/migrations/index'
import { removeAtEnd } from '../helpers/cleanup'
import { ENGINES, type TestEngine } from '../helpers/engines'

export type StoreDatabase = 'users' | 'products' | 'orders'

export interface StoreOptions {
  /** What differs from a fresh database under its URL. */
  readonly databases?: Partial<Record<StoreDatabase, DatabaseConfig>>
  readonly routers?: readonly Router[]
  /** TypeORM options that every database gets. */
  readonly options?: object
}

/** A store with its entities in three fresh databases, their tables made; closed after the test. */
export async function openStore(
  engine: TestEngine,
  label: string,
  { databases = {}, routers = [], options = {} }: StoreOptions = {},
): Promise<Cluster<StoreDatabase>> {
  const fresh = async (name: StoreDatabase): Promise<DatabaseConfig> =>
    databases[name] ?? optionsFor(engine, (await engine.createDatabase(`${label} ${name}`)).url, options)
  const [users, products, orders] = await Promise.all([fresh('users'), fresh('products'), fresh('orders')])
  const cluster = await Cluster.open(
    defineCluster({
      databases: { users, products, orders },
      placement: [place(User, 'users'), place(Product, 'products'), place(Order, 'orders')],
      routers,
      migrations,
    }),
  )
  removeAtEnd(() => cluster.close())
  const homes: readonly StoreDatabase[] = ['users', 'products', 'orders']
  await Promise.all(homes.map((home, index) => createTables(cluster, home, [index])))
  return cluster
}

/** A store with all its entities in one fresh database, `main`; closed after the test. */
export async function openShelf(engine: TestEngine, label: string, options: object = {}): Promise<Cluster<'main'>> {
  const { url } = await engine.createDatabase(label)
  return openShelfAt(optionsFor(engine, url, options))
}

/** The same in a given database. */
export async function openShelfAt(main: DatabaseConfig): Promise<Cluster<'main'>> {
  const cluster = await Cluster.open(
    defineCluster({
      databases: { main },
      placement: [place(User, 'main'), place(Product, 'main'), place(Order, 'main')],
      migrations,
    }),
  )
  removeAtEnd(() => cluster.close())
  await createTables(cluster, 'main', [0, 1, 2])
  return cluster
}

/** Runs the shipped migrations of the given numbers: 0 users, 1 products, 2 orders. */
async function createTables<Name extends string>(
  cluster: Cluster<Name>,
  database: NoInfer<Name>,
  numbers: readonly number[],
): Promise<void> {
  await using runner = disposable(cluster.database(database).createQueryRunner())
  for (const number of numbers) {
    const Migration = migrations[number]
    if (Migration !== undefined) await new Migration().up(runner)
  }
}

/** A runner that is released at the end of the scope. */
export function disposable<T extends { release(): Promise<void> }>(runner: T): T & AsyncDisposable {
  return Object.assign(runner, { [Symbol.asyncDispose]: () => runner.release() })
}

/** TypeORM options of a test database. */
export function optionsFor(engine: TestEngine, url: string, more: object = {}): DataSourceOptions {
  const path = url.slice(url.indexOf(':') + 1)
  const sqliteType = engine.driver === 'sqlite3' ? 'sqlite' : 'better-sqlite3'
  const address = engine.name === 'sqlite' ? { type: sqliteType, database: path } : { type: engine.name, url }
  return { ...address, ...more } as DataSourceOptions
}

/** Tests for some engines only; those that this variant does not run are left out. */
export function describeOn(
  names: readonly TestEngine['name'][],
  title: string,
  tests: (engine: TestEngine) => void,
): void {
  for (const engine of ENGINES) {
    if (names.includes(engine.name)) describe(`${title} on ${engine.name}`, () => tests(engine))
  }
}

/** Records the statements of the databases whose options it is part of: `{ ...log.options }`. */
export class StatementLog {
  readonly statements: string[] = []
  readonly options = { logging: ['query'], logger: this.#logger() }

  /** The statements since the last call. */
  take(pattern: RegExp): string[] {
    return this.statements.splice(0).filter((sql) => pattern.test(sql))
  }

  #logger(): Logger {
    const nothing = () => undefined
    return {
      logQuery: (sql: string) => void this.statements.push(sql),
      logQueryError: nothing,
      logQuerySlow: nothing,
      logSchemaBuild: nothing,
      logMigration: nothing,
      log: nothing,
    } as Logger
  }
}

export const ada = { name: 'Ada', email: 'ada@example.com' }
export const bob = { name: 'Bob', email: 'bob@example.com' }
export const lamp = { name: 'Lamp', price: '10.00' }
