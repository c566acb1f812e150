// How fast does a file go in, every record accounted for, beside a script that reads, checks and saves in chunks?
import { spawnSync } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import { inFolder } from './measure.mjs'

const COUNT = Number(process.env.BENCH_COUNT ?? 1_000_000)
const PLAIN_COUNT = Math.min(COUNT, Number(process.env.BENCH_PLAIN_COUNT ?? 100_000))
const ENTITY = 'Product'
const path = (file) => fileURLToPath(new URL(file, import.meta.url))
const bin = path('../dist/commands/bin/shardyard.js')
const watch = path('peak-memory.cjs')
const plain = path('plain-ingest.mjs')

/** Limits asked: full ledger, rejects only. */
const ENGINES = [
  { name: 'SQLite', full: 4, rejects: 5, open: async () => undefined },
  { name: 'PostgreSQL', full: 3, rejects: 5, variable: 'SHARDYARD_TEST_POSTGRES_URL', open: onPostgres },
  { name: 'MariaDB', full: 2, rejects: undefined, variable: 'SHARDYARD_TEST_MYSQL_URL', open: onMysql },
]

async function onPostgres(server, statement) {
  const client = new Client({ connectionString: server })
  await client.connect()
  await client.query(statement)
  await client.end()
}

async function onMysql(server, statement) {
  const connection = await createConnection(server)
  await connection.query(statement.replaceAll('"', '`'))
  await connection.end()
}

async function writeCsv(file) {
  const out = createWriteStream(file)
  let text = 'name,price\n'
  for (let row = 0; row < COUNT; row++) {
    text += `Product number ${row} of the list,${(row % 1000) + 1}.${String(row % 100).padStart(2, '0')}\n`
    if (text.length > 1_000_000) {
      if (!out.write(text)) await once(out, 'drain')
      text = ''
    }
  }
  out.end(text)
  await once(out, 'finish')
}

function run(folder, args, environment = {}) {
  const { stdout, stderr, status } = spawnSync(process.execPath, args.map(String), {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

/** A fresh database for each side, or for SQLite a file in a fresh folder. */
async function withDatabase({ variable, open }, work) {
  return inFolder(async (folder) => {
    if (variable === undefined) return work(folder, `sqlite:${folder}/products.db`)
    const server = process.env[variable]
    const name = `bench_${process.pid}_${Date.now()}`
    await open(server, `CREATE DATABASE "${name}"`)
    const url = new URL(server)
    url.pathname = `/${name}`
    try {
      return await work(folder, url.href)
    } finally {
      await open(server, `DROP DATABASE "${name}"`)
    }
  })
}

async function ingested(engine, file, ledger) {
  return withDatabase(engine, (folder, url) => {
    const args = [
      '--require',
      watch,
      bin,
      'ingest',
      file,
      '--into',
      ENTITY,
      '--threads',
      2,
      '--ledger',
      ledger,
      '--json',
    ]
    const { recordsPerSecond, counts } = run(folder, args, { SHARDYARD_PRODUCTS_URL: url })
    if (counts.accepted !== COUNT) throw new Error(JSON.stringify(counts))
    return { perSecond: recordsPerSecond, peakMb: Number(readFileSync(`${folder}/peak-memory`, 'utf8')) }
  })
}

const thousands = (number) => `${Math.round(number / 1000)} k rows/s`

await inFolder(async (folder) => {
  const file = `${folder}/products.csv`
  await writeCsv(file)
  for (const engine of ENGINES) {
    if (engine.variable !== undefined && !process.env[engine.variable]) {
      console.log(`${engine.name}: not measured, ${engine.variable} is not set`)
      continue
    }
    // Before and after, as a machine may be busier at one time than at another.
    const plainRun = () => withDatabase(engine, (own, url) => run(own, [plain, url, file, PLAIN_COUNT]))
    const before = await plainRun()
    const full = await ingested(engine, file, 'full')
    const rejects = await ingested(engine, file, 'rejects')
    const after = await plainRun()
    const base = (before.perSecond + after.perSecond) / 2
    const tell = (name, { perSecond, peakMb }, limit) =>
      console.log(
        `${`${engine.name}, --ledger ${name}`.padEnd(30)} ${thousands(perSecond)}, ${(perSecond / base).toFixed(2)} times a plain script` +
          ` (${before.perSecond} and ${after.perSecond} rows/s)${limit === undefined ? '' : `  (asked: >= ${limit})`}; peak ${peakMb} MB  (asked: <= 250)`,
      )
    tell('full', full, engine.full)
    tell('rejects', rejects, engine.rejects)
  }
})
