import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { sqliteAnd, type TestEngine } from '../helpers/engines'
import { requireEndAndResume } from './frozen-server'
import { ledgerSize, proxiedShop, startedLoad, undisturbedEnd } from './outage'
import { endState, makeShop, runJson, startSimulation } from './shop'

const [sqlite, ...servers] = sqliteAnd('mysql') as readonly [TestEngine, ...TestEngine[]]
/** Far below the 60 seconds for which a load waits when it is not told. */
const ENDS_WITHIN_MS = 40_000
const TEST_LIMIT_MS = 120_000
const LONG = ['--count', '9000', '--threads', '2']

describe.each(servers)('a server on $name that stops answering', (engine) => {
  test('for a moment holds nothing up for good', async () => {
    const { shop, proxied, proxy } = await proxiedShop(engine, 'users')
    const end = await startedLoad(proxied, shop, 'users')
    proxy.freeze()
    await sleep(700)
    proxy.up()
    expect((await end()).code).toBe(0)
    expect(await endState(shop)).toEqual(await undisturbedEnd())
  })

  test(
    'for longer than --wait ends the run, and the same command resumes it',
    () => requireEndAndResume(engine, { down: 'control', during: 'users' }),
    TEST_LIMIT_MS,
  )

  test(
    'does not hold Ctrl-C up',
    async () => {
      const { shop, proxied, proxy } = await proxiedShop(engine, 'users')
      const child = startSimulation(proxied, LONG)
      const ended = Promise.all([once(child, 'close'), text(child.stderr)])
      while ((await ledgerSize(shop, 'users')) < 20) await sleep(5)
      proxy.freeze()
      const frozenAt = performance.now()
      child.kill('SIGINT')
      const [[code], stderr] = await ended
      expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringMatching(/resumes it\.\n$/) })
      expect(performance.now() - frozenAt).toBeLessThan(ENDS_WITHIN_MS)
    },
    TEST_LIMIT_MS,
  )
})

describe('an SQLite file', () => {
  test.each([['users'], ['control']] as const)(
    '("%s") that is locked for longer than --wait ends the run, and the same command resumes it',
    async (name) => {
      const shop = await makeShop(sqlite, 'locked long')
      const args = ['--count', '30000', '--threads', '8']
      const end = await startedLoad(shop, shop, 'users', [...args, '--wait', '1'])
      const holder = new Sqlite(shop.urls[name].slice('sqlite:'.length), { timeout: 10_000 })
      holder.exec('BEGIN IMMEDIATE')
      const lockedAt = performance.now()
      const { code, stderr } = await end()
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(new RegExp(`^Run \\w+ [^\\n]*"${name}"[^\\n]* resumes the run\\.\\n$`)),
      })
      expect(performance.now() - lockedAt).toBeLessThan(ENDS_WITHIN_MS)
      holder.exec('ROLLBACK')
      holder.close()
      expect((await runJson(shop, [...args, '--batch', '500'])).state).toBe('complete')
    },
    TEST_LIMIT_MS,
  )
})
