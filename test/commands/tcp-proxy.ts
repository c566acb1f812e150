import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { removeAtEnd } from '../helpers/cleanup'

/** Stands before a server so that it can be made to go down without stopping it. */
export class TcpProxy {
  readonly url: string
  readonly #sockets = new Set<Socket>()
  #state: 'up' | 'down' | 'frozen' = 'up'

  static async open(target: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(target)
    const server = createServer({ pauseOnConnect: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new TcpProxy(target, (server.address() as AddressInfo).port)
    server.on('connection', (socket) => proxy.#forward(socket, connect(Number(port), hostname)))
    removeAtEnd(async () => {
      server.close()
      proxy.#drop()
    })
    return proxy
  }

  private constructor(target: string, port: number) {
    const url = new URL(target)
    url.host = `127.0.0.1:${port}`
    this.url = url.href
  }

  /** Breaks every connection and refuses new ones. */
  down(): void {
    this.#state = 'down'
    this.#drop()
  }

  /** Keeps every connection and lets nothing through. */
  freeze(): void {
    this.#state = 'frozen'
    for (const socket of this.#sockets) socket.pause()
  }

  up(): void {
    this.#state = 'up'
    for (const socket of this.#sockets) socket.resume()
  }

  #drop(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #forward(client: Socket, server: Socket): void {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from)
      from.on('data', (data) => void to.write(data))
      // The other end learns of it; why it broke is no news.
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
    if (this.#state === 'down') client.destroy()
    if (this.#state !== 'frozen') client.resume()
    else server.pause()
  }
}
