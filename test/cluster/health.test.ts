import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { Cluster, defineCluster, place } from 'shardyard'
import { Product, User } from 'shardyard/entities'
import { removeAtEnd } from '../helpers/cleanup'
import { ENGINES, type TestEngine } from '../helpers/engines'
import { tempFolder } from '../helpers/temp'
import { Proxy } from './proxy'
import { ada, describeOn, openShelfAt, optionsFor } from './store'

/** A cluster with User in one database and Product in another; nothing is opened yet. */
async function openTwo(users: string, products: string): Promise<Cluster<'users' | 'products'>> {
  const cluster = await Cluster.open(
    defineCluster({ databases: { users, products }, placement: [place(User, 'users'), place(Product, 'products')] }),
  )
  removeAtEnd(() => cluster.close())
  return cluster
}

/** The URL of a database that cannot be opened. */
async function deadUrl(engine: TestEngine): Promise<string> {
  if (engine.name !== 'sqlite') return `${engine.name}://nobody:s3cret@127.0.0.1:${await freePort()}/none`
  const file = join(await tempFolder('dead'), 'dead.db')
  await writeFile(file, 'This is no database. '.repeat(50))
  return `${engine.driver === 'sqlite3' ? 'sqlite3' : 'sqlite'}:${file}`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

describe.each(ENGINES)('a database that is down on $name', (engine) => {
  test('stops no other from being opened and used', async () => {
    const { url } = await engine.createDatabase('beside a dead one')
    await openShelfAt(url)
    const cluster = await openTwo(url, await deadUrl(engine))
    await cluster.repository(User).insert({ ...ada })
    expect(await cluster.repository(User).count()).toBe(1)
    await expect(cluster.repository(Product).count()).rejects.toMatchObject({
      code: 'SY_DATABASE_DOWN',
      details: { database: 'products' },
    })
  })

  test('is told from one that is up by health(), which never throws and prints no secret', async () => {
    const { url } = await engine.createDatabase('health')
    await openShelfAt(url)
    const cluster = await openTwo(url, await deadUrl(engine))
    const [users, products] = await cluster.health()
    expect(users).toMatchObject({ name: 'users', state: 'up', error: undefined, warnings: expect.any(Array) })
    expect(users?.latencyMs).toBeGreaterThan(0)
    expect(products).toMatchObject({ name: 'products', state: 'down', latencyMs: undefined })
    expect(products?.error).toMatch(/\w/)
    expect(JSON.stringify(products)).not.toContain('s3cret')
  })

  test('refuses a unit of work with the same error', async () => {
    const cluster = await openTwo(await deadUrl(engine), await deadUrl(engine))
    const unit = cluster.transaction((tx) => tx.repository(User).count())
    await expect(unit).rejects.toMatchObject({ code: 'SY_DATABASE_DOWN', details: { database: 'users' } })
  })
})

describeOn(['sqlite'], 'health()', (engine) => {
  test('does not make a file that is absent', async () => {
    const file = join(await tempFolder('absent'), 'new', 'absent.db')
    const scheme = engine.driver === 'sqlite3' ? 'sqlite3' : 'sqlite'
    const cluster = await openTwo(`${scheme}:${file}`, `${scheme}:${file}2`)
    expect((await cluster.health()).map(({ state }) => state)).toEqual(['absent', 'absent'])
    expect(existsSync(join(file, '..'))).toBe(false)
  })

  test('warns of a file whose commits may be lost', async () => {
    const { url } = await engine.createDatabase('not durable')
    const cluster = await openShelfAt(optionsFor(engine, url, { poolSize: 1 }))
    const member = cluster.member('main')
    const runner = cluster.database('main').createQueryRunner()
    await runner.query('PRAGMA synchronous = OFF')
    expect(await member.driver.durabilityWarnings(runner)).toHaveLength(1)
    await runner.release()
  })
})

describeOn(['postgres', 'mysql'], 'a server that goes and comes back', (engine) => {
  test('is opened as soon as it is there', async () => {
    const { url } = await engine.createDatabase('late')
    await openShelfAt(url)
    const proxy = await Proxy.open(url)
    await proxy.goDown()
    const cluster = await openTwo(proxy.url, url.replace(/\/[^/]*$/, '/elsewhere'))
    const [down] = await cluster.health()
    expect(down).toMatchObject({ name: 'users', state: 'down', error: expect.stringMatching(/ECONNREFUSED/) })
    await proxy.goUp()
    expect((await cluster.health())[0]).toMatchObject({ state: 'up' })
    await cluster.repository(User).insert({ ...ada })
    expect(await cluster.repository(User).count()).toBe(1)
  })

  test('is used again after its connections were cut', async () => {
    const { url } = await engine.createDatabase('cut')
    await openShelfAt(url)
    const proxy = await Proxy.open(url)
    const cluster = await openTwo(proxy.url, url.replace(/\/[^/]*$/, '/elsewhere'))
    await Promise.all(Array.from({ length: 5 }, () => cluster.repository(User).count()))
    await proxy.goDown()
    await expect(cluster.repository(User).count()).rejects.toThrow()
    expect((await cluster.health())[0]).toMatchObject({ state: 'down' })
    await proxy.goUp()
    expect((await cluster.health())[0]).toMatchObject({ state: 'up' })
    await cluster.repository(User).insert({ ...ada })
    expect(await cluster.repository(User).count()).toBe(1)
  })

  test('is down for health() while it does not answer within the limit', async () => {
    const { url } = await engine.createDatabase('mute')
    await openShelfAt(url)
    const proxy = await Proxy.open(url)
    const cluster = await openTwo(proxy.url, url.replace(/\/[^/]*$/, '/elsewhere'))
    await cluster.connect('users')
    proxy.goSilent()
    const startedAt = performance.now()
    const [users] = await cluster.health(300)
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    expect(users).toMatchObject({ state: 'down', error: 'no answer within 300 ms' })
    await cluster.close(100)
  })

  test('that refuses the password is down, and says why', async () => {
    const { url } = await engine.createDatabase('password')
    const wrong = new URL(url)
    wrong.username = 'nobody_of_that_name'
    wrong.password = 's3cret'
    const cluster = await openTwo(wrong.href, url.replace(/\/[^/]*$/, '/elsewhere'))
    const [users] = await cluster.health()
    expect(users).toMatchObject({ state: 'down', error: expect.stringMatching(/nobody_of_that_name/) })
    expect(JSON.stringify(users)).not.toContain('s3cret')
  })
})
