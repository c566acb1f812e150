// How fast are sales told that are joined over three databases, beside a script that looks each order's user and product up?
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Cluster, defineCluster, place } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { inFolder } from './measure.mjs'

const ORDERS = Number(process.env.BENCH_COUNT ?? 1_000_000)
const USERS = Math.max(1, Math.round(ORDERS / 10))
const PRODUCTS = Math.max(1, Math.round(ORDERS / 100))
/** The script is measured on so many orders; its time goes with their number. */
const PLAIN_ORDERS = Math.min(ORDERS, Number(process.env.BENCH_PLAIN_COUNT ?? 50_000))
const path = (file) => fileURLToPath(new URL(file, import.meta.url))

function* rows(count, row) {
  for (let index = 0; index < count; index++) yield row(index, (index * 2_654_435_761) % 4_294_967_296)
}

async function fill(folder) {
  const databases = Object.fromEntries(
    ['users', 'products', 'orders'].map((name) => [name, `sqlite:${folder}/${name}.db`]),
  )
  const placement = [place(User, 'users'), place(Product, 'products'), place(Order, 'orders')]
  const cluster = await Cluster.open(defineCluster({ databases, placement }))
  for (const name of cluster.databases) await (await cluster.connect(name)).synchronize()
  await cluster.load(
    User,
    rows(USERS, (index) => ({ name: `User ${index}`, email: `user${index}@example.com` })),
  )
  await cluster.load(
    Product,
    rows(PRODUCTS, (index) => ({ name: `Product ${index}`, price: `${index % 500}.${10 + (index % 90)}` })),
  )
  const firstDay = Date.UTC(2025, 0, 1)
  const order = (_, mixed) => ({
    userId: (mixed % USERS) + 1,
    productId: (Math.floor(mixed / 7) % PRODUCTS) + 1,
    quantity: (mixed % 5) + 1,
    createdAt: new Date(firstDay + (mixed % 31_536_000) * 1000),
  })
  await cluster.load(Order, rows(ORDERS, order))
  await cluster.close()
}

function run(folder, ...args) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--require', path('peak-memory.cjs'), path('sales-run.mjs'), ...args.map(String)],
    { cwd: folder, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  return { ...JSON.parse(stdout), peakMb: Number(readFileSync(`${folder}/peak-memory`, 'utf8')) }
}

await inFolder(async (folder) => {
  await fill(folder)
  const ours = run(folder, 'report')
  const plain = run(folder, 'plain', PLAIN_ORDERS)
  const wholeMs = plain.cpuMs * (ORDERS / PLAIN_ORDERS)
  console.log(
    `${ORDERS} orders, ${USERS} users, ${PRODUCTS} products on SQLite: ${(ours.wallMs / 1000).toFixed(1)} s, ` +
      `${(ours.cpuMs / 1000).toFixed(1)} s of CPU, peak ${ours.peakMb} MB  (asked: <= 300 MB), revenue ${ours.revenue}`,
  )
  console.log(
    `a look-up for each order: ${(wholeMs / 1000).toFixed(0)} s of CPU by ${PLAIN_ORDERS} orders; ` +
      `CPU time, script / report ${(wholeMs / ours.cpuMs).toFixed(1)}  (asked: >= 10)`,
  )
})
