import type { Cluster, Server } from 'shardyard'
import { serve, type Ask } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'

let cluster: Cluster
let server: Server
let ask: Ask
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  const served = await serve(cluster, { concurrency: 0, mayFail: true })
  server = served.server
  ask = served.ask
})
afterEach(async () => {
  for (const { point } of server.context.faults.list()) server.context.faults.clear(point)
})

const body = (id: number) => JSON.stringify({ client: `f${id}`, amount: 1, timestamp: '2024-01-01T00:00:00Z' })
const event = (id: number) => ({
  method: 'POST' as const,
  url: '/api/v1/events',
  headers: { 'content-type': 'application/json' },
  payload: body(id),
})
const put = (point: string, payload: object) => ({ method: 'PUT' as const, url: `/api/v1/faults/${point}`, payload })

test('while a point fails events are answered with 503, and once it works again they are stored once', async () => {
  const told: unknown[] = []
  const unwatch = server.context.live.watch(({ kind, data }) => kind === 'faults' && told.push([kind, data]))
  const on = await ask(put('before-commit', { action: 'unavailable' }))
  expect(on.json()).toMatchObject({ mayFail: true, items: [{ point: 'before-commit', share: 100 }] })
  const down = await ask(event(1))
  expect([down.statusCode, down.headers['retry-after'], down.json().code]).toEqual([503, '5', 'UNAVAILABLE'])
  expect((await ask({ method: 'DELETE', url: '/api/v1/faults/before-commit' })).statusCode).toBe(204)
  expect((await ask(event(1))).statusCode).toBe(201)
  expect((await ask(event(1))).statusCode).toBe(200)
  unwatch()
  expect(told).toEqual([
    ['faults', { items: [expect.objectContaining({ point: 'before-commit' })] }],
    ['faults', { items: [] }],
  ])
})

test('when only the answer to the commit is lost, nobody notices', async () => {
  await ask(put('committed', { action: 'unavailable' }))
  const first = await ask(event(2))
  expect([first.statusCode, first.json()]).toEqual([201, { status: 'accepted', id: expect.any(String) }])
})

test('a fault ends by itself', async () => {
  const { items } = (await ask(put('part-read', { action: 'unavailable', share: 40, seconds: 1 }))).json()
  expect(Date.parse(items[0].until) - Date.now()).toBeLessThanOrEqual(2_000)
  await new Promise((resolve) => setTimeout(resolve, Date.parse(items[0].until) - Date.now() + 5))
  expect((await ask('/api/v1/faults')).json().items).toEqual([])
})

test('faults are refused where the server may not fail, in production, and at points that are not there', async () => {
  const without = await serve(cluster, { concurrency: 0 })
  expect((await without.ask(put('part-read', { action: 'unavailable' }))).json().code).toBe('FAULTS_REFUSED')
  expect((await without.ask('/api/v1/faults')).json()).toMatchObject({ mayFail: false, items: [] })
  expect((await ask(put('nowhere', { action: 'unavailable' }))).statusCode).toBe(404)
  expect((await ask(put('part-read', { action: 'exit' }))).statusCode).toBe(422)
  expect((await ask(put('part-read', { action: 'unavailable', seconds: 3_601 }))).statusCode).toBe(422)
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  expect((await ask(put('part-read', { action: 'unavailable' }))).statusCode).toBe(403)
  process.env['NODE_ENV'] = before
})
