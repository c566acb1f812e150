import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, UnitOfWork } from 'shardyard'
import { Product, User } from 'shardyard/entities'
import type { TestEngine } from '../../helpers/engines'
import { ada, bob, describeOn, lamp, openShelf } from '../store'

type Shelf = Cluster<'main'>
type Tx = UnitOfWork<'main'>

const pricesIn = async (cluster: Shelf) =>
  (await cluster.repository(Product).find({ order: { id: 'ASC' } })).map(({ price }) => price)

/** Two products, and a way to add 1 to both in a given order with a pause between. */
async function twoProducts(cluster: Shelf) {
  const [first, second] = [
    await cluster.repository(Product).save({ ...lamp }),
    await cluster.repository(Product).save({ ...lamp }),
  ]
  const add = (tx: Tx, id: number) => tx.repository(Product).increment({ id }, 'price', 1)
  return { first: first.id, second: second.id, add }
}

/** A statement that fails as the loser of a deadlock does. */
const raiseConflict = (engine: TestEngine) =>
  engine.name === 'postgres'
    ? `DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$`
    : `SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'again'`

describeOn(['postgres', 'mysql'], 'a deadlock of two units of work', (engine) => {
  test('is solved by running one of them again, and both are stored once', async () => {
    const cluster = await openShelf(engine, 'deadlock')
    const { first, second, add } = await twoProducts(cluster)
    let runs = 0
    const unit = (order: readonly number[]) =>
      cluster.transaction(async (tx) => {
        runs += 1
        for (const id of order) {
          await add(tx, id)
          await sleep(100)
        }
      })
    await Promise.all([unit([first, second]), unit([second, first])])
    expect(runs).toBeGreaterThan(2)
    expect(await pricesIn(cluster)).toEqual(['12.00', '12.00'])
  })

  test('stores nothing that the loser writes after it has caught the error', async () => {
    const cluster = await openShelf(engine, 'swallowed deadlock')
    const { first, second, add } = await twoProducts(cluster)
    const unit = (order: readonly number[]) =>
      cluster.transaction(
        async (tx) => {
          for (const id of order) {
            await add(tx, id).catch(() => undefined)
            await sleep(100)
          }
          await tx
            .repository(Product)
            .insert({ name: 'After', price: '1' })
            .catch(() => undefined)
        },
        { retriesMax: 0 },
      )
    const results = await Promise.allSettled([unit([first, second]), unit([second, first])])
    const lost = results.filter((result) => result.status === 'rejected')
    expect(lost).toHaveLength(1)
    expect(lost[0]?.reason).toMatchObject({ code: 'SY_ROLLED_BACK' })
    expect(await pricesIn(cluster)).toEqual(['11.00', '11.00', '1.00'])
  })

  test('whose error a transaction of TypeORM catches is reported, and nothing of the loser is stored', async () => {
    const cluster = await openShelf(engine, 'plain deadlock')
    const { first, second } = await twoProducts(cluster)
    const unit = (order: readonly number[]) =>
      cluster.database('main').transaction(async (manager) => {
        for (const id of order) {
          await manager.increment(Product, { id }, 'price', 1).catch(() => undefined)
          await sleep(100)
        }
        await manager.insert(Product, { name: 'After', price: '1' }).catch(() => undefined)
      })
    const results = await Promise.allSettled([unit([first, second]), unit([second, first])])
    const lost = results.filter((result) => result.status === 'rejected')
    expect(lost.map((result) => (result.reason as { code?: string }).code)).toEqual(['SY_ROLLED_BACK'])
    expect(await pricesIn(cluster)).toEqual(['11.00', '11.00', '1.00'])
  })

  test('is thrown when the unit may not be run again', async () => {
    const cluster = await openShelf(engine, 'no retries')
    const { first, second, add } = await twoProducts(cluster)
    let runs = 0
    const unit = (order: readonly number[]) =>
      cluster.transaction(
        async (tx) => {
          runs += 1
          for (const id of order) {
            await add(tx, id)
            await sleep(100)
          }
        },
        { retriesMax: 0 },
      )
    const results = await Promise.allSettled([unit([first, second]), unit([second, first])])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(runs).toBe(2)
    expect(await pricesIn(cluster)).toEqual(['11.00', '11.00'])
  })

  test('that comes again and again ends after the given number of retries', async () => {
    const cluster = await openShelf(engine, 'always again')
    let runs = 0
    const unit = cluster.transaction(
      async (tx) => {
        runs += 1
        await tx.manager('main').query(raiseConflict(engine))
      },
      { retriesMax: 3 },
    )
    await expect(unit).rejects.toThrow('again')
    expect(runs).toBe(4)
  })

  test('is not waited out when the signal aborts', async () => {
    const cluster = await openShelf(engine, 'abort between')
    const controller = new AbortController()
    let runs = 0
    const unit = cluster.transaction(
      async (tx) => {
        if (++runs === 2) controller.abort(new Error('enough'))
        await tx.manager('main').query(raiseConflict(engine))
      },
      { retriesMax: 1_000, signal: controller.signal },
    )
    await expect(unit).rejects.toThrow('enough')
    expect(runs).toBe(2)
  })
})

