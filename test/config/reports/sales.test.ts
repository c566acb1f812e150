import type { Cluster } from 'shardyard'
import type { Logger } from 'typeorm'
import { Order, Product, User } from 'shardyard/entities'
import { sales } from 'shardyard/config/reports/sales'
import { openStore } from '../../cluster/store'
import { ask } from '../../commands/shop'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { collectReport } from '../../pipeline/reports/collect-model'
import { openShipped } from '../../pipeline/reports/shipped'

interface Sold {
  readonly userId: number
  readonly productId: number
  readonly quantity: number
  readonly createdAt: Date
}

const at = (text: string) => new Date(text)
const sold = (userId: number, productId: number, quantity: number, createdAt: string): Sold => ({
  userId,
  productId,
  quantity,
  createdAt: at(createdAt),
})

const DATABASES = ['users', 'products', 'orders']
const PRICES = ['0.10', '19.99', '999999.99']
const ORDERS = [
  sold(1, 1, 3, '2026-01-31T23:30:00.000Z'),
  sold(1, 2, 1, '2026-02-01T00:00:00.000Z'),
  sold(2, 3, 1000, '2026-02-01T12:00:00.000Z'),
  sold(2, 3, 1000, '2026-02-02T12:00:00.000Z'),
  sold(3, 1, 2, '2026-02-03T01:00:00.000Z'),
  sold(9, 2, 1, '2026-02-03T02:00:00.000Z'),
  sold(3, 8, 5, '2026-02-03T03:00:00.000Z'),
]

/** Three users and products; the orders also name user 9 and product 8, who are not there. */
async function openShop(engine: TestEngine, orders: readonly Sold[] = ORDERS): Promise<Cluster> {
  const cluster = await openShipped(engine, 'sales', DATABASES)
  const names = ['Ada', 'Bora', 'Çağla']
  await cluster.load(
    User,
    names.map((name, index) => ({ name, email: `u${index}@example.com` })),
  )
  await cluster.load(
    Product,
    PRICES.map((price, index) => ({ name: `Thing ${index + 1}`, price })),
  )
  await cluster.load(
    Order,
    orders.map((order) => ({ ...order })),
  )
  return cluster
}

const cents = (price: string) => BigInt(price.replace('.', ''))
const money = (sum: bigint) => `${sum / 100n}.${String(sum % 100n).padStart(2, '0')}`

/** Revenue under the keys that orders have, the slow way. */
function revenueBy(orders: readonly Sold[], keyOf: (order: Sold) => string): Record<string, string> {
  const sums = new Map<string, bigint>()
  for (const order of orders) {
    const price = PRICES[order.productId - 1] ?? '0.00'
    sums.set(keyOf(order), (sums.get(keyOf(order)) ?? 0n) + BigInt(order.quantity) * cents(price))
  }
  return Object.fromEntries([...sums].map(([key, sum]) => [key, money(sum)]))
}

/** Orders that look drawn by chance, always the same. */
function manyOrders(count: number): Sold[] {
  return Array.from({ length: count }, (_, index) => {
    const mixed = (index * 2_654_435_761) % 4_294_967_296
    const createdAt = new Date(Date.UTC(2026, 0, 1) + (mixed % 5_000_000) * 1_000)
    return { userId: (mixed % 4) + 1, productId: (mixed % 3) + 1, quantity: (mixed % 1_000) + 1, createdAt }
  })
}

