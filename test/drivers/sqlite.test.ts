import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { QueryRunner } from 'typeorm'
import { Cluster, defineCluster, place } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { DIST, startChild } from '../cluster/child'
import { ada, bob, describeOn, disposable, lamp, openShelf, openShelfAt, optionsFor } from '../cluster/store'
import { removeAtEnd } from '../helpers/cleanup'
import { slowestTick } from '../helpers/slowest-tick'
import { tempFolder } from '../helpers/temp'

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)
const namesIn = async (cluster: Cluster<'main'>) =>
  (await cluster.repository(User).find({ order: { name: 'ASC' } })).map(({ name }) => name)

describeOn(['sqlite'], 'many writers of one file', (engine) => {
  test('200 units of work at once, half of which throw, leave exactly the other half', async () => {
    const cluster = await openShelf(engine, 'two hundred')
    const units = numbers(200).map((index) =>
      cluster.transaction(async (tx) => {
        await tx.repository(User).insert({ name: `User ${index}`, email: `${index}@example.com` })
        if (index % 3 === 0) await sleep(1)
        await tx.repository(Product).insert({ name: `Product ${index}`, price: String(index) })
        if (index % 2 === 1) throw new Error(`unit ${index}`)
      }),
    )
    const results = await Promise.allSettled(units)
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(100)
    const left = numbers(200).filter((index) => index % 2 === 0)
    const users = await cluster.repository(User).find()
    const products = await cluster.repository(Product).find()
    expect(users.map(({ name }) => name).toSorted()).toEqual(left.map((index) => `User ${index}`).toSorted())
    expect(products.map(({ name }) => name).toSorted()).toEqual(left.map((index) => `Product ${index}`).toSorted())
  })

  test('a plain save() beside a unit of work that rolls back survives', async () => {
    const cluster = await openShelf(engine, 'plain save')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await sleep(100)
      throw new Error('mine')
    })
    await sleep(20)
    const saved = cluster.repository(User).save({ ...bob })
    await expect(unit).rejects.toThrow('mine')
    await saved
    expect(await namesIn(cluster)).toEqual(['Bob'])
  })

  test('nobody sees what a unit of work has not committed', async () => {
    const cluster = await openShelf(engine, 'isolation')
    await cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      expect(await cluster.repository(User).count()).toBe(0)
    })
    expect(await cluster.repository(User).count()).toBe(1)
  })

  test('60 units of work at once that read and then write lose no update', async () => {
    const cluster = await openShelf(engine, 'lost update')
    const { id } = await cluster.repository(Product).save({ ...lamp, price: '0' })
    const units = numbers(60).map(() =>
      cluster.transaction(async (tx) => {
        const { price } = await tx.repository(Product).findOneByOrFail({ id })
        await sleep(1)
        await tx.repository(Product).update({ id }, { price: String(Number(price) + 1) })
      }),
    )
    await Promise.all(units)
    expect(await cluster.repository(Product).findOneBy({ id })).toMatchObject({ price: '60.00' })
  })

  test('a transaction of TypeORM runs statements that are started at once', async () => {
    const cluster = await openShelf(engine, 'at once', { timeout: 2_000 })
    await cluster
      .database('main')
      .transaction((manager) =>
        Promise.all([manager.insert(User, { ...ada }), manager.insert(User, { ...bob }), manager.count(User)]),
      )
    expect(await namesIn(cluster)).toEqual(['Ada', 'Bob'])
  })

  test('statements that one runner starts at once without a transaction stand and fall alone', async () => {
    const cluster = await openShelf(engine, 'one runner', { timeout: 2_000 })
    await using runner = disposable<QueryRunner>(cluster.database('main').createQueryRunner())
    const insert = (name: string, email: string) =>
      runner.query('INSERT INTO users (name, email) VALUES (?, ?)', [name, email])
    const results = await Promise.allSettled([
      insert('Ada', 'ada@example.com'),
      insert('Twin', 'ada@example.com'),
      insert('Bob', 'bob@example.com'),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await namesIn(cluster)).toEqual(['Ada', 'Bob'])
  })

  test('80 saves at once with references into the same file do not wait for each other for ever', async () => {
    const cluster = await openShelf(engine, 'own file', { timeout: 5_000 })
    const user = await cluster.repository(User).save({ ...ada })
    const product = await cluster.repository(Product).save({ ...lamp })
    const order = (id: number) => ({ id, userId: user.id, productId: product.id, quantity: 1 })
    await Promise.all(numbers(80).map((index) => cluster.repository(Order).save(order(index + 1))))
    expect(await cluster.repository(Order).count()).toBe(80)
  })

  test('a COMMIT that is refused leaves nothing behind on the connection', async () => {
    const cluster = await openShelf(engine, 'refused commit', { poolSize: 1 })
    const main = cluster.database('main')
    await main.query('CREATE TABLE child (id integer REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await tx.manager('main').query('INSERT INTO child (id) VALUES (99)')
    })
    await expect(unit).rejects.toMatchObject({ code: 'SY_ROLLED_BACK' })
    const plain = main.transaction((manager) => manager.query('INSERT INTO child (id) VALUES (99)'))
    await expect(plain).rejects.toMatchObject({ message: expect.stringMatching(/FOREIGN KEY/) })
    await cluster.repository(User).insert({ ...bob })
    expect(await namesIn(cluster)).toEqual(['Bob'])
  })
})

