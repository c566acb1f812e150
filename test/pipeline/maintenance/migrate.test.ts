import { existsSync } from 'node:fs'
import type { PlacedMigration } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import type { QueryRunner } from 'typeorm'
import { migrations as shipped } from 'shardyard/entities/migrations/index'
import { checkSchema } from 'shardyard/src/pipeline/maintenance/check-schema'
import { migrate } from 'shardyard/src/pipeline/maintenance/migrate'
import { migrationStatus } from 'shardyard/src/pipeline/maintenance/migration-status'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { openShop, OWN_TABLES, shopUrls, tablesOf, withDead } from './shop'

const LEDGER = 'CreateShardyardLedger1763500000000'
const INGESTION = 'CreateShardyardIngestion1763500000002'

/** What `migrate` does to the databases of a new shop. */
const ALL_STEPS = [
  { database: 'users', migration: LEDGER },
  { database: 'users', migration: INGESTION },
  { database: 'users', migration: 'CreateUsers1763600000000' },
  { database: 'products', migration: LEDGER },
  { database: 'products', migration: INGESTION },
  { database: 'products', migration: 'CreateProducts1763600000001' },
  { database: 'orders', migration: LEDGER },
  { database: 'orders', migration: INGESTION },
  { database: 'orders', migration: 'CreateOrders1763600000002' },
  { database: 'control', migration: LEDGER },
  { database: 'control', migration: 'CreateShardyardRuns1763500000001' },
  { database: 'control', migration: INGESTION },
  { database: 'control', migration: 'CreateShardyardJobs1763500000003' },
  { database: 'control', migration: 'CreateShardyardIdempotency1763500000004' },
  { database: 'control', migration: 'CreateShardyardKeys1763500000005' },
]

let mayPass = false

/** Makes a table and then fails until it may pass. */
class AddStock1763700000000 {
  static readonly entities = [Product]
  async up(runner: QueryRunner) {
    await runner.query('CREATE TABLE IF NOT EXISTS stock (id integer)')
    if (!mayPass) throw new Error('the shelf is full')
  }
  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE stock')
  }
}

/** For two entities in two databases. */
class AddNotes1763800000000 {
  static readonly entities = [User, Order]
  async up(runner: QueryRunner) {
    await runner.query('CREATE TABLE notes (id integer)')
  }
  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE notes')
  }
}

