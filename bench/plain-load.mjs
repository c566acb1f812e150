// What a user would write without us: make the records, check them with class-validator, save them in chunks of 1,000
// inside transactions. No ledger, no resume, one thread. Arguments: folder, count, seed.
import 'reflect-metadata'
import { validate } from 'class-validator'
import { Order, Product, User } from 'shardyard/entities'
import config from 'shardyard/config'
import { openPlain } from './plain-typeorm.mjs'

const [folder, count, seed] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const CHUNK = 1_000
const source = (config.default ?? config).simulation.generate({ count, seed, invalid: 0.15 })

const open = async (name, entity) => {
  const dataSource = await openPlain(`${folder}/${name}.db`, [entity], 'NORMAL')
  // Here the script itself checks, so that a record that is refused does not undo its chunk.
  dataSource.subscribers.length = 0
  return dataSource
}

const known = { users: new Set(), products: new Set(), emails: new Set() }
const isSound = {
  User: (user) => !known.emails.has(user.email) && known.emails.add(user.email) && known.users.add(user.id),
  Product: (product) => known.products.add(product.id),
  Order: (order) => known.users.has(order.userId) && known.products.has(order.productId),
}

let [saved, refused] = [0, 0]
let startedAt
for (const [name, entity] of [
  ['users', User],
  ['products', Product],
  ['orders', Order],
]) {
  const dataSource = await open(name, entity)
  startedAt ??= performance.now()
  const repository = dataSource.getRepository(entity)
  for (let from = 0; from < source.count(entity); from += CHUNK) {
    const rows = []
    for (let index = from; index < Math.min(from + CHUNK, source.count(entity)); index++) {
      const row = repository.create(source.at(entity, index).record)
      const errors = await validate(row)
      if (errors.length === 0 && isSound[entity.name](row)) rows.push(row)
      else refused += 1
    }
    await dataSource.transaction((manager) => manager.save(rows))
    saved += rows.length
  }
  await dataSource.destroy()
}
const seconds = (performance.now() - startedAt) / 1000
console.log(JSON.stringify({ seconds, saved, refused, perSecond: Math.round(count / seconds) }))