describeOn(['sqlite'], 'a file whose cluster is closed', (engine) => {
  test('is not written any more by those who still waited for their turn', async () => {
    const { url } = await engine.createDatabase('still waiting')
    const cluster = await openShelfAt(url)
    let release = () => undefined as void
    const held = new Promise<void>((resolve) => (release = resolve))
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await held
    })
    await sleep(20)
    const waiting = numbers(40).map((index) =>
      cluster.repository(User).insert({ name: 'Late', email: `${index}@example.com` }),
    )
    const results = Promise.allSettled([unit, ...waiting])
    await sleep(20)
    await cluster.close(50)
    release()
    expect((await results).map(({ status }) => status)).not.toContain('fulfilled')
    expect(await namesIn(await reopen(url))).toEqual([])
  })
})

describeOn(['sqlite'], 'a file that is locked', (engine) => {
  test('by another process for 3 s holds up no timer of this one, and the write that waits succeeds', async () => {
    const { url } = await engine.createDatabase('other process')
    const options = optionsFor(engine, url)
    const cluster = await openShelfAt(options)
    await once(startChild('hold-write-lock.cjs', [String(options.database), '3000']), 'message')
    const startedAt = performance.now()
    const slowestMs = await slowestTick(() =>
      Promise.all([
        cluster.repository(User).insert({ ...ada }),
        cluster.transaction((tx) => tx.repository(Product).insert({ ...lamp })),
      ]),
    )
    expect(performance.now() - startedAt).toBeGreaterThan(2_000)
    expect(slowestMs).toBeLessThan(100)
    expect(await namesIn(cluster)).toEqual(['Ada'])
  })

  test('for longer than the time limit answers SY_DATABASE_BUSY, and works again afterwards', async () => {
    const { url } = await engine.createDatabase('too long')
    const options = optionsFor(engine, url, { timeout: 300 })
    const cluster = await openShelfAt(options)
    const holder = startChild('hold-write-lock.cjs', [String(options.database), '1500'])
    await once(holder, 'message')
    const startedAt = performance.now()
    await expect(cluster.repository(User).insert({ ...ada })).rejects.toMatchObject({ code: 'SY_DATABASE_BUSY' })
    const unit = cluster.transaction((tx) => tx.repository(User).insert({ ...ada }))
    await expect(unit).rejects.toMatchObject({ code: 'SY_DATABASE_BUSY' })
    expect(performance.now() - startedAt).toBeLessThan(1_300)
    await once(holder, 'exit')
    await cluster.repository(User).insert({ ...bob })
    expect(await namesIn(cluster)).toEqual(['Bob'])
  })

  test('by a unit of work of this process answers SY_DATABASE_BUSY to a plain save inside that unit', async () => {
    const cluster = await openShelf(engine, 'own lock', { timeout: 200 })
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await cluster.repository(User).insert({ ...bob })
    })
    await expect(unit).rejects.toMatchObject({ code: 'SY_DATABASE_BUSY' })
    await cluster.repository(User).insert({ ...bob })
    expect(await namesIn(cluster)).toEqual(['Bob'])
  })

  test('by eight worker threads and the main thread makes everybody wait and nobody fail', async () => {
    const cluster = await openShelf(engine, 'threads')
    const member = cluster.member('main')
    const spec = member.driver.connectionSpec(cluster.database('main').options)
    const threads = numbers(8).map((thread) => writeInThread({ spec, thread, rows: 25 }))
    const own = numbers(25).map((index) =>
      cluster.transaction((tx) => tx.repository(User).insert({ name: 'Main', email: `main-${index}@example.com` })),
    )
    expect(await Promise.all(threads)).toEqual(numbers(8).map(() => 'done'))
    await Promise.all(own)
    expect(await cluster.repository(User).count()).toBe(9 * 25)
  })
})

