// One way of telling the sales of the folder it runs in: `report`, or `plain COUNT` for a script without joins.
import { Cluster, defineCluster, place } from 'shardyard'
import { definition } from 'shardyard/config'
import { Order, Product, User } from 'shardyard/entities'
import { openPlainUrl } from './plain-typeorm.mjs'

const [way, count] = process.argv.slice(2)
const url = (name) => `sqlite:${process.cwd()}/${name}.db`

async function report() {
  const placement = [place(User, 'users'), place(Product, 'products'), place(Order, 'orders')]
  const databases = { users: url('users'), products: url('products'), orders: url('orders') }
  const cluster = await Cluster.open(defineCluster({ databases, placement }))
  const sales = definition.reports.find(({ name }) => name === 'sales')
  const options = { from: undefined, to: undefined, zone: 'UTC', top: 10 }
  const { blocks } = await sales.run({ cluster, options, signal: new AbortController().signal }, [])
  const figures = blocks.find(({ block }) => block === 'figures').figures
  await cluster.close()
  return figures.find(({ name }) => name === 'revenue').value
}

/** What comes to mind first: all orders in pages, and for each one its user and its product. */
async function plain(orders) {
  const [users, products, all] = await Promise.all([
    openPlainUrl(url('users'), [User]),
    openPlainUrl(url('products'), [Product]),
    openPlainUrl(url('orders'), [Order]),
  ])
  const sums = { days: new Map(), products: new Map(), users: new Map() }
  let total = 0n
  const add = (map, key, cents) => map.set(key, (map.get(key) ?? 0n) + cents)
  for (let skip = 0; skip < orders; skip += 1_000) {
    const page = await all
      .getRepository(Order)
      .find({ order: { id: 'ASC' }, skip, take: Math.min(1_000, orders - skip) })
    for (const order of page) {
      const user = await users.getRepository(User).findOneBy({ id: order.userId })
      const product = await products.getRepository(Product).findOneBy({ id: order.productId })
      const cents = BigInt(order.quantity) * BigInt(product.price.replace('.', ''))
      add(sums.days, order.createdAt.toISOString().slice(0, 10), cents)
      add(sums.products, product.name, cents)
      add(sums.users, user.name, cents)
      total += cents
    }
  }
  for (const source of [users, products, all]) await source.destroy()
  return `${total / 100n}.${String(total % 100n).padStart(2, '0')}`
}

const [startedAt, cpu] = [performance.now(), process.cpuUsage()]
const revenue = way === 'report' ? await report() : await plain(Number(count))
const { user, system } = process.cpuUsage(cpu)
console.log(JSON.stringify({ wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000, revenue }))
