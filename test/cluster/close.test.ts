import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, defineCluster, place } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { removeAtEnd } from '../helpers/cleanup'
import { ENGINES, type TestEngine } from '../helpers/engines'
import { runChild } from './child'
import { Proxy } from './proxy'
import { ada, bob, describeOn, lamp, openShelf, openShelfAt, openStore, optionsFor } from './store'

describe.each(ENGINES)('close() on $name', (engine) => {
  test('may be called twice and at once', async () => {
    const cluster = await openShelf(engine, 'twice')
    await Promise.all([cluster.close(), cluster.close()])
    await cluster.close()
  })

  test('closes a cluster that was never used', async () => {
    const { url } = await engine.createDatabase('unused')
    const cluster = await Cluster.open(defineCluster({ databases: { main: url }, placement: [place(User, 'main')] }))
    await cluster.close()
    await expect(cluster.connect('main')).rejects.toMatchObject({ code: 'SY_CLUSTER_CLOSED' })
  })

  test('waits for a unit of work, which may go on as before', async () => {
    const cluster = await openStore(engine, 'waits')
    let hasEnded = false
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await sleep(200)
      expect(await tx.repository(Product).count()).toBe(0)
      await tx.repository(User).insert({ ...bob })
      hasEnded = true
    })
    await sleep(50)
    await cluster.close()
    expect(hasEnded).toBe(true)
    await unit
  })

  test('waits for plain writes and their look-ups', async () => {
    const { url } = await engine.createDatabase('plain writes')
    const cluster = await openShelfAt(url)
    const user = await cluster.repository(User).save({ ...ada })
    const product = await cluster.repository(Product).save({ ...lamp })
    const order = { userId: user.id, productId: product.id, quantity: 1 }
    const writes = Array.from({ length: 20 }, () => cluster.repository(Order).insert({ ...order }))
    await sleep(5)
    await cluster.close()
    const done = (await Promise.allSettled(writes)).filter(({ status }) => status === 'fulfilled')
    expect(done.length).toBeGreaterThan(0)
    const reopened = await Cluster.open(
      defineCluster({ databases: { main: url }, placement: cluster.definition.placement }),
    )
    removeAtEnd(() => reopened.close())
    expect(await reopened.repository(Order).count()).toBe(done.length)
  })

  test('refuses what is started afterwards, by every way in', async () => {
    const cluster = await openShelf(engine, 'afterwards')
    const [users, main] = [cluster.repository(User), cluster.database('main')]
    await cluster.close()
    const closed = { code: 'SY_CLUSTER_CLOSED' }
    expect(() => cluster.repository(User)).toThrow(expect.objectContaining(closed))
    await expect(users.count()).rejects.toMatchObject(closed)
    await expect(users.save({ ...ada })).rejects.toMatchObject(closed)
    await expect(main.query('SELECT 1')).rejects.toMatchObject(closed)
    await expect(cluster.transaction(async () => 1)).rejects.toMatchObject(closed)
    await expect(cluster.health()).rejects.toMatchObject(closed)
    await expect(cluster.connect('main')).rejects.toMatchObject(closed)
  })

  test('ends a unit of work that goes on beyond the limit; it stores nothing, then or later', async () => {
    const { url } = await engine.createDatabase('beyond')
    const cluster = await openShelfAt(url)
    let release = () => undefined as void
    const held = new Promise<void>((resolve) => (release = resolve))
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await held
      await tx.repository(User).insert({ ...bob })
    })
    await sleep(100)
    unit.catch(() => undefined)
    const startedAt = performance.now()
    await cluster.close(200)
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    release()
    await expect(unit).rejects.toThrow()
    const reopened = await Cluster.open(
      defineCluster({ databases: { main: url }, placement: cluster.definition.placement }),
    )
    removeAtEnd(() => reopened.close())
    expect(await reopened.repository(User).count()).toBe(0)
  })

  test('keeps a unit of work that it has ended from opening another database', async () => {
    const { url } = await engine.createDatabase('ended first')
    const other = await engine.createDatabase('ended second')
    await openShelfAt(other.url)
    const cluster = await Cluster.open(
      defineCluster({
        databases: { main: url, other: other.url },
        placement: [place(Product, 'main'), place(User, 'other')],
      }),
    )
    let release = () => undefined as void
    const held = new Promise<void>((resolve) => (release = resolve))
    const unit = cluster.transaction(async (tx) => {
      await tx.manager('main').query('SELECT 1')
      await held
      return tx.repository(User).count()
    })
    await sleep(50)
    await cluster.close(50)
    release()
    await expect(unit).rejects.toThrow()
    expect(cluster.member('other').dataSource.isInitialized).toBe(false)
  })

  test('is what `await using` does', async () => {
    const { url } = await engine.createDatabase('using')
    let kept: Cluster<'main'>
    {
      await using cluster = await Cluster.open(
        defineCluster({ databases: { main: url }, placement: [place(User, 'main')] }),
      )
      kept = cluster
      await cluster.connect('main')
    }
    expect(() => kept.repository(User)).toThrow(expect.objectContaining({ code: 'SY_CLUSTER_CLOSED' }))
  })

  test('leaves nothing behind that would keep a process alive', async () => {
    const { url } = await engine.createDatabase('exits')
    const { code, stdout, stderr } = await runChild('open-work-close.cjs', [url])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(Number(stdout)).toBeLessThan(1_000)
  })

  test('leaves nothing behind after work that it had to end', async () => {
    const { url } = await engine.createDatabase('exits hung')
    const { code, stdout, stderr } = await runChild('open-work-close.cjs', [url, 'hang'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(Number(stdout)).toBeLessThan(1_500)
  })
})

describeOn(['postgres', 'mysql'], 'close() of a server that does not answer', (engine) => {
  test('ends a statement that runs beyond the limit', async () => {
    const cluster = await openShelf(engine, 'long statement')
    const sleepSql = engine.name === 'postgres' ? 'SELECT pg_sleep(20)' : 'SELECT SLEEP(20)'
    const statement = cluster.database('main').query(sleepSql)
    statement.catch(() => undefined)
    await sleep(100)
    const startedAt = performance.now()
    await cluster.close(200)
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    await expect(statement).rejects.toThrow()
  })

  test('does not wait longer than the limit for a line that has gone silent', async () => {
    const { url } = await engine.createDatabase('silent')
    const proxy = await Proxy.open(url)
    const cluster = await openShelfAt(optionsFor(engine, proxy.url))
    proxy.goSilent()
    const statement = cluster.repository(User).count()
    statement.catch(() => undefined)
    const startedAt = performance.now()
    await cluster.close(200)
    expect(performance.now() - startedAt).toBeLessThan(1_500)
  })

  test('does not wait longer than the limit for an opening that hangs', async () => {
    const port = await openMute()
    const cluster = await openMuteCluster(engine, port)
    const opening = cluster.connect('main')
    opening.catch(() => undefined)
    await sleep(50)
    const startedAt = performance.now()
    await cluster.close(200)
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    await expect(opening).rejects.toThrow()
  })
})

async function openMuteCluster(engine: TestEngine, port: number): Promise<Cluster<'main'>> {
  const url = `${engine.name}://nobody@127.0.0.1:${port}/none`
  const main = optionsFor(engine, url, { connectTimeoutMS: 1_000, connectTimeout: 1_000 })
  return Cluster.open(defineCluster({ databases: { main }, placement: [place(User, 'main')] }))
}

/** A server that takes connections and never says a word. */
async function openMute(): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  removeAtEnd(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as { port: number }).port
}
