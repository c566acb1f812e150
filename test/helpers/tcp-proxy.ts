import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { removeAtEnd } from './cleanup'

/** Stands between a client and a server of this machine, sees what passes, and can hold it back. */
export class TcpProxy {
  /** Nothing passes any more, in either direction. */
  isBlocked = false

  private constructor(
    readonly port: number,
    server: Server,
  ) {
    removeAtEnd(async () => void server.close())
  }

  /** `onAnswer` sees each answer of the server before it passes, and what was asked until then. */
  static async open(
    target: { readonly host: string; readonly port: number },
    onAnswer: (asked: string, proxy: TcpProxy) => void,
  ): Promise<TcpProxy> {
    const server = createServer((client) => {
      const upstream = connect(target)
      let asked = ''
      client.on('data', (data) => {
        if (proxy.isBlocked) return
        asked += data.toString('latin1')
        upstream.write(data)
      })
      upstream.on('data', (data) => {
        onAnswer(asked, proxy)
        asked = ''
        if (!proxy.isBlocked) client.write(data)
      })
      for (const socket of [client, upstream]) {
        socket.on('error', () => undefined)
        socket.on('close', () => (client.destroy(), upstream.destroy()))
      }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new TcpProxy((server.address() as AddressInfo).port, server)
    return proxy
  }
}
