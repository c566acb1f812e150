// How fast is `cluster.load` beside the engine's own fastest way, and beside TypeORM's `insert` in chunks?
// Every side fills the same table of products, made anew before each turn; the sides take turns.
import 'reflect-metadata'
import { Cluster, defineCluster, place } from 'shardyard'
import { Product } from 'shardyard/entities'
import { migrations } from 'shardyard/entities/migrations'
import { BARE } from './load-bare.mjs'
import { compare, inFolder, line } from './measure.mjs'

const ROWS = Number(process.env.BENCH_ROWS ?? 1_000_000)
const TYPEORM_ROWS = Math.min(ROWS, Number(process.env.BENCH_TYPEORM_ROWS ?? 100_000))
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
/** With 1,000 rows TypeORM's own look-up of what it has inserted is too large a statement for SQLite. */
const CHUNK = 900
const WARM_UP_ROWS = Math.min(ROWS, 20_000)

const ENGINES = [
  { title: 'SQLite', variable: undefined, bare: 'multi-row prepared statements', timesTypeorm: 5 },
  { title: 'PostgreSQL', variable: 'SHARDYARD_TEST_POSTGRES_URL', bare: 'COPY', timesTypeorm: 5 },
  { title: 'MariaDB', variable: 'SHARDYARD_TEST_MYSQL_URL', bare: 'multi-row inserts', timesTypeorm: 2.5 },
]

const rows = Array.from({ length: ROWS }, (_, index) => ({
  name: `Product number ${index}`,
  price: `${index % 9_000}.${10 + (index % 90)}`,
}))

for (const engine of ENGINES) {
  const server = engine.variable === undefined ? undefined : process.env[engine.variable]
  if (engine.variable !== undefined && server === undefined) {
    console.log(`${engine.title}: not measured, ${engine.variable} is not set (npm run bench sets it)`)
    continue
  }
  await inFolder((folder) => measure(engine, BARE[engine.title](server, folder)))
}

async function measure({ title, bare, timesTypeorm }, own) {
  const url = await own.create()
  const cluster = await openCluster(url)
  const plain = await openCluster(url)
  // Plain TypeORM checks nothing.
  plain.database('main').subscribers.length = 0
  try {
    // Milliseconds a row, with an empty table to begin with.
    const timed = (count, work) => async () => {
      await makeTable(cluster)
      const given = rows.slice(0, count)
      const startedAt = performance.now()
      await work(given)
      const perRow = (performance.now() - startedAt) / count
      await requireCount(cluster, count)
      return perRow
    }
    const load = (count) => timed(count, (given) => cluster.load(Product, given))
    const barely = (count) => timed(count, own.fill)
    const typeorm = (count) => timed(count, (given) => insertInChunks(plain.database('main'), given))
    await compare(1, barely(WARM_UP_ROWS), load(WARM_UP_ROWS))
    report(`${title}, ${ROWS} rows: load / ${bare}`, await compare(ROUNDS, barely(ROWS), load(ROWS)), '>= 0.80')
    const chunks = await compare(ROUNDS, typeorm(TYPEORM_ROWS), load(TYPEORM_ROWS))
    report(`${title}, ${TYPEORM_ROWS} rows: load / TypeORM insert`, chunks, `>= ${timesTypeorm}`)
  } finally {
    await plain.close()
    await cluster.close()
    await own.remove()
  }
}

function report(name, result, asked) {
  const [theirs, ours] = [result.a, result.b].map((msPerRow) => Math.round(1_000 / msPerRow))
  line(name, result, asked)
  console.log(`${''.padEnd(4)}${ours} rows/s, the other ${theirs} rows/s`)
}

function openCluster(main) {
  return Cluster.open(defineCluster({ databases: { main }, placement: [place(Product, 'main')] }))
}

async function makeTable(cluster) {
  const runner = cluster.database('main').createQueryRunner()
  const Migration = migrations.find(({ entities }) => entities[0] === Product)
  try {
    await runner.connect()
    await runner.dropTable('products', true)
    await new Migration().up(runner)
  } finally {
    await runner.release()
  }
}

async function requireCount(cluster, count) {
  const stored = await cluster.repository(Product).count()
  if (stored !== count) throw new Error(`${stored} rows are stored, not ${count}`)
}

async function insertInChunks(dataSource, given) {
  await dataSource.transaction(async (manager) => {
    const repository = manager.getRepository(Product)
    for (let from = 0; from < given.length; from += CHUNK) {
      // TypeORM writes the ids into the objects that it is given.
      await repository.insert(given.slice(from, from + CHUNK).map((row) => ({ ...row })))
    }
  })
}
