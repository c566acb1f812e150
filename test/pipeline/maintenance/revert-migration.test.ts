import { migrate } from 'shardyard/src/pipeline/maintenance/migrate'
import { revertMigration } from 'shardyard/src/pipeline/maintenance/revert-migration'
import { ENGINES } from '../../helpers/engines'
import { openShop, OWN_TABLES, shopUrls, tablesOf, withDead } from './shop'

describe.each(ENGINES)('revertMigration on $name', (engine) => {
  test('takes back the last migration, one a call, and never the library’s own', async () => {
    const cluster = await openShop(await shopUrls(engine, 'revert'))
    await migrate(cluster)
    expect(await revertMigration(cluster)).toEqual([{ database: 'orders', migration: 'CreateOrders1763600000002' }])
    expect(await tablesOf(engine, cluster, 'orders')).toEqual(OWN_TABLES)
    expect(await revertMigration(cluster)).toEqual([{ database: 'products', migration: 'CreateProducts1763600000001' }])
    expect(await revertMigration(cluster)).toEqual([{ database: 'users', migration: 'CreateUsers1763600000000' }])
    expect(await revertMigration(cluster)).toEqual([])
    expect(await migrate(cluster)).toHaveLength(3)
  })

  test('refuses a migration that the definition does not have', async () => {
    const urls = await shopUrls(engine, 'revert unknown')
    await migrate(await openShop(urls))
    await expect(revertMigration(await openShop(urls, []))).rejects.toMatchObject({
      code: 'SY_MIGRATION_FAILED',
      message: expect.stringContaining('CreateOrders1763600000002'),
    })
  })

  test('changes nothing when a database cannot be reached', async () => {
    const urls = await shopUrls(engine, 'revert down')
    const cluster = await openShop(urls)
    await migrate(cluster)
    const dead = await openShop(await withDead(engine, urls, 'users'))
    await expect(revertMigration(dead)).rejects.toMatchObject({ code: 'SY_DATABASE_DOWN' })
    expect(await tablesOf(engine, cluster, 'orders')).toContain('orders')
  })
})
