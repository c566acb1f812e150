// What does the cluster cost a repository? The same calls through the cluster and through plain TypeORM, in turn.
import 'reflect-metadata'
import { Cluster, defineCluster, place } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { compare, inFolder, line } from './measure.mjs'
import { openPlain } from './plain-typeorm.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 60)

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
    for (let call = 0; call < calls; call++) await work(call)
    return performance.now() - startedAt
  }
  const [ours, theirs] = [cluster.repository(User), plain.getRepository(User)]
  for (let row = 0; row < 1_000; row++) {
    const one = user()
    await ours.insert({ ...one })
    await theirs.insert({ ...one })
  }
  const find = (repository) => timed(200, (call) => repository.findOneBy({ id: (call % 1_000) + 1 }))
  const insert = (repository) => timed(50, () => repository.insert(user()))
  const save = (repository) => timed(50, () => repository.save(user()))
  await compare(10, find(ours), find(theirs))
  await compare(10, insert(ours), insert(theirs))
  line('findOneBy, cluster / plain TypeORM', await compare(ROUNDS, find(ours), find(theirs)), '<= 1.05')
  line(
    'insert with validation, cluster / plain TypeORM',
    await compare(ROUNDS, insert(ours), insert(theirs)),
    '<= 1.10',
  )
  line('save with validation, cluster / plain TypeORM', await compare(ROUNDS, save(ours), save(theirs)))

  await cluster.repository(Product).insert({ name: 'Laptop', price: '1000.00' })
  await plain.getRepository(Product).insert({ name: 'Laptop', price: '1000.00' })
  const order = (repository) => timed(50, () => repository.insert({ userId: 1, productId: 1, quantity: 1 }))
  const orders = await compare(ROUNDS, order(cluster.repository(Order)), order(plain.getRepository(Order)))
  line('insert with two references looked up / plain without', orders)
  await plain.destroy()
  await cluster.close()
})
