// What does the cluster cost a repository? The same calls through the cluster and through plain TypeORM, in turn.
import 'reflect-metadata'
import { Cluster, defineCluster, place } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { compare, inFolder, line } from './measure.mjs'
import { openPlain } from './plain-typeorm.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 300)
/** Both sides are compared once they are compiled, not while that happens. */
const WARM_UP = 60
/** Calls in one turn: so few that both sides of a pair meet the same noise. */
const FINDS = 40
const WRITES = 10

await inFolder(async (folder) => {
  const definition = defineCluster({
    databases: {
      users: `sqlite:${folder}/users.db`,
      products: `sqlite:${folder}/products.db`,
      orders: `sqlite:${folder}/orders.db`,
    },
    placement: [place(User, 'users'), place(Product, 'products'), place(Order, 'orders')],
  })
  const cluster = await Cluster.open(definition)
  for (const name of cluster.databases) await (await cluster.connect(name)).synchronize()
  const plain = await openPlain(`${folder}/plain.db`, [User, Product, Order], 'FULL')

  let number = 0
  const user = () => ({ name: 'Ada Lovelace', email: `user${++number}@example.com` })
  const timed = (calls, work) => async () => {
    const startedAt = performance.now()
    for (let call = 0; call < calls; call++) await work()
    return performance.now() - startedAt
  }
  const [ours, theirs] = [cluster.repository(User), plain.getRepository(User)]
  for (let row = 0; row < 1_000; row++) {
    const one = user()
    await ours.insert({ ...one })
    await theirs.insert({ ...one })
  }
  const find = (repository) => timed(FINDS, () => repository.findOneBy({ id: (++number % 1_000) + 1 }))
  const insert = (repository) => timed(WRITES, () => repository.insert(user()))
  const save = (repository) => timed(WRITES, () => repository.save(user()))
  await compare(5 * WARM_UP, find(ours), find(theirs))
  await compare(WARM_UP, insert(ours), insert(theirs))
  line('findOneBy, cluster / plain TypeORM', await compare(5 * ROUNDS, find(ours), find(theirs)), '<= 1.05')
  line(
    'insert with validation, cluster / plain TypeORM',
    await compare(ROUNDS, insert(ours), insert(theirs)),
    '<= 1.10',
  )
  line('save with validation, cluster / plain TypeORM', await compare(ROUNDS, save(ours), save(theirs)))

  await cluster.repository(Product).insert({ name: 'Laptop', price: '1000.00' })
  await plain.getRepository(Product).insert({ name: 'Laptop', price: '1000.00' })
  const order = (repository) => timed(WRITES, () => repository.insert({ userId: 1, productId: 1, quantity: 1 }))
  const orders = await compare(ROUNDS, order(cluster.repository(Order)), order(plain.getRepository(Order)))
  line('insert with two references looked up / plain without', orders)
  await plain.destroy()
  await cluster.close()
})
