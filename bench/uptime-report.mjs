// Makes the report of the store-uptime benchmark, its parts in this thread or in worker threads that open the same
// databases. Arguments: how many workers, how many rounds. Prints the times of the best round.
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { definition } from '../dist/config/index.js'
import { storeUptime } from '../dist/config/reports/store-uptime.js'
import { Cluster } from '../dist/src/index.js'

const { signal } = new AbortController()
const cluster = await Cluster.open(definition)
await cluster.connect('stores')
const context = { cluster, options: { source: 'polls' }, signal }
const compute = (part) => storeUptime.partitions.compute(context, part)

if (isMainThread) await makeReport(Number(process.argv[2]), Number(process.argv[3] ?? 1))
else serve()

function serve() {
  parentPort.postMessage('ready')
  const answer = async (part) => {
    if (part !== null) parentPort.postMessage(await compute(part))
    else {
      parentPort.close()
      await cluster.close()
    }
  }
  parentPort.on('message', (part) => void answer(part))
}

async function startWorker() {
  const worker = new Worker(fileURLToPath(import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: 16 } })
  worker.on('error', (error) => {
    throw error
  })
  const next = () => new Promise((resolve) => worker.once('message', resolve))
  await next()
  const ask = (part) => {
    worker.postMessage(part)
    return next()
  }
  return { ask, end: () => worker.postMessage(null) }
}

/** Each worker takes the next part when it has done the one before. */
async function computeAll(parts, askers) {
  const results = Array.from({ length: parts.length })
  let at = 0
  const work = async (ask) => {
    for (let part = at++; part < parts.length; part = at++) results[part] = await ask(parts[part])
  }
  await Promise.all(askers.map(work))
  return results
}

async function makeReport(count, rounds) {
  const workers = await Promise.all(Array.from({ length: count }, startWorker))
  const askers = count === 0 ? [compute] : workers.map(({ ask }) => ask)
  let best
  for (let round = 0; round < rounds; round++) {
    const [startedAt, cpu] = [performance.now(), process.cpuUsage()]
    const parts = await storeUptime.partitions.split(context)
    const computeAt = performance.now()
    const results = await computeAll(parts, askers)
    const computeMs = performance.now() - computeAt
    const model = await storeUptime.run(context, results)
    const { user, system } = process.cpuUsage(cpu)
    const wallMs = performance.now() - startedAt
    const { rows } = model.blocks.find(({ name }) => name === 'stores')
    const mark = { stores: rows.length, upHours: rows.reduce((sum, row) => sum + row[3], 0), now: model.asOf.getTime() }
    if (best === undefined || wallMs < best.wallMs) best = { wallMs, computeMs, cpuMs: (user + system) / 1000, ...mark }
  }
  for (const { end } of workers) end()
  console.log(JSON.stringify(best))
  await cluster.close()
}
