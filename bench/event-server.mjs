// One of the servers that bench/events.mjs compares: `node event-server.mjs bare|save|shardyard FOLDER`.
// Tells its port, then its processor time in milliseconds whenever it is asked.
import { createRequire } from 'node:module'
import fastify from 'fastify'

const require = createRequire(import.meta.url)
const [kind, folder] = process.argv.slice(2)

async function bare() {
  const app = fastify()
  app.post('/api/v1/events', async (_request, reply) => reply.status(201).send({ status: 'accepted', id: '1' }))
  return app
}

async function save() {
  require('reflect-metadata')
  const { DataSource } = require('typeorm')
  const { Event } = require('../dist/entities/event.js')
  const store = new DataSource({
    type: 'better-sqlite3',
    database: `${folder}/events.db`,
    entities: [Event],
    enableWAL: true,
    prepareDatabase: (db) => db.pragma('synchronous = FULL'),
  })
  await store.initialize()
  await store.query(
    'CREATE TABLE events (id integer PRIMARY KEY, client varchar(100) NOT NULL, metric varchar(100) NOT NULL,' +
      ' amount decimal(15,2) NOT NULL, timestamp datetime(3) NOT NULL)',
  )
  const events = store.getRepository(Event)
  const app = fastify()
  app.post('/api/v1/events', async ({ body }, reply) => {
    const { client, metric, amount, timestamp } = body
    // Without a transaction of its own: TypeORM's requests share one connection to the file.
    const saved = await events.save(events.create({ client, metric, amount, timestamp: new Date(timestamp) }), {
      transaction: false,
    })
    return reply.status(201).send({ status: 'accepted', id: String(saved.id) })
  })
  return app
}

async function shardyard() {
  process.chdir(folder)
  const { Cluster, createServer, migrate } = require('../dist/src/index.js')
  const { definition } = require('../dist/config/index.js')
  const cluster = await Cluster.open(definition)
  await migrate(cluster)
  const { app } = await createServer(cluster, { concurrency: 0, requestsPerMinute: 100_000_000 })
  return app
}

const app = await { bare, save, shardyard }[kind]()
await app.listen({ port: 0, host: '127.0.0.1' })
process.send({ port: app.server.address().port })
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpuMs: (user + system) / 1000 })
})
process.on('disconnect', () => process.exit(0))
