import type { Cluster, Server } from 'shardyard'
import { definition } from 'shardyard/config'
import { defineServer } from 'shardyard'
import { serve } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'

let cluster: Cluster
let servers: readonly [Server, Server]
let answer: (body: unknown) => Promise<{ status: number; body: object }> | { status: number; body: object }
let calls = 0

const counted = defineServer({
  routes: [
    async () => async (app) => {
      const { replayPosts } =
        require('shardyard/src/server/idempotency') as typeof import('shardyard/src/server/idempotency')
      await app.register(async (scope) => {
        replayPosts(scope, { cluster, options: { requestMs: 300 } } as never)
        scope.post('/count', { config: { scope: 'none' } }, async ({ body, jobKey }, reply) => {
          calls += 1
          const told = await answer(body)
          return reply
            .status(told.status)
            .header('location', `/made/${calls}`)
            .send({ ...told.body, hasJob: jobKey !== undefined })
        })
      })
    },
  ],
})

beforeAll(async () => {
  cluster = (await openShippedCluster({ server: counted })).cluster
  const options = { concurrency: 0 }
  servers = [(await serve(cluster, options)).server, (await serve(cluster, options)).server]
})
beforeEach(() => {
  calls = 0
  answer = () => ({ status: 202, body: { number: calls } })
})

let key = 0
const fresh = () => `"key ${++key}"`
const post = (idempotencyKey: string, payload: object = {}, { server = 0, headers = {} } = {}) =>
  (servers[server] as Server).app.inject({
    method: 'POST',
    url: '/count',
    headers: { 'idempotency-key': idempotencyKey, ...headers },
    payload,
  })

test('a request that is sent again is done once, and answered alike by every server', async () => {
  const own = fresh()
  const first = await post(own, { a: 1 })
  const again = await post(own, { a: 1 }, { server: 1 })
  expect([first.statusCode, first.json(), calls]).toEqual([202, { number: 1, hasJob: true }, 1])
  expect([again.statusCode, again.json(), again.headers['location']]).toEqual([202, first.json(), '/made/1'])
  expect([first.headers['idempotent-replayed'], again.headers['idempotent-replayed']]).toEqual([undefined, 'true'])
})

test('a key is refused for another body, and means nothing to another client', async () => {
  const own = fresh()
  await post(own, { a: 1 })
  expect((await post(own, { a: 2 })).json()).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' })
  expect((await post(own, { a: 2 }, { headers: { 'x-api-key': 'other' } })).statusCode).toBe(202)
})

test('while a request is at work the second is told to come again', async () => {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  answer = async () => ended.then(() => ({ status: 202, body: {} }))
  const own = fresh()
  const first = post(own)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const second = await post(own, {}, { server: 1 })
  expect([second.statusCode, second.headers['retry-after'], second.json().code]).toEqual([409, '1', 'CONFLICT'])
  end()
  expect([(await first).statusCode, (await post(own)).statusCode, calls]).toEqual([202, 202, 1])
})

test('a request whose server has died is done again when its time has run out', async () => {
  const own = fresh()
  answer = () => new Promise(() => undefined)
  void post(own).catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 350))
  answer = () => ({ status: 202, body: {} })
  expect([(await post(own, {}, { server: 1 })).statusCode, calls]).toEqual([202, 2])
})

test('a job is made once, also when the server dies before it has kept its answer', async () => {
  const own = fresh()
  const simulate = () =>
    (servers[0] as Server).app.inject({
      method: 'POST',
      url: '/api/v1/simulations',
      headers: { 'idempotency-key': own },
      payload: { count: 10 },
    })
  const first = await simulate()
  await cluster.database('control').query('DELETE FROM shardyard_idempotency')
  const second = await simulate()
  expect([first.statusCode, second.statusCode]).toEqual([202, 202])
  expect(second.headers['location']).toBe(first.headers['location'])
})

test.each([500, 503, 422, 404])('an answer with the status %d is not kept', async (status) => {
  const own = fresh()
  answer = () => ({ status, body: {} })
  expect((await post(own)).statusCode).toBe(status)
  answer = () => ({ status: 201, body: {} })
  expect([(await post(own)).statusCode, calls]).toEqual([201, 2])
})

test.each(['bare', '""', '"open', '"ü"', `"${'x'.repeat(256)}"`])('the key %s is refused', async (wrong) => {
  expect((await post(wrong)).json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID' })
})

test('a day later the key may be used anew, and what is old is pruned', async () => {
  const own = fresh()
  await post(own, { a: 1 })
  const control = cluster.database(definition.control ?? 'control')
  await control.query(`UPDATE shardyard_idempotency SET "createdAt" = "createdAt" - 86400001`)
  expect([(await post(own, { a: 2 })).statusCode, calls]).toEqual([202, 2])
  const { IdempotencyStore } =
    require('shardyard/src/pipeline/idempotency/idempotency-store') as typeof import('shardyard/src/pipeline/idempotency/idempotency-store')
  expect(await new IdempotencyStore(cluster, 1).prune()).toBeGreaterThan(0)
  expect((await post(own, { a: 2 })).headers['idempotent-replayed']).toBe('true')
})
