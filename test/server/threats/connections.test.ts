/** Threat 19: connections that are slow, half-open, or no HTTP at all. */
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as fc from 'fast-check'
import type { Cluster } from 'shardyard'
import { serve } from '../../helpers/api'
import { removeAtEnd } from '../../helpers/cleanup'
import { openShippedCluster } from '../../helpers/shipped-cluster'
import { portOf, sendRaw, statusOf } from './raw'

let cluster: Cluster
/** Of a server that waits 300 ms for a request. */
let port: number
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  port = await portOf((await serve(cluster, { concurrency: 0, requestMs: 300 })).server)
})

async function mountedPort(): Promise<number> {
  const { server } = await serve(cluster, { concurrency: 0, requestMs: 300 })
  const own = createServer(server.handler).listen(0, '127.0.0.1')
  removeAtEnd(async () => void own.close())
  await once(own, 'listening')
  return (own.address() as AddressInfo).port
}

test('headers that come in drop by drop are cut off, while others are answered', async () => {
  const slow = await sendRaw(port, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n')
  const drops = setInterval(() => slow.socket.write('x: y\r\n'), 50)
  expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200)
  const { text, isOpen } = await slow.end()
  clearInterval(drops)
  expect([statusOf(text), isOpen]).toEqual([[408, 'REQUEST_TIMEOUT'], false])
})

test.each(['of its own', 'of an application'])(
  'a body that comes in drop by drop is cut off by a server %s',
  async (by) => {
    const head =
      'POST /api/v1/cluster/explain HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n{'
    const slow = await sendRaw(by === 'of its own' ? port : await mountedPort(), head)
    const drops = setInterval(() => slow.socket.write(' '), 50)
    const { text, isOpen } = await slow.end()
    clearInterval(drops)
    expect([statusOf(text), isOpen]).toEqual([[408, 'REQUEST_TIMEOUT'], false])
  },
)

test.each([
  ['of bytes', '/api/v1/uploads?name=a.csv', 'application/octet-stream', '', ''],
  [
    'by a form',
    '/api/v1/uploads',
    'multipart/form-data; boundary=b',
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n',
    '\r\n--b--\r\n',
  ],
])('an upload %s that takes longer than a body may, but goes on, is taken', async (_, path, type, head, tail) => {
  const request = httpRequest({ port, path, method: 'POST', headers: { 'content-type': type } })
  request.write(head)
  for (let line = 0; line < 20; line++) {
    request.write(`line ${line}\n`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  request.end(tail)
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  answer.resume()
  expect(answer.statusCode).toBe(201)
})

test('a connection that says nothing after its answer is closed', async () => {
  const idle = await sendRaw(port, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const { text, isOpen } = await idle.end(3_000)
  expect([statusOf(text)[0], isOpen]).toEqual([200, false])
})

test('a connection over the limit is closed', async () => {
  const full = await portOf((await serve(cluster, { concurrency: 0, connectionsMax: 2 })).server)
  const idle = [await sendRaw(full, ''), await sendRaw(full, '')]
  const third = await sendRaw(full, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
  expect(await third.end(2_000)).toEqual({ text: '', isOpen: false })
  for (const { socket } of idle) socket.destroy()
})

test.each([
  ['no HTTP', 'HELO you\r\n\r\n', 400],
  ['a header that is too large', `GET /livez HTTP/1.1\r\nHost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
  ['two lengths', 'POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
  [
    'a length beside chunks',
    'POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
  ['a line break in a header', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nx: a\nb\r\n\r\n', 400],
  ['a path that cannot be read', 'GET /%ff%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
])('%s is refused', async (_name, bytes, status) => {
  const { text } = await (await sendRaw(port, bytes)).end(3_000)
  expect([statusOf(text)[0], text.includes('node_modules')]).toEqual([status, false])
})

test('whatever bytes come, the answer is a refusal and the server lives', async () => {
  const words = [
    'GET',
    'POST',
    '/api/v1/jobs',
    '/livez',
    ' ',
    '\r\n',
    ':',
    'HTTP/1.1',
    'Host',
    'localhost',
    'Content-Length',
    '\u0000',
    '%',
    '{',
    '"',
    '-1',
  ]
  const bytes = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 })), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(bytes, async (parts) => {
      const connection = await sendRaw(port, `${parts.join('')}\r\n\r\n\r\n`)
      connection.socket.end()
      const [status] = statusOf((await connection.end(2_000)).text)
      return status < 500
    }),
    { numRuns: 60 },
  )
  expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200)
})
