import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LiveHub } from 'shardyard/src/server/live/live-hub'
import { LiveListeners } from 'shardyard/src/server/live/live-listeners'
import { removeAtEnd } from '../../helpers/cleanup'
import { LiveReader } from '../../helpers/live-reader'

/** Serves the stream to listeners as long as `mayGoOn` says. */
async function listenWith(mayGoOn: () => Promise<boolean>): Promise<LiveReader> {
  const listeners = new LiveListeners(new LiveHub(), { max: 10, heartbeatMs: 20 })
  const server = createServer((_request, response) => {
    response.writeHead(200)
    listeners.add(response, { lastId: undefined, mayGoOn })
  }).listen(0, '127.0.0.1')
  removeAtEnd(async () => void server.close())
  await once(server, 'listening')
  return LiveReader.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

test('a connection on which nothing happens is kept by comments', async () => {
  const { response } = await listenWith(() => Promise.resolve(true))
  let text = ''
  response.on('data', (more: string) => (text += more))
  while ((text.match(/: still here\n\n/g) ?? []).length < 2) await once(response, 'data')
  expect(text).not.toContain('event: reset')
})

test('a listener whose key is revoked ends', async () => {
  let isRevoked = false
  const reader = await listenWith(() => Promise.resolve(!isRevoked))
  await reader.told('hello')
  isRevoked = true
  await reader.ended
  expect(reader.response.complete).toBe(true)
})
