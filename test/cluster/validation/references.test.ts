import { Order, Product, User } from 'shardyard/entities'
import { ENGINES } from '../../helpers/engines'
import { ada, bob, lamp, openShelf, openStore, StatementLog } from '../store'

describe.each(ENGINES)('references on $name', (engine) => {
  test('are looked up by one statement a referenced database for an insert of fifty', async () => {
    const log = new StatementLog()
    const cluster = await openStore(engine, 'batched', { options: log.options })
    await cluster.repository(User).insert({ id: 1, ...ada })
    await cluster.repository(Product).insert([
      { id: 1, ...lamp },
      { id: 2, ...lamp },
    ])
    const order = (index: number) => ({ userId: 1, productId: (index % 2) + 1, quantity: 1 })
    log.take(/./)
    await cluster.repository(Order).insert(Array.from({ length: 50 }, (_, index) => order(index)))
    expect(log.take(/^SELECT .* FROM ["`](users|products)["`]/s)).toHaveLength(2)
    await cluster.repository(Order).save(Array.from({ length: 50 }, (_, index) => order(index)))
    expect(log.take(/^SELECT .* FROM ["`](users|products)["`]/s)).toHaveLength(2)
    expect(await cluster.repository(Order).count()).toBe(100)
  })

  test('cost one look-up each for a single row, and none for what is not referenced', async () => {
    const log = new StatementLog()
    const cluster = await openStore(engine, 'single', { options: log.options })
    await cluster.repository(User).insert({ id: 1001, ...ada })
    await cluster.repository(Product).insert({ id: 1, ...lamp })
    log.take(/./)
    await cluster.repository(Order).insert({ userId: 1001, productId: 1, quantity: 1 })
    expect(log.take(/^SELECT .* FROM ["`](users|products)["`]/s)).toHaveLength(2)
    await cluster.repository(User).insert({ ...bob })
    expect(log.take(/^SELECT .* AS ["`]key["`]/s)).toHaveLength(0)
  })

  test('that name nothing are refused, all of them at once, and nothing is stored', async () => {
    const cluster = await openStore(engine, 'missing')
    const orders = cluster.repository(Order)
    await expect(orders.insert({ userId: 7, productId: 8, quantity: 1 })).rejects.toMatchObject({
      code: 'SY_VALIDATION_FAILED',
      message: 'Order: User 7 does not exist; Product 8 does not exist',
      details: {
        reasons: [
          { code: 'REFERENCE_MISSING', field: 'userId', message: 'User 7 does not exist' },
          { code: 'REFERENCE_MISSING', field: 'productId', message: 'Product 8 does not exist' },
        ],
      },
    })
    expect(await orders.count()).toBe(0)
  })

  test('are told together with the rules that other fields break, but not for a key that broke its own rule', async () => {
    const cluster = await openStore(engine, 'mixed')
    const orders = cluster.repository(Order)
    await expect(orders.save({ userId: 7, productId: 0, quantity: 1001 })).rejects.toThrow(
      'Order: Product ID must be positive: 0; Quantity too high: 1001; User 7 does not exist',
    )
  })

  test('are looked up for the fields of an update only', async () => {
    const cluster = await openStore(engine, 'update')
    await cluster.repository(User).insert({ id: 1, ...ada })
    await cluster.repository(Product).insert({ id: 1, ...lamp })
    const orders = cluster.repository(Order)
    await orders.insert({ id: 1, userId: 1, productId: 1, quantity: 1 })
    await cluster.repository(User).delete({ id: 1 })
    await orders.update({ id: 1 }, { quantity: 2 })
    await expect(orders.update({ id: 1 }, { productId: 9 })).rejects.toThrow('Order: Product 9 does not exist')
    expect(await orders.find()).toMatchObject([{ productId: 1, quantity: 2 }])
  })

  test('into the same database need no second connection, however many writers there are', async () => {
    const cluster = await openShelf(engine, 'one pool', { poolSize: 2, timeout: 5_000 })
    await cluster.repository(User).insert({ id: 1, ...ada })
    await cluster.repository(Product).insert({ id: 1, ...lamp })
    const order = (index: number) => ({ id: index + 1, userId: 1, productId: 1, quantity: 1 })
    const saves = Array.from({ length: 30 }, (_, index) => cluster.repository(Order).save(order(index)))
    await Promise.all(saves)
    expect(await cluster.repository(Order).count()).toBe(30)
  })

  test('into the same database are seen by a transaction of TypeORM before it commits', async () => {
    const cluster = await openShelf(engine, 'own rows')
    await cluster.database('main').transaction(async (manager) => {
      const user = await manager.save(User, { ...ada })
      const product = await manager.save(Product, { ...lamp })
      await manager.save(Order, { userId: user.id, productId: product.id, quantity: 1 })
    })
    expect(await cluster.repository(Order).count()).toBe(1)
  })

  test('that cannot be looked up are an error, and nothing is stored', async () => {
    const cluster = await openStore(engine, 'down', {
      databases: { orders: (await engine.createDatabase('orders')).url },
    })
    await cluster.repository(User).insert({ id: 1, ...ada })
    await cluster.database('products').query('DROP TABLE products')
    await expect(cluster.repository(Order).insert({ userId: 1, productId: 1, quantity: 1 })).rejects.toMatchObject({
      message: expect.stringMatching(/products/),
    })
    expect(await cluster.repository(Order).count()).toBe(0)
  })
})
