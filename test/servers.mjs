// Starts the database servers the tests need, and takes them away again.
//
//   node test/servers.mjs -- COMMAND ARGS…   runs COMMAND with their addresses in the environment
//   node test/servers.mjs                    stays up and prints the addresses, until Ctrl-C
//
// A server is looked for in this order: its environment variable, a binary of this machine, Docker,
// a Debian package if root may install one. To add a server, write its file in test/servers/ and list it here.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { chromium } from './servers/chromium.mjs'
import { locate } from './servers/find.mjs'
import { mysql } from './servers/mysql.mjs'
import { pdftotext } from './servers/pdftotext.mjs'
import { postgres } from './servers/postgres.mjs'
import { redis } from './servers/redis.mjs'
import { Sandbox } from './servers/sandbox.mjs'

const SERVERS = [postgres, mysql, redis]
const TOOLS = [pdftotext, chromium]
const COMMAND_GRACE_MS = 5_000
const PARENT_LOOK_MS = 300

const [file, ...args] = process.argv[2] === '--' ? process.argv.slice(3) : []
// Without a command standard output holds the export lines only, so that a shell can `eval` them.
const say = file ? console.log : console.error

const sandbox = new Sandbox()
const stopped = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(signal))
  // A SIGTERM to npm ends at the shell between it and this process, which then only loses its parent.
  const parent = process.ppid
  const look = () => process.ppid === parent || resolve('SIGTERM')
  if (file && process.env.npm_lifecycle_event) setInterval(look, PARENT_LOOK_MS).unref()
})

process.exitCode = await main()

async function main() {
  try {
    const starting = startAll()
    const environment = await Promise.race([starting, stopped])
    if (typeof environment === 'string') {
      starting.catch(() => {}) // It is being stopped half-way; that it then fails is no news.
      return exitCodeOf(environment)
    }
    return await (file ? runCommand(environment) : stayUp(environment))
  } catch (error) {
    console.error(error.message)
    return 1
  } finally {
    await sandbox.close()
  }
}

/** Finds first, starts second: nothing has been started when something is missing. */
async function startAll() {
  const tools = TOOLS.map((tool) => ({ tool, path: process.env[tool.variable] ?? locate(tool, say).path }))
  const places = SERVERS.map((server) => ({ server, place: process.env[server.variable] ?? locate(server, say) }))
  const running = await Promise.all(places.map(({ server, place }) => start(server, place)))
  for (const { line } of running) say(line)
  for (const { tool, path } of tools) say(`${tool.title} ${tool.version(path)} (${path})`)
  return Object.fromEntries([
    ...running.map(({ variable, url }) => [variable, url]),
    ...tools.map(({ tool, path }) => [tool.variable, path]),
  ])
}

async function start(server, place) {
  const { url, version, from } = await addressOf(server, place)
  return { variable: server.variable, url, line: describe(server, { url, version, from }) }
}

async function addressOf(server, place) {
  if (typeof place === 'string') return { url: place, version: await ask(server, place), from: server.variable }
  if (place.kind === 'binary') return { ...(await server.startBinary(place.path, sandbox)), from: 'local binary' }
  return { ...(await server.startContainer(sandbox)), from: `Docker, ${server.image}` }
}

async function ask(server, url) {
  try {
    return await server.probe(url)
  } catch (cause) {
    throw new Error(`${server.variable} is set, but no ${server.title} answers there: ${cause.message}`, { cause })
  }
}

/** The user and the password of an address are not printed. */
function describe({ title }, { url, version, from }) {
  const name = title.includes(' or ') ? title.split(' or ')[/mariadb/i.test(version) ? 0 : 1] : title
  return `${name} ${version.split('-')[0]} (${from}) on ${new URL(url).host}`
}

async function runCommand(environment) {
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...environment } })
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? exitCodeOf(signal)))
  })
  const first = await Promise.race([ended, stopped])
  if (typeof first === 'number') return first
  child.kill(first)
  const hardStop = setTimeout(() => child.kill('SIGKILL'), COMMAND_GRACE_MS)
  await ended
  clearTimeout(hardStop)
  return exitCodeOf(first)
}

async function stayUp(environment) {
  for (const [name, value] of Object.entries(environment)) console.log(`export ${name}='${value}'`)
  say('Ready. Ctrl-C stops the servers and deletes their data.')
  const forever = setInterval(() => {}, 2 ** 30)
  const signal = await stopped
  clearInterval(forever)
  return signal === 'SIGINT' ? 0 : exitCodeOf(signal)
}

function exitCodeOf(signal) {
  return 128 + constants.signals[signal]
}
