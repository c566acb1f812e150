import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { startCommand } from '../helpers/command'
import { removeAtEnd } from '../helpers/cleanup'
import { tempFolder } from '../helpers/temp'

const LISTENERS = 10_000
const AT_ONCE = 200
const HELLO_MS = 120_000
const ASK = 'GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n'

/** A listener that has been greeted. */
async function listen(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  removeAtEnd(async () => void socket.destroy())
  await once(socket, 'connect')
  socket.write(ASK)
  const signal = AbortSignal.timeout(HELLO_MS)
  for (let text = ''; !text.includes('event: hello'); ) text += String((await once(socket, 'data', { signal }))[0])
  return socket
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
}

// Linux tells the memory of another process, and its limit of open files is high enough.
const testOnLinux = process.platform === 'linux' ? test : test.skip

testOnLinux(
  `${LISTENERS} idle listeners are borne: others are answered, one more is refused, and the server ends when told`,
  async () => {
    const server = startCommand(['shardyard', 'serve', '--port', '0', '--no-log'], {
      cwd: await tempFolder('listeners'),
    })
    let out = ''
    for (; !out.includes('Serving at'); ) out += String((await once(server.stdout, 'data'))[0])
    const port = Number(/:(\d+)\. /.exec(out)?.[1])
    const before = residentMiB(server.pid ?? 0)
    const sockets: Socket[] = []
    while (sockets.length < LISTENERS)
      sockets.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => listen(port)))))
    const eachKiB = ((residentMiB(server.pid ?? 0) - before) * 1_024) / LISTENERS
    process.stdout.write(`${LISTENERS} listeners: ${eachKiB.toFixed(1)} KiB of the server's memory each\n`)
    expect(eachKiB).toBeLessThan(40)
    const startedAt = performance.now()
    expect((await fetch(`http://127.0.0.1:${port}/api/v1/jobs`)).status).toBe(200)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    const refused = await fetch(`http://127.0.0.1:${port}/api/v1/stream`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
    const ended = once(server, 'exit')
    server.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  },
  300_000,
)
