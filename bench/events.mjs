// How fast are events taken, each on disk before it is answered: beside a route that does nothing but parse, and beside
// one that saves each by itself? The load comes from a process of its own, over 64 connections. All servers are up from
// the beginning to the end and take turns, so that each is compared with what the machine gave the others a moment ago.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inFolder, median } from './measure.mjs'

const TURN_SECONDS = 1
/** A server runs for long: what it does at first is not what it does. */
const WARM_SECONDS = 3
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 20)
const LOADED = Number(process.env.BENCH_COUNT ?? 1_000_000)
const KINDS = ['bare', 'shardyard', 'save']
const path = (file) => fileURLToPath(new URL(file, import.meta.url))

const bin = path('../dist/commands/bin/shardyard.js')
const client = fork(path('event-storm.mjs'))

async function ask(child, message) {
  child.send(message)
  return (await once(child, 'message'))[0]
}

const storm = (port, seconds = TURN_SECONDS) => ask(client, { port, seconds })

async function withServer(kind, work) {
  return inFolder(async (folder) => {
    const child = fork(path('event-server.mjs'), [kind, folder])
    const [{ port }] = await once(child, 'message')
    await storm(port, WARM_SECONDS)
    try {
      return await work({ kind, port, folder, child })
    } finally {
      child.disconnect()
      await once(child, 'exit')
    }
  })
}

/** Events a second, and the server's processor time for each. */
async function turn({ port, child }) {
  const before = (await ask(child, 'cpu')).cpuMs
  const told = await storm(port)
  const spent = (await ask(child, 'cpu')).cpuMs - before
  return { ...told, usEach: (spent * 1000) / (told.perSecond * TURN_SECONDS) }
}

async function takeTurns(servers) {
  const results = Object.fromEntries(KINDS.map((kind) => [kind, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      results[server.kind].push(await turn(server))
    }
  }
  return results
}

function print(results) {
  const figure = (kind, name) => median(results[kind].map((result) => result[name]))
  for (const kind of KINDS) {
    console.log(
      `${kind.padEnd(10)} ${figure(kind, 'perSecond')} events/s, ${figure(kind, 'usEach').toFixed(0)} us of processor time each,` +
        ` p50 ${figure(kind, 'p50')} ms, p99 ${figure(kind, 'p99')} ms ${JSON.stringify(results[kind][0].statuses)}`,
    )
  }
  const ratio = (name) => median(results.shardyard.map((own, round) => own.perSecond / results[name][round].perSecond))
  console.log(`of a bare route            ${ratio('bare').toFixed(2)}  (asked: >= 0.5)`)
  console.log(`of one save for each event ${ratio('save').toFixed(1)}  (asked: >= 5)`)
}

/** The same while an ingestion writes into the same file, from a process of its own. */
async function besideIngestion({ port, folder }) {
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
  while (ingestion.exitCode === null) told.push(await storm(port))
  console.log(`an ingestion of ${LOADED} records beside them: ${loadS.toFixed(1)} s`)
  // The last second had the file to itself for a part.
  const beside = told.slice(1, -1)
  const figure = (name) => median(beside.map((second) => second[name]))
  const worst = Math.max(...beside.map(({ p99 }) => p99))
  console.log(
    `beside an ingestion: ${figure('perSecond')} events/s, p99 ${figure('p99')} ms  (asked: <= 50), in the worst second ${worst} ms`,
  )
}

await withServer('bare', (bare) =>
  withServer('save', (save) =>
    withServer('shardyard', async (shardyard) => {
      print(await takeTurns([bare, shardyard, save]))
      await besideIngestion(shardyard)
    }),
  ),
)
client.disconnect()
