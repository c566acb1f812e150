import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cluster, defineCluster, place, type PlacedMigration, type Router } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { migrations as shipped } from 'shardyard/entities/migrations/index'
import { removeAtEnd } from '../../helpers/cleanup'
import type { TestEngine } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'

export type ShopDatabase = 'users' | 'products' | 'orders' | 'control' | 'idle'

/** Addresses of one shop's databases; two clusters may open the same. */
export type ShopUrls = Readonly<Record<ShopDatabase, string>>

/** Fresh databases for a shop; `idle` is a database in which nothing is placed. */
export async function shopUrls(engine: TestEngine, label: string): Promise<ShopUrls> {
  const names = ['users', 'products', 'orders', 'control', 'idle'] as const
  const made = await Promise.all(names.map((name) => engine.createDatabase(`${label} ${name}`)))
  return Object.fromEntries(names.map((name, index) => [name, made[index]?.url])) as ShopUrls
}

/** A shop with its entities in three databases and a control database; closed after the test. */
export async function openShop(
  databases: ShopUrls,
  migrations: readonly PlacedMigration[] = shipped,
  routers: readonly Router[] = [],
): Promise<Cluster<ShopDatabase>> {
  const cluster = await Cluster.open(
    defineCluster({
      databases,
      placement: [place(User, 'users'), place(Product, 'products'), place(Order, 'orders')],
      migrations,
      routers,
    }),
  )
  removeAtEnd(() => cluster.close())
  return cluster
}

/** The library's own tables, which every database with entities has. */
export const OWN_TABLES = [
  'shardyard_hashes',
  'shardyard_ledger',
  'shardyard_lines',
  'shardyard_migrations',
  'shardyard_parts',
]

/** Names of the tables of a database. */
export async function tablesOf(
  engine: TestEngine,
  cluster: Cluster<ShopDatabase>,
  name: ShopDatabase,
): Promise<string[]> {
  const sql = {
    sqlite: `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
    postgres: `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    mysql: 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = database()',
  }
  const rows: { name: string }[] = await cluster.database(name).query(sql[engine.name])
  return rows.map((row) => row.name).toSorted()
}

/** The same databases with one that cannot be reached. */
export async function withDead(engine: TestEngine, urls: ShopUrls, name: ShopDatabase): Promise<ShopUrls> {
  if (engine.name !== 'sqlite') return { ...urls, [name]: urls[name].replace(/:\d+\//, ':1/') }
  // A file that is missing would be made; this one is there and is no database.
  const file = join(await tempFolder('dead'), 'dead.db')
  await writeFile(file, 'This is no database. '.repeat(50))
  return { ...urls, [name]: `${urls[name].split(':')[0]}:${file}` }
}
