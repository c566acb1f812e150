import { existsSync } from 'node:fs'
import { checkSchema } from 'shardyard/src/pipeline/maintenance/check-schema'
import { migrate } from 'shardyard/src/pipeline/maintenance/migrate'
import { ENGINES } from '../../helpers/engines'
import { openShop, shopUrls, withDead } from './shop'

describe.each(ENGINES)('checkSchema on $name', (engine) => {
  test('tells each difference that a manual change has made', async () => {
    const cluster = await openShop(await shopUrls(engine, 'drift'))
    await migrate(cluster)
    const users = cluster.database('users')
    await users.query('ALTER TABLE users ADD nickname varchar(20)')
    await users.query(engine.name === 'mysql' ? 'DROP INDEX uq_users_email ON users' : 'DROP INDEX uq_users_email')
    const [check, ...others] = await checkSchema(cluster)
    expect(check).toMatchObject({
      database: 'users',
      state: 'differs',
      differences: expect.arrayContaining([
        'users.nickname is not in the entity',
        'index uq_users_email on users is missing',
      ]),
    })
    expect(others.map(({ state }) => state)).toEqual(['matches', 'matches', 'matches'])
  })

  test('tells how a column differs', async () => {
    const change = {
      sqlite: undefined,
      postgres: 'ALTER TABLE users ALTER name TYPE varchar(50)',
      mysql: 'ALTER TABLE users MODIFY name varchar(50) NOT NULL',
    }[engine.name]
    if (change === undefined) return
    const cluster = await openShop(await shopUrls(engine, 'column'))
    await migrate(cluster)
    await cluster.database('users').query(change)
    const [check] = await checkSchema(cluster, { databases: ['users'] })
    const type = engine.name === 'mysql' ? 'varchar' : 'character varying'
    expect(check?.differences).toEqual([`users.name is ${type}(50) not null, the entity says ${type}(100) not null`])
  })

  test('finds a constraint that is missing', async () => {
    if (engine.name === 'sqlite') return
    const cluster = await openShop(await shopUrls(engine, 'constraint'))
    await migrate(cluster)
    await cluster.database('products').query('ALTER TABLE products DROP CONSTRAINT ck_products_price_too_low')
    const [check] = await checkSchema(cluster, { databases: ['products'] })
    expect(check?.differences).toEqual(['check ck_products_price_too_low on products is missing'])
  })

  test('finds text that is compared otherwise', async () => {
    if (engine.name !== 'mysql') return
    const cluster = await openShop(await shopUrls(engine, 'collation'))
    await migrate(cluster)
    const sql = 'ALTER TABLE users MODIFY email varchar(254) COLLATE utf8mb4_general_ci NOT NULL'
    await cluster.database('users').query(sql)
    const [check] = await checkSchema(cluster, { databases: ['users'] })
    expect(check?.differences).toEqual([
      expect.stringMatching(/^users\.email is compared by .*entity says utf8mb4_bin$/),
    ])
  })

  test('tells which databases are not migrated, or cannot be reached', async () => {
    const urls = await shopUrls(engine, 'states')
    const cluster = await openShop(await withDead(engine, urls, 'orders'))
    const checks = await checkSchema(cluster)
    const isSqlite = engine.name === 'sqlite'
    expect(checks.map(({ state }) => state)).toEqual([
      isSqlite ? 'not migrated' : 'differs',
      isSqlite ? 'not migrated' : 'differs',
      'unreachable',
      isSqlite ? 'not migrated' : 'differs',
    ])
    if (isSqlite) expect(existsSync(urls.users.slice(urls.users.indexOf(':') + 1))).toBe(false)
    else {
      const tables = ['users', 'shardyard_ledger', 'shardyard_parts', 'shardyard_lines', 'shardyard_hashes']
      expect(checks[0]?.differences).toEqual(tables.map((table) => `table ${table} is missing`))
    }
  })
})
