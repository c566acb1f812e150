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

/** As a careful route would do it: the rules of the entity checked, the row saved, on disk before the answer. */
async function save() {
  const { openPlain } = await import('./plain-typeorm.mjs')
  const { Event } = require('../dist/entities/event.js')
  const store = await openPlain(`${folder}/events.db`, [Event], 'FULL')
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
