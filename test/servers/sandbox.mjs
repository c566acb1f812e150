import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const START_LIMIT_MS = 90_000
const START_ATTEMPTS = 3

/** A temporary folder and the processes in it, all of which are gone after `close()` or when this process dies. */
export class Sandbox {
  #guard = spawn(process.execPath, [fileURLToPath(new URL('guard.mjs', import.meta.url))], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  #closing
  #folder = makeFolder()

  constructor() {
    this.#watch({ folder: this.#folder })
  }

  get isClosing() {
    return this.#closing !== undefined
  }

  /** Makes a folder that belongs to the user the server will run as. */
  folder(name, user) {
    const path = join(this.#folder, name)
    mkdirSync(path, { mode: 0o700 })
    if (user) chownSync(path, user.uid, user.gid)
    return path
  }

  /** Runs a program to its end; throws with the end of its output when it fails. */
  async run(file, args, { user } = {}) {
    const child = this.#startProcess(file, args, { user, signal: 'SIGKILL' })
    const outcome = await child.ended
    if (outcome !== 0) throw new Error(`${file} failed (${outcome}):\n${child.tail()}`)
  }

  /**
   * Starts a server on a free port and waits until `probe(url)` answers.
   *
   * @returns `{ url, version }`, the version being what the probe answered
   */
  async startServer({ file, args, user, signal, url, probe }) {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort()
      const child = this.#startProcess(file, args(port), { user, signal })
      const version = await answer(() => probe(url(port)), child)
      if (version !== undefined) {
        void this.#reportEnd(file, child)
        return { url: url(port), version }
      }
      // Another process may have taken the port between the question and the start.
      if (attempt === START_ATTEMPTS || this.isClosing) {
        throw new Error(`${file} did not start (${child.outcome ?? 'no answer'}):\n${child.tail()}`)
      }
    }
  }

  /** Starts a container whose server listens on `port` inside, and waits until `probe(url)` answers. */
  async startContainer({ image, port, options, args, url, probe }) {
    const container = `${basename(this.#folder)}-${port}`
    this.#watch({ container })
    docker('run', '--detach', '--name', container, '--publish', `127.0.0.1::${port}`, ...options, image, ...args)
    const address = docker('port', container, `${port}/tcp`).split('\n')[0]
    const here = url(Number(address.slice(address.lastIndexOf(':') + 1)))
    const version = await answer(() => probe(here))
    if (version === undefined) throw new Error(`${image} did not start:\n${docker('logs', '--tail', '20', container)}`)
    return { url: here, version }
  }

  close() {
    this.#closing ??= new Promise((resolve) => {
      this.#guard.once('exit', resolve)
      this.#guard.stdin.end()
    })
    return this.#closing
  }

  #startProcess(file, args, { user, signal }) {
    if (this.isClosing) throw new Error('The servers are being stopped.')
    const log = join(this.#folder, `${process.hrtime.bigint()}.log`)
    const output = openSync(log, 'a')
    // Detached: Ctrl-C reaches this process only, so the servers outlive the tests that use them.
    const child = spawn(file, args, {
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', output, output],
      cwd: this.#folder,
      ...user,
    })
    if (child.pid) this.#watch({ pid: child.pid, signal })
    return new Started(child, log)
  }

  async #reportEnd(file, child) {
    const outcome = await child.ended
    if (!this.isClosing) console.error(`${file} ended during the tests (${outcome}):\n${child.tail()}`)
  }

  #watch(thing) {
    this.#guard.stdin.write(`${JSON.stringify(thing)}\n`)
  }
}

/** A process that writes to a log. Its outcome is the exit code, the signal, or why it did not start. */
class Started {
  outcome
  #log

  constructor(child, log) {
    this.#log = log
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, signal) => resolve(code ?? signal))
    }).then((outcome) => (this.outcome = outcome))
  }

  tail() {
    return readFileSync(this.#log, 'utf8').split('\n').slice(-20).join('\n')
  }
}

function docker(...args) {
  return execFileSync('docker', args, { encoding: 'utf8' }).trim()
}

/** Who a server runs as: servers refuse root, so the first of these accounts then, else the caller. */
export function serverUser(names) {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const account = names.map((name) => accounts.find((fields) => fields[0] === name)).find(Boolean)
  if (!account) throw new Error(`Run the tests as an ordinary user: no account of ${names.join(', ')} exists here.`)
  return { uid: Number(account[2]), gid: Number(account[3]) }
}

function makeFolder() {
  const parent = [tmpdir(), '/tmp', '/var/tmp'].find(isTraversable) ?? tmpdir()
  const folder = realpathSync(mkdtempSync(join(parent, 'shardyard-servers-')))
  chmodSync(folder, 0o711)
  return folder
}

/** Started by root, the servers run as another user, who must be able to walk down to their data. */
function isTraversable(folder) {
  if (process.getuid?.() !== 0) return true
  for (let path = folder; path !== dirname(path); path = dirname(path)) if (!(statSync(path).mode & 0o001)) return false
  return true
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** What the probe answers, or `undefined` when the server ended or stayed silent. */
async function answer(probe, child) {
  const start = Date.now()
  const mayAnswer = () => Date.now() - start < START_LIMIT_MS && child?.outcome === undefined
  while (mayAnswer()) {
    try {
      return await probe()
    } catch {
      await sleep(50)
    }
  }
  return undefined
}
