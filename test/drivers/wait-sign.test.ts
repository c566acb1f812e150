import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Connection } from 'shardyard/src/drivers/driver'
import { sqliteDriver } from 'shardyard/src/drivers/sqlite'
import { WaitSign } from 'shardyard/src/drivers/wait-sign'
import { removeAtEnd } from '../helpers/cleanup'
import { tempFolder } from '../helpers/temp'

async function open(database: string, options: { isLoad?: boolean } = {}): Promise<Connection> {
  const spec = sqliteDriver.connectionSpec({ type: 'better-sqlite3', database })
  const connection = await sqliteDriver.connect(spec, () => 10_000, options)
  removeAtEnd(() => connection.close())
  return connection
}

test('a load that writes without a pause lets another writer in after the transaction that it is in', async () => {
  const file = join(await tempFolder('way'), 'a.db')
  const [load, other] = [await open(file, { isLoad: true }), await open(file)]
  await load.execute('CREATE TABLE t (n integer)')
  let isIn = false
  let waited = 0
  await load.begin()
  const waiter = other.begin().then(() => {
    isIn = true
    return other.rollback()
  })
  for (let written = 0; written < 20; written++) {
    // Others ask while the transaction is open, and in no other moment unless they are let in.
    for (const until = performance.now() + 15; performance.now() < until; ) await turn()
    await load.commit()
    await load.begin()
    if (!isIn) waited += 1
  }
  await load.commit()
  await waiter
  expect(waited).toBeLessThanOrEqual(2)
})

test('writers without a pause let a load in as well', async () => {
  const file = join(await tempFolder('way'), 'a.db')
  const [load, other] = [await open(file, { isLoad: true }), await open(file)]
  await other.execute('CREATE TABLE t (n integer)')
  let turns = 0
  const over = new AbortController()
  const loading = (async () => {
    for (; !over.signal.aborted; turns++) {
      await load.begin()
      await load.commit()
      await turn()
    }
  })()
  await other.begin()
  for (let written = 0; written < 30; written++) {
    for (const until = performance.now() + 10; performance.now() < until; ) await turn()
    await other.commit()
    await other.begin()
  }
  await other.commit()
  const meanwhile = turns
  over.abort()
  await loading
  // Nearly every transaction of the others has let one in.
  expect(meanwhile).toBeGreaterThan(10)
})

test('a sign is lowered by who gets in', async () => {
  const file = join(await tempFolder('sign'), 'a.db')
  const [load, others] = [new WaitSign(file, 'load'), new WaitSign(file)]
  load.raise()
  expect([load.isRaised, others.isRaised]).toEqual([true, false])
  load.lower()
  expect(load.isRaised).toBe(false)
})

test('a sign is seen for a moment, and taken away without a trace', async () => {
  const file = join(await tempFolder('sign'), 'a.db')
  const [one, other] = [new WaitSign(file), new WaitSign(file)]
  expect(other.isRaised).toBe(false)
  one.raise()
  expect(other.isRaised).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(other.isRaised).toBe(false)
  one.remove()
  expect(existsSync(`${file}-waiting`)).toBe(false)
})

test('nobody is seen where no file can be made, and nobody waits for a database in memory', () => {
  for (const sign of [new WaitSign('/proc/none/a.db'), new WaitSign(':memory:')]) {
    sign.raise()
    expect(sign.isRaised).toBe(false)
    sign.remove()
  }
})
