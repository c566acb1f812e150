// Opens a cluster, works, closes it and ends by itself: URL [ hang | leak ]. Prints how long close() took.
const { join } = require('node:path')
const { Cluster, defineCluster, place } = require(join(process.env.DIST, 'src/index.js'))
const { User } = require(join(process.env.DIST, 'entities/index.js'))

async function main([url, mode]) {
  const definition = defineCluster({ databases: { main: url }, placement: [place(User, 'main')] })
  const cluster = await Cluster.open(definition)
  await cluster.health()
  await cluster.database('main').query('SELECT 1')
  if (mode === 'hang') {
    const unit = cluster.transaction(async (tx) => {
      await tx.manager('main').query('SELECT 1')
      await new Promise(() => undefined)
    })
    unit.catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const startedAt = performance.now()
  await cluster.close(300)
  console.log(Math.round(performance.now() - startedAt))
}

void main(process.argv.slice(2))