describeOn(['sqlite'], 'a connection', (engine) => {
  test('keeps its foreign keys on after a migration that failed on it', async () => {
    const cluster = await openShelf(engine, 'foreign keys', { poolSize: 1 })
    const main = cluster.database('main')
    await main.query('CREATE TABLE child (id integer REFERENCES users (id))')
    {
      await using runner = disposable<QueryRunner>(main.createQueryRunner())
      await runner.beforeMigration()
      await expect(runner.query('CREATE TABLE child (id integer)')).rejects.toMatchObject({
        message: expect.stringMatching(/already exists/),
      })
    }
    expect(await main.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }])
    await expect(main.query('INSERT INTO child (id) VALUES (99)')).rejects.toMatchObject({
      message: expect.stringMatching(/FOREIGN KEY/),
    })
  })

  test('whose settings were changed by a PRAGMA is not handed to the next caller', async () => {
    const cluster = await openShelf(engine, 'pragma', { poolSize: 1 })
    const main = cluster.database('main')
    await main.query('PRAGMA foreign_keys = OFF')
    expect(await main.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }])
  })

  test('commits to the disk and keeps a write-ahead log', async () => {
    const cluster = await openShelf(engine, 'durable')
    expect(await cluster.database('main').query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
    expect(await cluster.database('main').query('PRAGMA synchronous')).toEqual([{ synchronous: 2 }])
    expect((await cluster.health())[0]?.warnings).toEqual([])
  })

  test('is kept for the next caller also when the first opening had failed', async () => {
    const folder = await tempFolder('opening')
    const file = join(folder, 'missing.db')
    const main = optionsFor(engine, `sqlite:${file}`, { poolSize: 1, fileMustExist: true })
    await using cluster = await Cluster.open(defineCluster({ databases: { main }, placement: [place(User, 'main')] }))
    await expect(cluster.connect('main')).rejects.toMatchObject({ code: 'SY_DATABASE_DOWN' })
    await openShelfAt(optionsFor(engine, `sqlite:${file}`))
    await cluster.database('main').query('CREATE TEMP TABLE mine (id integer)')
    expect(await cluster.database('main').query('SELECT count(*) AS count FROM mine')).toEqual([{ count: 0 }])
  })

  test('stays one connection for a database in memory', async () => {
    const cluster = await openShelfAt(optionsFor(engine, 'sqlite::memory:', { timeout: 2_000 }))
    const user = await cluster.repository(User).save({ ...ada })
    const product = await cluster.repository(Product).save({ ...lamp })
    await cluster.repository(Order).save({ id: 7, userId: user.id, productId: product.id, quantity: 1 })
    const undone = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...bob })
      throw new Error('mine')
    })
    await expect(undone).rejects.toThrow('mine')
    await cluster.database('main').query('PRAGMA foreign_keys = ON')
    expect(await namesIn(cluster)).toEqual(['Ada'])
    expect(await cluster.repository(Order).count()).toBe(1)
  })

  test('of another file is not mixed up with one of the same name in another folder', async () => {
    const [first, second] = [await openShelf(engine, 'first'), await openShelf(engine, 'second')]
    await first.repository(User).insert({ ...ada })
    expect(await namesIn(second)).toEqual([])
  })
})

/** A cluster over a file whose tables are there. */
async function reopen(main: string): Promise<Cluster<'main'>> {
  const cluster = await Cluster.open(defineCluster({ databases: { main }, placement: [place(User, 'main')] }))
  removeAtEnd(() => cluster.close())
  return cluster
}

async function writeInThread(data: object): Promise<unknown> {
  const worker = new Worker(join(__dirname, '../cluster/children/write-rows.cjs'), {
    workerData: { ...data, registry: join(DIST, 'src/drivers/registry.js') },
  })
  const [message] = (await once(worker, 'message')) as [unknown]
  await worker.terminate()
  return message
}
