import { existsSync } from 'node:fs'
import { migrate } from 'shardyard/src/pipeline/maintenance/migrate'
import { migrationStatus } from 'shardyard/src/pipeline/maintenance/migration-status'
import { ENGINES } from '../../helpers/engines'
import { openShop, shopUrls, withDead } from './shop'

describe.each(ENGINES)('the status of migrations on $name', (engine) => {
  test('is pending before and applied after migrate, with the moment', async () => {
    const urls = await shopUrls(engine, 'status')
    const cluster = await openShop(urls)
    const before = await migrationStatus(cluster)
    expect(before).toHaveLength(15)
    expect(before.every(({ state, appliedAt }) => state === 'pending' && appliedAt === undefined)).toBe(true)
    if (engine.name === 'sqlite') expect(existsSync(urls.users.slice(urls.users.indexOf(':') + 1))).toBe(false)
    const startedAt = Date.now()
    await migrate(cluster)
    for (const { state, appliedAt } of await migrationStatus(cluster)) {
      expect(state).toBe('applied')
      expect(appliedAt?.getTime()).toBeGreaterThanOrEqual(startedAt)
    }
  })

  test('shows a migration that is recorded but not defined', async () => {
    const urls = await shopUrls(engine, 'unknown')
    await migrate(await openShop(urls))
    const rows = await migrationStatus(await openShop(urls, []), { databases: ['users'] })
    expect(rows).toMatchObject([
      { database: 'users', migration: 'CreateShardyardLedger1763500000000', state: 'applied' },
      { database: 'users', migration: 'CreateShardyardIngestion1763500000002', state: 'applied' },
      { database: 'users', migration: 'CreateUsers1763600000000', state: 'unknown', appliedAt: expect.any(Date) },
    ])
  })

  test('shows a database that cannot be reached beside the others', async () => {
    const urls = await shopUrls(engine, 'unreachable')
    const rows = await migrationStatus(await openShop(await withDead(engine, urls, 'products')))
    expect(rows.filter(({ database }) => database === 'products')).toMatchObject([
      { state: 'unreachable', migration: undefined, error: expect.any(String) },
    ])
    expect(rows.filter(({ state }) => state === 'pending')).toHaveLength(12)
  })
})
