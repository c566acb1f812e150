import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { removeAtEnd } from './cleanup'
import { tempFolder } from './temp'

const START_MS = 20_000

/** Where the program of a Redis server is; undefined when this machine has none. */
export const REDIS_BINARY: string | undefined = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/bin',
  '/usr/local/bin',
]
  .flatMap((folder) => ['redis-server', 'valkey-server'].map((name) => join(folder, name)))
  .find((file) => existsSync(file))

/** A server that one test has to itself, to kill it. */
export class OwnRedis {
  readonly url: string
  #process: ChildProcess | undefined

  /** `isDurable`: every command is on disk before it is acknowledged; otherwise nothing ever is. */
  static async open({ isDurable }: { readonly isDurable: boolean }): Promise<OwnRedis> {
    const folder = await tempFolder('redis')
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    probe.close()
    const kept = isDurable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...kept]
    const server = new OwnRedis(port, args)
    removeAtEnd(() => server.kill())
    await server.start()
    return server
  }

  private constructor(
    port: number,
    private readonly args: readonly string[],
  ) {
    this.url = `redis://127.0.0.1:${port}`
  }

  async start(): Promise<void> {
    this.#process = spawn(REDIS_BINARY ?? '', this.args, { stdio: 'ignore' })
    for (const endsAt = performance.now() + START_MS; ; await sleep(50)) {
      const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null })
      // A server that is still starting refuses connections; the next try will tell.
      client.on('error', () => undefined)
      try {
        await client.connect()
        await client.ping()
        return
      } catch (error) {
        if (performance.now() > endsAt) throw error
      } finally {
        client.disconnect()
      }
    }
  }

  /** It keeps its connections and answers nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Ends the server as `kill -9` does. */
  async kill(): Promise<void> {
    const running = this.#process
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const end = once(running, 'exit')
    running.kill('SIGKILL')
    await end
  }
}
