import { connect, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { removeAtEnd } from '../helpers/cleanup'

/** Stands between the library and a real server, and cuts the line when it is told to. Closed after the test. */
export class Proxy {
  /** The address of the database through this proxy. */
  readonly url: string
  readonly port: number
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #server: Server
  #cutAt: { text: string; isDelivered: boolean } | undefined
  #isSilent = false

  static async open(target: string): Promise<Proxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new Proxy(target, server)
    removeAtEnd(() => proxy.goDown())
    return proxy
  }

  private constructor(target: string, server: Server) {
    this.#target = new URL(target)
    this.#server = server
    this.port = (server.address() as { port: number }).port
    const url = new URL(target)
    url.port = String(this.port)
    this.url = url.href
    server.on('connection', (socket) => this.#carry(socket))
  }

  /** Cuts the line when the client next sends `text`: before the server gets it, or after, before its answer. */
  cutAt(text: string, { isDelivered }: { readonly isDelivered: boolean }): void {
    this.#cutAt = { text, isDelivered }
  }

  /** Keeps the lines open and carries nothing any more. */
  goSilent(): void {
    this.#isSilent = true
  }

  /** Cuts every line and refuses new ones, as a server that is stopped. */
  async goDown(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (!this.#server.listening) return
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Takes lines again, at the same address. */
  async goUp(): Promise<void> {
    this.#isSilent = false
    this.#server = createServer((socket) => this.#carry(socket)).listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  #carry(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname)
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (data) => this.#send(data, client, server))
    server.on('data', (data) => void (this.#isSilent || client.write(data)))
  }

  #send(data: Buffer, client: Socket, server: Socket): void {
    if (this.#isSilent) return
    if (this.#cutAt === undefined || !data.includes(this.#cutAt.text)) return void server.write(data)
    const { isDelivered } = this.#cutAt
    this.#cutAt = undefined
    client.destroy()
    // The server reads what was sent before it sees the end of the line.
    if (isDelivered) server.end(data)
    else server.destroy()
  }
}
