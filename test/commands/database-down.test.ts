import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { sqliteAnd, type TestEngine } from '../helpers/engines'
import { LOAD, proxiedShop, startedLoad, undisturbedEnd } from './outage'
import { endState, makeShop, outcomeCounts, runJson, simulate, type ShopDatabase } from './shop'

const [sqlite, ...servers] = sqliteAnd('postgres') as readonly [TestEngine, ...TestEngine[]]

const OUTAGES: readonly [down: ShopDatabase, during: ShopDatabase][] = [
  ['users', 'users'],
  ['orders', 'orders'],
  ['users', 'orders'],
  ['control', 'users'],
]

/** Every outage on one server, the two that differ most on the other. */
const outagesOn = ({ name }: TestEngine) => (name === 'postgres' ? OUTAGES : OUTAGES.slice(-2))

describe.each(servers)('a database that goes down on $name', (engine) => {
  test.each(outagesOn(engine))(
    '("%s", while "%s" is loaded) and comes back is waited for, and nothing is rejected for it',
    async (down, during) => {
      const { shop, proxied, proxy } = await proxiedShop(engine, down)
      const end = await startedLoad(proxied, shop, during)
      proxy.down()
      await sleep(1_000)
      proxy.up()
      const { code, stderr } = await end()
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(await endState(shop)).toEqual(await undisturbedEnd())
    },
  )

  test('is named while it is waited for', async () => {
    const { shop, proxied, proxy } = await proxiedShop(engine, 'products')
    const end = await startedLoad(proxied, shop, 'products')
    proxy.down()
    await sleep(500)
    proxy.up()
    expect((await end()).stdout).toMatch(/^Database "products" does not answer; waiting for it\. \(.+\)$/m)
  })

  test('again and again is waited for again and again', async () => {
    const { shop, proxied, proxy } = await proxiedShop(engine, 'users')
    const end = await startedLoad(proxied, shop, 'users')
    for (let times = 0; times < 5; times++) {
      proxy.down()
      await sleep(100)
      proxy.up()
      await sleep(100)
    }
    expect((await end()).code).toBe(0)
    expect(await endState(shop)).toEqual(await undisturbedEnd())
  })

  test.each(OUTAGES.slice(-2))(
    '("%s", while "%s" is loaded) for longer than --wait ends the run, and the same command resumes it',
    async (down, during) => {
      const { shop, proxied, proxy } = await proxiedShop(engine, down)
      const end = await startedLoad(proxied, shop, during, [...LOAD, '--wait', '1'])
      proxy.down()
      const { code, stdout, stderr } = await end()
      expect({ code, hasSummary: stdout.includes('Summary') }).toEqual({ code: 1, hasSummary: false })
      expect(stderr).toMatch(
        new RegExp(`^Run \\w+ has stopped before its end\\. [^\\n]*"${down}"[^\\n]* resumes the run\\.\\n$`),
      )
      proxy.up()
      const counts = await outcomeCounts(shop)
      expect(Object.keys(counts).toSorted()).toEqual(['accepted', 'rejected'])
      await runJson(proxied, [...LOAD, '--wait', '20'])
      expect(await endState(shop)).toEqual(await undisturbedEnd())
    },
  )

  test('("control") in a long load pauses it, and for longer than --wait ends it', async () => {
    const { shop, proxied, proxy } = await proxiedShop(engine, 'control')
    const args = ['--count', '15000', '--threads', '2']
    const end = await startedLoad(proxied, shop, 'users', [...args, '--wait', '2'])
    proxy.down()
    const { code, stdout, stderr } = await end()
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^Run [^\n]*"control"[^\n]*\n$/) })
    expect(stdout).toContain('Database "control" does not answer; waiting for it.')
    proxy.up()
    expect((await runJson(proxied, [...args, '--batch', '500'])).state).toBe('complete')
  })

  test.each([['users'], ['control']] as const)(
    '("%s") before the start ends the command with 1 and one sentence',
    async (down) => {
      const { shop, proxied, proxy } = await proxiedShop(engine, down)
      proxy.down()
      const { code, stderr } = await simulate(proxied, [...LOAD, '--wait', '1'])
      expect(code).toBe(1)
      expect(stderr).toContain(`"${down}"`)
      expect(stderr).not.toMatch(/\n +at /)
      proxy.up()
      await runJson(proxied, LOAD)
      expect(await endState(shop)).toEqual(await undisturbedEnd())
    },
  )
})

describe('an SQLite file', () => {
  test('that another process locks for two seconds is waited for', async () => {
    const shop = await makeShop(sqlite, 'locked')
    const end = await startedLoad(shop, shop, 'users')
    const holder = new Sqlite(shop.urls.users.slice('sqlite:'.length), { timeout: 10_000 })
    holder.exec('BEGIN IMMEDIATE')
    await sleep(2_000)
    holder.exec('COMMIT')
    holder.close()
    const { code, stderr } = await end()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await endState(shop)).toEqual(await undisturbedEnd())
  })

  test('that is locked from the start is waited for', async () => {
    const shop = await makeShop(sqlite, 'locked at start')
    await runJson(shop, ['--threads', '1'])
    const holder = new Sqlite(shop.urls.control.slice('sqlite:'.length))
    holder.exec('BEGIN IMMEDIATE')
    const run = runJson(shop, ['--threads', '2'])
    await sleep(2_000)
    holder.exec('COMMIT')
    holder.close()
    expect((await run).counts).toMatchObject({ duplicate: 24, rejected: 6 })
  })
})