describeOn(['sqlite'], 'units of work that would deadlock', (engine) => {
  test('take turns, and both are stored once', async () => {
    const cluster = await openShelf(engine, 'turns')
    const { first, second, add } = await twoProducts(cluster)
    const unit = (order: readonly number[]) =>
      cluster.transaction(async (tx) => {
        for (const id of order) {
          await tx.repository(Product).findOneByOrFail({ id })
          await add(tx, id)
          await sleep(20)
        }
      })
    await Promise.all([unit([first, second]), unit([second, first])])
    expect(await pricesIn(cluster)).toEqual(['12.00', '12.00'])
  })
})

describeOn(['postgres'], 'an error that is caught inside a transaction', (engine) => {
  test('makes a unit of work SY_ROLLED_BACK, never a success', async () => {
    const cluster = await openShelf(engine, 'swallowed')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await tx
        .manager('main')
        .query('SELECT nonsense')
        .catch(() => undefined)
      return 'looks well'
    })
    await expect(unit).rejects.toMatchObject({ code: 'SY_ROLLED_BACK' })
    expect(await cluster.repository(User).count()).toBe(0)
  })

  test('makes a transaction of TypeORM SY_ROLLED_BACK, never a success', async () => {
    const cluster = await openShelf(engine, 'swallowed plainly')
    const main = cluster.database('main')
    const plain = main.transaction(async (manager) => {
      await manager.insert(User, { ...ada })
      await manager.query('SELECT nonsense').catch(() => undefined)
    })
    await expect(plain).rejects.toMatchObject({ code: 'SY_ROLLED_BACK' })
    await main.transaction((manager) => manager.insert(User, { ...bob }))
    expect(await cluster.repository(User).find()).toMatchObject([bob])
  })

  test('harms nothing inside a nested transaction', async () => {
    const cluster = await openShelf(engine, 'swallowed nested')
    await cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await tx
        .manager('main')
        .transaction((manager) => manager.query('SELECT nonsense'))
        .catch(() => undefined)
    })
    expect(await cluster.repository(User).count()).toBe(1)
  })

  test('also does so when it is a constraint that is checked at COMMIT', async () => {
    const cluster = await openShelf(engine, 'deferred')
    await cluster
      .database('main')
      .query('CREATE TABLE child (id bigint REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)')
    const unit = cluster.transaction((tx) => tx.manager('main').query('INSERT INTO child (id) VALUES (99)'))
    await expect(unit).rejects.toMatchObject({ code: 'SY_ROLLED_BACK' })
  })
})

describeOn(['postgres'], 'a serialization failure', (engine) => {
  test('runs the unit again, so that no update is lost', async () => {
    const cluster = await openShelf(engine, 'serializable')
    const { id } = await cluster.repository(Product).save({ ...lamp, price: '0' })
    let runs = 0
    const unit = () =>
      cluster.transaction(
        async (tx) => {
          runs += 1
          await tx.manager('main').query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE')
          const { price } = await tx.repository(Product).findOneByOrFail({ id })
          await sleep(20)
          await tx.repository(Product).update({ id }, { price: String(Number(price) + 1) })
        },
        { retriesMax: 50 },
      )
    await Promise.all([unit(), unit(), unit(), unit()])
    expect(runs).toBeGreaterThan(4)
    expect(await pricesIn(cluster)).toEqual(['4.00'])
  })
})
