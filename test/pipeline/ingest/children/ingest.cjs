// Ingests files as a process of its own: { config, files, options }. Ends with 0 and the account, or 1 and the error.
const { join } = require('node:path')
const dist = join(__dirname, '../../../../dist/src')
const { Cluster, loadDefinition } = require(join(dist, 'index.js'))
const { ingest } = require(join(dist, 'pipeline/ingest/ingest.js'))

async function main({ config, files, options }) {
  const cluster = await Cluster.open(await loadDefinition(config))
  try {
    const faults = process.env.SHARDYARD_FAULTS ?? ''
    return await ingest(cluster, files, { into: 'Item', config, faults, onEvent: tellWaiting, ...options })
  } finally {
    await cluster.close(1_000)
  }
}

function tellWaiting({ kind }) {
  if (kind === 'waiting-for-run') console.error('waiting for another process')
}

main(JSON.parse(process.argv[2])).then(
  (account) => console.log(JSON.stringify(account)),
  ({ code, message }) => {
    console.log(JSON.stringify({ code, message }))
    process.exitCode = 1
  },
)