describe.each(ENGINES)('migrate on $name', (engine) => {
  test('creates the tables of each database, and a second call does nothing', async () => {
    const cluster = await openShop(await shopUrls(engine, 'migrate'))
    const seen: unknown[] = []
    expect(await migrate(cluster, { onStep: (step) => seen.push(step) })).toEqual(ALL_STEPS)
    expect(seen).toEqual(ALL_STEPS)
    expect(await tablesOf(engine, cluster, 'users')).toEqual([...OWN_TABLES, 'users'])
    expect(await tablesOf(engine, cluster, 'control')).toEqual(
      [...OWN_TABLES, 'shardyard_idempotency', 'shardyard_jobs', 'shardyard_keys', 'shardyard_runs'].toSorted(),
    )
    expect(await migrate(cluster)).toEqual([])
  })

  test('leaves a schema that does not differ from the entities', async () => {
    const cluster = await openShop(await shopUrls(engine, 'no drift'))
    await migrate(cluster)
    const checks = await checkSchema(cluster)
    expect(checks.map(({ database }) => database)).toEqual(['users', 'products', 'orders', 'control'])
    for (const check of checks) expect(check).toMatchObject({ state: 'matches', differences: [] })
  })

  test('leaves constraints that stop raw SQL', async () => {
    const cluster = await openShop(await shopUrls(engine, 'raw sql'))
    await migrate(cluster)
    await cluster.repository(Product).save({ name: 'Laptop', price: '10.00' })
    await expect(cluster.database('products').query('UPDATE products SET price = -1')).rejects.toMatchObject({
      code: 'SY_VALIDATION_FAILED',
      message: expect.stringContaining('Price cannot be negative'),
    })
  })

  test('says with isDryRun what is to be done and does nothing', async () => {
    const urls = await shopUrls(engine, 'dry run')
    const cluster = await openShop(urls)
    expect(await migrate(cluster, { isDryRun: true })).toEqual(ALL_STEPS)
    if (engine.name === 'sqlite') expect(existsSync(urls.users.slice(urls.users.indexOf(':') + 1))).toBe(false)
    else expect(await tablesOf(engine, cluster, 'users')).toEqual([])
  })

  test('brings only the named databases up to date', async () => {
    const cluster = await openShop(await shopUrls(engine, 'named'))
    expect(await migrate(cluster, { databases: ['orders'] })).toEqual(
      ALL_STEPS.filter(({ database }) => database === 'orders'),
    )
    await expect(migrate(cluster, { databases: ['nowhere' as 'orders'] })).rejects.toMatchObject({
      code: 'SY_DATABASE_UNKNOWN',
    })
  })

  test('runs a migration of two entities where either of them lives', async () => {
    const cluster = await openShop(await shopUrls(engine, 'two entities'), [...shipped, AddNotes1763800000000])
    const steps = await migrate(cluster)
    expect(steps.filter(({ migration }) => migration === 'AddNotes1763800000000')).toEqual([
      { database: 'users', migration: 'AddNotes1763800000000' },
      { database: 'orders', migration: 'AddNotes1763800000000' },
    ])
  })

  test('follows a router that has an entity in a second database', async () => {
    const router = {
      allowMigrate: (database: string, entity: object) => (database === 'idle' && entity === User) || undefined,
    }
    const cluster = await openShop(await shopUrls(engine, 'router'), shipped, [router])
    const steps = await migrate(cluster)
    expect(steps.filter(({ database }) => database === 'idle').map(({ migration }) => migration)).toEqual([
      LEDGER,
      INGESTION,
      'CreateUsers1763600000000',
    ])
  })

  test('changes nothing when a database cannot be reached, and names each of those', async () => {
    const urls = await shopUrls(engine, 'down')
    const dead = await withDead(engine, await withDead(engine, urls, 'products'), 'control')
    await expect(migrate(await openShop(dead))).rejects.toMatchObject({
      code: 'SY_DATABASE_DOWN',
      message: expect.stringMatching(
        engine.name === 'sqlite'
          ? /^2 databases.*Mend their addresses or rights, then run this again:\n.*"products".*\n.*"control"/
          : /^2 databases.*Run this again when all of them answer:\n.*"products".*\n.*"control"/,
      ),
      details: { databases: ['products', 'control'], kind: engine.name === 'sqlite' ? 'refused' : 'unavailable' },
    })
    const cluster = await openShop(urls)
    const rows = await migrationStatus(cluster)
    expect(rows.filter(({ state }) => state !== 'pending')).toEqual([])
  })

  test('does not open a database in which nothing lives', async () => {
    const urls = await shopUrls(engine, 'idle')
    const cluster = await openShop(await withDead(engine, urls, 'idle'))
    expect(await migrate(cluster)).toEqual(ALL_STEPS)
  })

  test('applies each step once when two clusters migrate at the same time', async () => {
    const urls = await shopUrls(engine, 'at once')
    const clusters = await Promise.all([openShop(urls), openShop(urls), openShop(urls)])
    const steps = (await Promise.all(clusters.map((cluster) => migrate(cluster)))).flat()
    expect(steps).toHaveLength(ALL_STEPS.length)
    expect(steps).toEqual(expect.arrayContaining(ALL_STEPS))
  })

  test('stops at a failure, says what was done, and goes on in a second call', async () => {
    mayPass = false
    const migrations: PlacedMigration[] = [...shipped, AddStock1763700000000]
    const cluster = await openShop(await shopUrls(engine, 'failure'), migrations)
    const error = await migrate(cluster).catch((thrown: unknown) => thrown)
    const failed = { database: 'products', migration: 'AddStock1763700000000' }
    expect(error).toMatchObject({
      code: 'SY_MIGRATION_FAILED',
      message: expect.stringMatching(
        /the shelf is full.*Done before: .*CreateProducts.*"products".*run migrate again/is,
      ),
      details: { done: ALL_STEPS.slice(0, 6), failed, pending: ALL_STEPS.slice(6) },
    })
    const left = (await tablesOf(engine, cluster, 'products')).includes('stock')
    expect(left).toBe(engine.name === 'mysql')
    mayPass = true
    expect(await migrate(cluster)).toEqual([failed, ...ALL_STEPS.slice(6)])
  })

  test('leaves foreign keys enforced after a failure', async () => {
    if (engine.name !== 'sqlite') return
    mayPass = false
    const cluster = await openShop(await shopUrls(engine, 'pragma'), [...shipped, AddStock1763700000000])
    await expect(migrate(cluster)).rejects.toMatchObject({ code: 'SY_MIGRATION_FAILED' })
    expect(await cluster.database('products').query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }])
  })

  test('makes tables that hold all of Unicode in a database of an old character set', async () => {
    if (engine.name !== 'mysql') return
    const cluster = await openShop(await shopUrls(engine, 'latin'))
    await cluster.database('users').query('ALTER DATABASE CHARACTER SET latin1')
    await migrate(cluster)
    expect(await checkSchema(cluster, { databases: ['users'] })).toMatchObject([{ state: 'matches' }])
    const saved = await cluster.repository(User).save({ name: 'Ada 🦉', email: 'ada@example.com' })
    expect(await cluster.repository(User).findOneBy({ id: saved.id })).toMatchObject({ name: 'Ada 🦉' })
  })

  test('completes a table that a failure left half-made', async () => {
    if (engine.name !== 'mysql') return
    const cluster = await openShop(await shopUrls(engine, 'half made'))
    await migrate(cluster)
    const products = cluster.database('products')
    await products.query('ALTER TABLE products DROP CONSTRAINT ck_products_price_too_low')
    await products.query(`DELETE FROM shardyard_migrations WHERE name LIKE 'CreateProducts%'`)
    await migrate(cluster)
    expect(await checkSchema(cluster, { databases: ['products'] })).toMatchObject([{ state: 'matches' }])
  })
})

describe('migrate that cannot use a database', () => {
  const [sqlite] = ENGINES as readonly [TestEngine]
  const AWAY = 'postgres://u@127.0.0.1:1/away'
  const NO_PLACE = 'sqlite:/proc/x.db'

  test.each([
    [
      'its address is wrong',
      { users: NO_PLACE },
      'refused',
      /Mend its address or its rights, then run this again: "users"/,
    ],
    ['it is away', { users: AWAY }, 'unavailable', /Run this again when it answers: "users"/],
    ['two are away', { users: AWAY, orders: `${AWAY}2` }, 'unavailable', /Run this again when all of them answer:/],
    [
      'one is away and one refuses',
      { users: AWAY, orders: NO_PLACE },
      'unavailable',
      /Mend the address or the rights of those that refuse, and run this again when the others answer:/,
    ],
  ])('says what to do when %s', async (_when, wrong, kind, says) => {
    const cluster = await openShop({ ...(await shopUrls(sqlite, 'remedy')), ...wrong })
    await expect(migrate(cluster)).rejects.toMatchObject({
      code: 'SY_DATABASE_DOWN',
      message: expect.stringMatching(says),
      details: { kind },
    })
  })
})
