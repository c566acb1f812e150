import { connect, type Socket } from 'node:net'
import type { Server } from 'shardyard'
import { removeAtEnd } from '../../helpers/cleanup'

/** The port of a server that listens from now on. */
export async function portOf(server: Server): Promise<number> {
  return Number(new URL(await server.listen({ port: 0 })).port)
}

/** A connection that was opened, and what has come over it. */
export interface RawConnection {
  readonly socket: Socket
  /** What has come until the other side closed, or `limitMs` were over; then `isOpen` is true. */
  end(limitMs?: number): Promise<{ readonly text: string; readonly isOpen: boolean }>
}

/** Sends bytes as they are, right or wrong. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  removeAtEnd(async () => void socket.destroy())
  let text = ''
  socket.on('data', (data) => (text += data.toString('latin1')))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write(bytes)
  return {
    socket,
    async end(limitMs = 5_000) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(true), limitMs)))
      const isOpen = await Promise.race([closed.then(() => false), late])
      clearTimeout(timer)
      return { text, isOpen }
    },
  }
}

/** The status of an answer, and the code of its problem. */
export function statusOf(text: string): readonly [number, string | undefined] {
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)
  return [status, /"code":"([A-Z_]+)"/.exec(text)?.[1]]
}
