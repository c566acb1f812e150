// How fast are events taken, each on disk before it is answered: beside a route that does nothing but parse, and beside
// one that saves each by itself? The load comes from a process of its own, over 64 connections.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inFolder, median } from './measure.mjs'

const SECONDS = Number(process.env.BENCH_SECONDS ?? 5)
/** A server runs for long: what it does at first is not what it does. */
const WARM_SECONDS = 3
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const LOADED = Number(process.env.BENCH_COUNT ?? 1_000_000)
const path = (file) => fileURLToPath(new URL(file, import.meta.url))

const bin = path('../dist/commands/bin/shardyard.js')

async function storm(port, seconds = SECONDS) {
  const child = spawn(process.execPath, [path('event-storm.mjs'), port, seconds], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (part) => (text += part))
  await once(child, 'close')
  return JSON.parse(text)
}

async function withServer(kind, work) {
  return inFolder(async (folder) => {
    const server = fork(path('event-server.mjs'), [kind, folder], {
      execArgv: process.env.BENCH_ARGV?.split(' ') ?? [],
    })
    const [{ port }] = await once(server, 'message')
    const cpuMs = async () => {
      server.send('cpu')
      return (await once(server, 'message'))[0].cpuMs
    }
    try {
      return await work({ port, folder, cpuMs })
    } finally {
      server.disconnect()
      await once(server, 'exit')
    }
  })
}

/** Requests a second, and the server's processor time for each. */
async function measure(kind) {
  return withServer(kind, async ({ port, cpuMs }) => {
    await storm(port, WARM_SECONDS)
    const before = await cpuMs()
    const told = await storm(port)
    const spent = (await cpuMs()) - before
    return { ...told, usEach: (spent * 1000) / (told.perSecond * SECONDS) }
  })
}

/** The same while an ingestion writes into the same file, from a process of its own. */
async function besideIngestion() {
  return withServer('shardyard', async ({ port, folder }) => {
    await storm(port, 1)
    const lines = Array.from({ length: LOADED }, (_, row) => {
      const at = new Date(1_600_000_000_000 + row * 1000).toISOString()
      return `client ${row % 50},metric ${row},${row % 1000}.25,${at}`
    })
    writeFileSync(`${folder}/events.csv`, `client,metric,amount,timestamp\n${lines.join('\n')}\n`)
    const ingestion = spawn(process.execPath, [bin, 'ingest', 'events.csv', '--into', 'Event', '--json'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    ingestion.stdout.resume()
    const startedAt = performance.now()
    let loadS = 0
    ingestion.once('exit', () => (loadS = (performance.now() - startedAt) / 1000))
    const told = []
    while (ingestion.exitCode === null) told.push(await storm(port, 1))
    console.log(`an ingestion of ${LOADED} records beside them: ${loadS.toFixed(1)} s`)
    // The last second had the file to itself for a part.
    return told.slice(1, -1)
  })
}

const kinds = process.env.BENCH_KINDS?.split(',') ?? ['bare', 'shardyard', 'save']
const results = Object.fromEntries(kinds.map((kind) => [kind, []]))
for (let round = 0; round < ROUNDS; round++) {
  for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) results[kind].push(await measure(kind))
}
const figure = (kind, name) => median(results[kind].map((result) => result[name]))
for (const kind of kinds) {
  console.log(
    `${kind.padEnd(10)} ${figure(kind, 'perSecond')} events/s, ${figure(kind, 'usEach').toFixed(0)} us of processor time each,` +
      ` p50 ${figure(kind, 'p50')} ms, p99 ${figure(kind, 'p99')} ms ${JSON.stringify(results[kind][0].statuses)}`,
  )
}
if (kinds.length === 3) {
  const ratio = (name) => median(results.shardyard.map((own, round) => own.perSecond / results[name][round].perSecond))
  console.log(`of a bare route            ${ratio('bare').toFixed(2)}  (asked: >= 0.5)`)
  console.log(`of one save for each event ${ratio('save').toFixed(1)}  (asked: >= 5)`)
}
const beside = await besideIngestion()
if (beside.length > 0) {
  const worst = (name) => median(beside.map((second) => second[name]))
  console.log(`beside an ingestion: ${worst('perSecond')} events/s, p99 ${worst('p99')} ms  (asked: <= 50)`)
}
