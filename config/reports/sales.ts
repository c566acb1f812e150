/** What was sold: revenue by day, month, product and customer, from orders, users and products of three databases. */
import { Order } from '../../entities/order.js'
import { Product } from '../../entities/product.js'
import { User } from '../../entities/user.js'
import type { Cluster } from '../../src/cluster/cluster.js'
import type { Condition } from '../../src/cluster/read/conditions.js'
import { columnRange } from '../../src/cluster/read/column-range.js'
import { groupPages } from '../../src/cluster/read/row-groups.js'
import { rowPages } from '../../src/cluster/read/row-pages.js'
import { defineReport } from '../../src/pipeline/reports/define-report.js'
import { LookUp } from '../../src/pipeline/reports/join/look-up.js'
import { mergeJoin } from '../../src/pipeline/reports/join/merge-join.js'
import { PERIOD_OPTIONS, resolvePeriod, type Period } from '../../src/pipeline/reports/period.js'
import { unitsOf } from '../../src/util/fixed-point.js'
import { TopList } from '../../src/util/top-list.js'
import { byRevenue, SalesTally, type SoldProduct } from './sales/sales-tally.js'
import { salesModel } from './sales/sales-model.js'

export const sales = defineReport({
  name: 'sales',
  describe: 'revenue by day, month, product and customer; repeat buyers',
  options: {
    ...PERIOD_OPTIONS,
    top: { type: 'integer', describe: 'how many products and customers are listed', default: 10, min: 1, max: 100_000 },
  },
  async run({ cluster, options, signal }) {
    const period = resolvePeriod(options)
    const where = await conditionsOf(cluster, period)
    const tally = new SalesTally(period.zone, options.top)
    if (where === undefined) return salesModel({ tally, period, products: [] })
    const wanted = { where, signal }
    await tallyOrders(cluster, tally, wanted)
    const products = await soldProducts(cluster, options.top, wanted)
    return salesModel({ tally, period, products })
  },
})

interface Wanted {
  readonly where: readonly Condition<Order>[]
  readonly signal: AbortSignal
}

/** Orders are read twice; those that come in meanwhile are left out of both readings. Undefined when there are none. */
async function conditionsOf(cluster: Cluster, period: Period): Promise<readonly Condition<Order>[] | undefined> {
  const ids = await columnRange(cluster, Order, 'id')
  return ids === undefined ? undefined : [['id', '<=', ids.max], ...period.where('createdAt')]
}

/** Goes through all orders, customer by customer, beside the users in the order of their ids. */
async function tallyOrders(cluster: Cluster, tally: SalesTally, wanted: Wanted): Promise<void> {
  const { signal } = wanted
  const orders = { pages: pricedOrders(cluster, wanted), keyOf: ({ userId }: PricedOrder) => userId }
  const users = {
    pages: rowPages(cluster, User, { columns: ['id', 'name'], signal }),
    keyOf: ({ id }: Pick<User, 'id'>) => id,
  }
  for await (const page of mergeJoin(orders, users, 'left')) {
    for (const [order, user] of page) if (order !== undefined) tally.add(order, user?.name)
  }
  tally.end()
}

interface PricedOrder extends Pick<Order, 'userId' | 'quantity' | 'createdAt'> {
  /** Price of one piece; undefined when the product is not there. */
  readonly priceCents: number | undefined
}

async function* pricedOrders(cluster: Cluster, { where, signal }: Wanted): AsyncGenerator<PricedOrder[]> {
  const products = new LookUp(cluster, Product, { columns: ['price'], signal })
  const columns = ['userId', 'productId', 'quantity', 'createdAt'] as const
  for await (const page of rowPages(cluster, Order, { columns, orderBy: ['userId'], where, signal })) {
    const found = await products.of(page.map(({ productId }) => productId))
    yield page.map(({ userId, productId, quantity, createdAt }) => ({
      userId,
      quantity,
      createdAt,
      priceCents: centsOf(found.get(productId)?.price),
    }))
  }
}

/** The products with the highest revenue; how many of each were sold is added up where the orders are. */
async function soldProducts(cluster: Cluster, top: number, { where, signal }: Wanted): Promise<SoldProduct[]> {
  const list = new TopList<SoldProduct>(top, byRevenue)
  const products = new LookUp(cluster, Product, { columns: ['name', 'price'], signal })
  for await (const page of groupPages(cluster, Order, { by: ['productId'], sums: ['quantity'], where, signal })) {
    const found = await products.of(page.map(({ key }) => key.productId))
    for (const { key, count, sums } of page) {
      const product = found.get(key.productId)
      const cents = BigInt(sums.quantity) * BigInt(centsOf(product?.price) ?? 0)
      const units = BigInt(sums.quantity)
      list.add({ id: key.productId, name: product?.name, price: product?.price, orders: count, units, cents })
    }
  }
  return list.sorted()
}

function centsOf(price: string | undefined): number | undefined {
  return price === undefined ? undefined : Number(unitsOf(price, 2))
}
