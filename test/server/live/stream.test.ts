import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { Cluster, createServer, ingest, migrate, type ClusterDefinition, type Server } from 'shardyard'
import { definition } from 'shardyard/config'
import { removeAtEnd } from '../../helpers/cleanup'
import { serve } from '../../helpers/api'
import { LiveReader } from '../../helpers/live-reader'
import { openShippedCluster } from '../../helpers/shipped-cluster'
import { tempFolder } from '../../helpers/temp'

let cluster: Cluster
let server: Server
let address: string
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  server = await createServer(cluster, { concurrency: 0, folder: await tempFolder('stream') })
  address = await server.listen({ port: 0 })
})
afterAll(() => server.close())

const event = (value: unknown) => ({ source: 'client A', payload: { metric: 'clicks', value, ts: 1_704_067_200 } })

test('runs are told with their counts, whoever began them', async () => {
  const reader = await LiveReader.open(address)
  await reader.told('health')
  const account = await ingest(cluster, [[event(1), event(1), event('many')]], { into: 'Event' })
  const { data } = await reader.told('run', ({ id, state }) => id === account.id && state === 'complete')
  expect(data).toMatchObject({ kind: 'ingestion', entity: 'Event', records: 3, isBalanced: true })
  expect(data['counts']).toEqual({ accepted: 1, rejected: 1, duplicate: 1, blank: 0, header: 0 })
  const rates = await reader.told('rates')
  expect(Object.keys(rates.data['databases'] ?? {})).toEqual(['events'])
})

test('jobs are told when they come and when they change', async () => {
  const reader = await LiveReader.open(address)
  await reader.told('hello')
  const id = await server.context.queue.enqueue({ kind: 'mail', data: {} })
  await reader.told('job', (job) => job['id'] === id && job['state'] === 'pending')
  await server.context.queue.cancel(id)
  await reader.told('job', (job) => job['id'] === id && job['state'] === 'cancelled')
})

test('who comes back with the last id is told what they missed, and nothing twice', async () => {
  const first = await LiveReader.open(address)
  server.context.live.publish('faults', { items: [1] })
  const { id = '' } = await first.told('faults')
  first.leave()
  server.context.live.publish('faults', { items: [2] })
  const second = await LiveReader.open(address, { 'last-event-id': id })
  await second.told('faults', ({ items }) => String(items) === '2')
  expect(second.messages[0]).toMatchObject({
    event: 'hello',
    id: undefined,
    data: { server: server.context.live.life },
  })
  expect(second.messages.filter(({ id: one }) => one === id)).toEqual([])
})

test('who comes back to a server that was started anew is told to begin anew', async () => {
  const reader = await LiveReader.open(address, { 'last-event-id': 'ffffffff-12' })
  await reader.told('reset')
  expect(reader.messages.map(({ event: kind }) => kind).slice(0, 2)).toEqual(['hello', 'reset'])
})

test('proxies and caches leave the stream alone', async () => {
  const { response } = await LiveReader.open(address)
  expect(response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
  })
})

test('no more than so many may listen at once, and a stop ends them all', async () => {
  const { server: small } = await serve(cluster, { concurrency: 0, listenersMax: 1 })
  const own = await small.listen({ port: 0 })
  const first = await LiveReader.open(own)
  const refused = await fetch(`${own}/api/v1/stream`)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
  expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
  first.leave()
  await listenersAre(small, 0)
  const second = await LiveReader.open(own)
  await second.told('hello')
  await small.close()
  await second.ended
  expect(second.response.complete).toBe(true)
})

test('who does not read is dropped, and holds nobody else up', async () => {
  await listenersAre(server, 0)
  const deaf = await openDeaf(address)
  const reader = await LiveReader.open(address)
  await reader.told('hello')
  await listenersAre(server, 2)
  for (let count = 0; server.context.live.watchers > 1 && count < 1_000; count++) {
    server.context.live.publish('bulk', { count, text: 'x'.repeat(50_000) })
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  expect(server.context.live.watchers).toBe(1)
  server.context.live.publish('last', {})
  await reader.told('last')
  deaf.destroy()
  reader.leave()
})

test('a database that is down is told, and the rest goes on', async () => {
  const folder = await tempFolder('half')
  await writeFile(`${folder}/products.db`, 'This is no database. '.repeat(50))
  const names = Object.keys(definition.databases)
  const databases = Object.fromEntries(names.map((name) => [name, `sqlite:${folder}/${name}.db`]))
  const half = await Cluster.open({ ...definition, databases } as ClusterDefinition)
  removeAtEnd(() => half.close())
  await migrate(half, { databases: ['control', 'events'] })
  const { server: own } = await serve(half, { concurrency: 0 })
  const reader = await LiveReader.open(await own.listen({ port: 0 }))
  const { data } = await reader.told('health')
  expect(data['items']).toContainEqual(expect.objectContaining({ database: 'products', state: 'down' }))
  await ingest(half, [[event(1)]], { into: 'Event' })
  await reader.told('run', ({ state, isBalanced }) => state === 'complete' && isBalanced === true)
})

/** Waits until so many listen; those of the test before are gone by then. */
async function listenersAre({ context }: Server, count: number): Promise<void> {
  while (context.live.watchers !== count) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Asks for the stream and never reads it. */
async function openDeaf(where: string): Promise<Socket> {
  const { hostname, port } = new URL(where)
  const socket = connect({ host: hostname, port: Number(port) }).pause()
  removeAtEnd(async () => void socket.destroy())
  socket.on('error', () => undefined)
  socket.write('GET /api/v1/stream HTTP/1.1\r\nhost: localhost\r\n\r\n')
  return socket
}
