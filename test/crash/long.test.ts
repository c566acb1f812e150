/** What takes too long for the suite that runs each time. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { ENGINES, type TestEngine } from '../helpers/engines'
import { ask, emptyShop, endState, makeShop, outcomeCounts, runJson, simulate, startSimulation } from '../commands/shop'

describe.each(ENGINES)('64 threads on $name', (engine) => {
  test('let user 8 lose to user 1 twenty times out of twenty', async () => {
    const shop = await makeShop(engine, 'user 8')
    for (let times = 0; times < 20; times++) {
      const { records } = await runJson(shop, ['--threads', '64'], { timeoutMs: 60_000 })
      const users = records.filter(({ entity, position }) => entity === 'User' && (position === 0 || position === 7))
      expect(users.map(({ position, outcome }) => `${position} ${outcome}`)).toEqual(['0 accepted', '7 rejected'])
      await emptyShop(shop)
    }
  }, 600_000)
})

describe.each(ENGINES)('a command that sleeps longer than its lease on $name', (engine) => {
  test('finds its run taken over when it wakes, and nothing is stored twice', async () => {
    const shop = await makeShop(engine, 'lease')
    const args = ['--count', '3000', '--threads', '2']
    const sleeper = startSimulation(shop, args)
    const [err, ended] = [text(sleeper.stderr), once(sleeper, 'close')]
    sleeper.stdout.resume()
    while ((await ask(engine, shop.urls.users, 'SELECT * FROM shardyard_ledger').catch(() => [])).length < 20)
      await sleep(20)
    sleeper.kill('SIGSTOP')
    const heir = simulate(shop, args, { timeoutMs: 90_000 })
    // It is woken while the other one works, and writes on until its next heartbeat.
    await sleep(16_500)
    sleeper.kill('SIGCONT')
    const { code, stdout } = await heir
    const [sleeperCode] = (await ended) as [number | null]
    expect({
      code,
      isResumed: stdout.includes('it is resumed'),
      sleeperCode: [0, 1].includes(sleeperCode ?? -1),
    }).toEqual({
      code: 0,
      isResumed: true,
      sleeperCode: true,
    })
    if (sleeperCode === 1) expect(await err).toMatch(/^Run \w+ has stopped before its end\. [^\n]+\n$/)
    const counts = await outcomeCounts(shop)
    expect((counts['accepted'] ?? 0) + (counts['rejected'] ?? 0)).toBe(3_000)
    const fresh = await makeShop(ENGINES[0] as TestEngine, 'no lease lost')
    await runJson(fresh, [...args, '--batch', '100'])
    expect((await endState(shop)).lines.filter((line) => line.startsWith('1 '))).toEqual((await endState(fresh)).lines)
  }, 180_000)
})
