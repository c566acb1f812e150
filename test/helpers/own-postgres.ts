import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { removeAtEnd } from './cleanup'
import { tempFolder } from './temp'

const FOLDER = '/usr/lib/postgresql'
const START_MS = 60_000

/** Where the programs of a PostgreSQL server are; undefined when this machine has none. */
export const POSTGRES_BINARIES: string | undefined = (existsSync(FOLDER) ? readdirSync(FOLDER) : [])
  .map((version) => join(FOLDER, version, 'bin'))
  .find((folder) => existsSync(join(folder, 'postgres')))

/** A server that one test has to itself, to crash it. Unlike the shared one it keeps what it has committed. */
export class OwnPostgres {
  readonly url: string
  readonly #data: string
  readonly #port: number
  readonly #account = account()
  #process: ChildProcess | undefined

  static async open(): Promise<OwnPostgres> {
    const folder = await tempFolder('postgres')
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    probe.close()
    const server = new OwnPostgres(folder, port)
    removeAtEnd(() => server.#stop('SIGQUIT'))
    await server.#start()
    return server
  }

  private constructor(folder: string, port: number) {
    this.#data = folder
    this.#port = port
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`
    if (this.#account !== undefined) chownSync(folder, this.#account.uid, this.#account.gid)
    chmodSync(folder, 0o700)
    const args = ['-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale']
    execFileSync(this.#program('initdb'), args, { ...this.#account, cwd: '/', stdio: 'pipe' })
  }

  /** Stops the server at once, as a power cut would (`pg_ctl stop -m immediate`), and starts it again after a while. */
  async crash(downMs = 0): Promise<void> {
    await this.#stop('SIGQUIT')
    await sleep(downMs)
    await this.#start()
  }

  async #start(): Promise<void> {
    const args = ['-D', this.#data, '-h', '127.0.0.1', '-p', String(this.#port), '-c', 'unix_socket_directories=']
    this.#process = spawn(this.#program('postgres'), args, { ...this.#account, cwd: '/', stdio: 'ignore' })
    for (const endsAt = performance.now() + START_MS; ; await sleep(100)) {
      const client = new Client({ connectionString: this.url })
      // A server that is still starting drops connections; the next try will tell.
      client.on('error', () => undefined)
      try {
        await client.connect()
        return
      } catch (error) {
        if (performance.now() > endsAt) throw error
      } finally {
        await client.end().catch(() => undefined)
      }
    }
  }

  async #stop(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const end = once(running, 'exit')
    running.kill(signal)
    await end
  }

  #program(name: string): string {
    return join(POSTGRES_BINARIES ?? '', name)
  }
}

/** PostgreSQL refuses to run as root: then as its own account. */
function account(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  const fields = ['postgres', 'nobody'].map((name) => lines.find((line) => line.startsWith(`${name}:`))?.split(':'))
  const [, , uid = '', gid = ''] = fields.find((one) => one !== undefined) ?? []
  return { uid: Number(uid), gid: Number(gid) }
}