describe.each(ENGINES)('the report of sales on $name', (engine) => {
  let shop: Cluster
  beforeAll(async () => {
    shop = await openShop(engine)
  })

  test('adds up to the cent over three databases, and says what is missing', async () => {
    const { figures, model, texts } = await collectReport(shop, sales)
    expect(figures).toEqual({
      revenue: '2000000020.48',
      orders: 7,
      units: 2012n,
      'average-order': '285714288.64',
      customers: 3,
      'repeat-buyers': 3,
      'repeat-share': 1,
      'orders-without-product': 1,
      'orders-without-user': 1,
    })
    expect(model.asOf).toEqual(at('2026-02-03T03:00:00.000Z'))
    expect(texts).toEqual([
      expect.stringContaining("today's price"),
      '1 order names a product that is not there: counted as orders, with no revenue.',
      '1 order names a user that is not there: part of the revenue, of no customer.',
    ])
  })

  test('lists days, months, products and customers', async () => {
    const { tables } = await collectReport(shop, sales, { top: 2 })
    const listed = (table: string, name: string) =>
      tables[table]?.map((row) => [row[name], row['orders'], row['revenue']])
    expect(listed('months', 'month')).toEqual([
      ['2026-01', 1, '0.30'],
      ['2026-02', 6, '2000000020.18'],
    ])
    expect(listed('days', 'day')).toEqual([
      ['2026-01-31', 1, '0.30'],
      ['2026-02-01', 2, '1000000009.99'],
      ['2026-02-02', 1, '999999990.00'],
      ['2026-02-03', 3, '20.19'],
    ])
    expect(listed('products', 'name')).toEqual([
      ['Thing 3', 2, '1999999980.00'],
      ['Thing 2', 2, '39.98'],
    ])
    expect(listed('customers', 'name')).toEqual([
      ['Bora', 2, '1999999980.00'],
      ['Ada', 2, '20.29'],
    ])
  })

  test('gives the sums that going through the orders one by one gives', async () => {
    const orders = manyOrders(6_000)
    const { tables, figures } = await collectReport(await openShop(engine, orders), sales)
    const revenue = (table: string, name: string) =>
      Object.fromEntries((tables[table] ?? []).map((row) => [String(row[name]), row['revenue']]))
    expect(revenue('days', 'day')).toEqual(revenueBy(orders, ({ createdAt }) => createdAt.toISOString().slice(0, 10)))
    expect(revenue('months', 'month')).toEqual(
      revenueBy(orders, ({ createdAt }) => createdAt.toISOString().slice(0, 7)),
    )
    expect(revenue('products', 'id')).toEqual(revenueBy(orders, ({ productId }) => String(productId)))
    expect(revenue('customers', 'id')).toEqual(revenueBy(orders, ({ userId }) => String(userId)))
    expect(figures['revenue']).toBe(revenueBy(orders, () => 'all')['all'])
  })

  test('names in its charts what is not there', async () => {
    const { charts } = await collectReport(shop, sales)
    expect(charts['top-products']?.map(([label]) => label)).toEqual([
      'Thing 3',
      'Thing 2',
      'Thing 1',
      'Product 8 (not there)',
    ])
    expect(charts['top-customers']?.map(([label]) => label)).toEqual(['Bora', 'Ada', 'User 9 (not there)', 'Çağla'])
  })

  test.each([
    [{ from: '2026-02-01', to: '2026-02-01' }, 2],
    [{ from: '2026-02-02' }, 4],
    [{ to: '2026-01-31' }, 1],
    [{ to: '2026-01-31', zone: 'Europe/Istanbul' }, 0],
    [{ from: '2026-01-31', to: '2026-01-31', zone: 'America/Chicago' }, 2],
  ])('of the days %j counts %i orders', async (options, orders) => {
    expect((await collectReport(shop, sales, options)).figures['orders']).toBe(orders)
  })

  test('puts an order on its day in the time zone', async () => {
    const { tables } = await collectReport(shop, sales, { zone: 'Europe/Istanbul' })
    expect(tables['days']?.map(({ day }) => day)).toEqual(['2026-02-01', '2026-02-02', '2026-02-03'])
  })

  test('is the same model when it is made again', async () => {
    expect(await collectReport(shop, sales)).toEqual(await collectReport(shop, sales))
  })

  test('says that there are no orders', async () => {
    const { texts, figures, tables } = await collectReport(shop, sales, { from: '2030-01-01' })
    expect(texts).toEqual(['There are no orders.'])
    expect([figures['orders'], figures['revenue'], tables['days']]).toEqual([0, '0.00', []])
  })

  test('says that there are no orders before the first one, whose moment the database sets', async () => {
    const cluster = await openShop(engine, [])
    expect((await collectReport(cluster, sales)).texts).toEqual(['There are no orders.'])
    const { id } = await cluster.repository(Order).save({ userId: 1, productId: 2, quantity: 1 })
    const { createdAt } = await cluster.repository(Order).findOneByOrFail({ id })
    const day = createdAt.toISOString().slice(0, 10)
    expect((await collectReport(cluster, sales, { from: day, to: day })).figures['revenue']).toBe('19.99')
  })

  test('refuses days in the wrong order and a zone that is none', async () => {
    const wrong = collectReport(shop, sales, { from: '2026-02-01', to: '2026-01-01' })
    await expect(wrong).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
    await expect(collectReport(shop, sales, { zone: 'Mars/Base' })).rejects.toMatchObject({
      code: 'SY_OPTION_INVALID',
    })
  })
})

test('an order at the very second of midnight belongs to the new day, also where SQLite has left out its milliseconds', async () => {
  const [sqlite] = ENGINES
  const cluster = await openShop(sqlite as TestEngine, [])
  await cluster.repository(Order).save({ userId: 1, productId: 1, quantity: 1 })
  await cluster.database('orders').query(`UPDATE orders SET "createdAt" = '2026-03-01 00:00:00'`)
  const ordersOf = async (day: string) =>
    (await collectReport(cluster, sales, { from: day, to: day })).figures['orders']
  expect([await ordersOf('2026-02-28'), await ordersOf('2026-03-01')]).toEqual([0, 1])
})

test('an order that comes in while the report is made is in no part of it', async () => {
  const [sqlite] = ENGINES as readonly [TestEngine]
  let late: (() => Promise<unknown>) | undefined
  const logger = {
    logQuery(sql: string) {
      if (!sql.includes('GROUP BY')) return
      // Before the second reading of the orders.
      void late?.()
      late = undefined
    },
  } as Logger
  const cluster = await openStore(sqlite, 'late order', { options: { logging: true, logger } })
  await cluster.load(User, [{ name: 'Ada', email: 'ada@example.com' }])
  await cluster.load(Product, [{ name: 'Thing', price: '1.00' }])
  await cluster.load(Order, [{ userId: 1, productId: 1, quantity: 1 }])
  const url = `sqlite:${String(cluster.database('orders').options.database)}`
  late = () => ask(sqlite, url, 'INSERT INTO orders ("userId", "productId", quantity) VALUES (1, 1, 500)')
  const { figures, tables } = await collectReport(cluster, sales)
  expect(late).toBeUndefined()
  expect([figures['revenue'], tables['products']?.[0]?.['revenue']]).toEqual(['1.00', '1.00'])
  expect(await cluster.repository(Order).count()).toBe(2)
})
