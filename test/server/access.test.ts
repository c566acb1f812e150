import type { FastifyInstance, InjectOptions } from 'fastify'
import { Cluster, defineCluster, defineServer, makeKey, migrate, revokeKey, type KeyScope } from 'shardyard'
import { KeyRing } from 'shardyard/src/pipeline/keys/key-ring'
import { TcpProxy } from '../commands/tcp-proxy'
import { serve } from '../helpers/api'
import { removeAtEnd } from '../helpers/cleanup'
import { ENGINES } from '../helpers/engines'
import { openShippedCluster } from '../helpers/shipped-cluster'

const KEYS = (text: string) => [
  { authorization: `Bearer ${text}` },
  { authorization: `bearer  ${text}` },
  { 'x-api-key': text },
]

async function openGuarded(...scopes: KeyScope[]) {
  const { cluster } = await openShippedCluster()
  const { key, text } = await makeKey(cluster, { name: 'office', scopes })
  const { ask } = await serve(cluster, { concurrency: 0 })
  const status = async (request: InjectOptions) => {
    const answer = await ask(request)
    return [answer.statusCode, answer.json<{ code?: string }>().code]
  }
  return { cluster, key, text, ask, status }
}

/** Of a server with one key, of the scope `read`. */
let guarded: Awaited<ReturnType<typeof openGuarded>>
beforeAll(async () => {
  guarded = await openGuarded('read')
})

test('without keys everybody may do everything', async () => {
  const { ask } = await serve((await openShippedCluster()).cluster, { concurrency: 0 })
  expect((await ask('/api/v1/jobs')).statusCode).toBe(200)
  expect((await ask('/api/v1/me')).json()).toEqual({ needsKey: false, scopes: ['read', 'ingest', 'admin', 'faults'] })
})

test('once a key was made, a request needs one that has the scope of its route', async () => {
  const { text, ask, status } = guarded
  const none = await ask('/api/v1/jobs')
  expect([none.statusCode, none.headers['www-authenticate'], none.json()]).toMatchObject([
    401,
    'Bearer',
    { code: 'KEY_MISSING' },
  ])
  for (const headers of KEYS(text)) expect(await status({ url: '/api/v1/jobs', headers })).toEqual([200, undefined])
  const retry = { method: 'POST', url: '/api/v1/jobs/j1/retry', headers: { 'x-api-key': text } } as const
  expect(await status(retry)).toEqual([403, 'SCOPE_MISSING'])
})

test('a wrong key is refused, and one in the URL too', async () => {
  const { text, status } = guarded
  const wrong = `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`
  for (const other of [wrong, text.slice(0, -1), 'sy_', text.toUpperCase(), '', `${text} ${text}`])
    expect(await status({ url: '/api/v1/jobs', headers: { 'x-api-key': other } })).toEqual([401, 'KEY_UNKNOWN'])
  expect(await status({ url: `/api/v1/jobs?api_key=${text}` })).toEqual([400, 'REQUEST_INVALID'])
})

test('a key is told by /me, also that it is none', async () => {
  const { text, ask, status } = guarded
  expect((await ask({ url: '/api/v1/me', headers: { 'x-api-key': text } })).json()).toEqual({
    needsKey: true,
    scopes: ['read'],
  })
  expect((await ask('/api/v1/me')).json()).toEqual({ needsKey: true, scopes: [] })
  expect(await status({ url: '/api/v1/me', headers: { 'x-api-key': 'x' } })).toEqual([401, 'KEY_UNKNOWN'])
})

test('whoever guesses keys is stopped after a while, and told when to go on', async () => {
  const { ask } = guarded
  const codes = new Set<number>()
  for (let at = 0; at < 61; at++)
    codes.add((await ask({ url: '/api/v1/jobs', headers: { 'x-api-key': 'x' } })).statusCode)
  expect([...codes]).toEqual([401, 429])
})

test('a revoked key is refused within a few seconds, and with the last one revoked nobody gets in', async () => {
  const { cluster, key, text } = guarded
  const ring = new KeyRing(cluster, { freshMs: 20 })
  expect(await ring.check(text)).toMatchObject({ id: key.id, name: 'office' })
  await revokeKey(cluster, key.id)
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect([await ring.check(text), await ring.isAnyMade()]).toEqual([undefined, true])
})

test('a key works as soon as it was made', async () => {
  const { cluster } = guarded
  const ring = new KeyRing(cluster)
  expect(await ring.isAnyMade()).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, 210))
  const { text } = await makeKey(cluster, { name: 'new', scopes: ['read'] })
  expect(await ring.check(text)).toMatchObject({ name: 'new' })
})

test('a key that has expired is refused', async () => {
  const { cluster } = guarded
  const expiresAt = new Date(Date.now() + 1_000)
  const { text } = await makeKey(cluster, { name: 'brief', scopes: ['read'], expiresAt })
  const ring = new KeyRing(cluster)
  expect(await ring.check(text)).toMatchObject({ name: 'brief' })
  await new Promise((resolve) => setTimeout(resolve, expiresAt.getTime() - Date.now() + 10))
  expect(await ring.check(text)).toBeUndefined()
})

test('while control is away a known key goes on working for a time, and an unknown one is not judged', async () => {
  const postgres = ENGINES.find(({ name }) => name === 'postgres') as (typeof ENGINES)[number]
  const proxy = await TcpProxy.open((await postgres.createDatabase('keys outage')).url)
  const cluster = await Cluster.open(defineCluster({ databases: { control: proxy.url }, placement: [] }))
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  const { key, text } = await makeKey(cluster, { name: 'office', scopes: ['read'] })
  const ring = new KeyRing(cluster, { freshMs: 10, staleMs: 500 })
  await ring.check(text)
  proxy.down()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(await ring.check(text)).toMatchObject({ id: key.id })
  const other = `sy_000000000000_${'A'.repeat(43)}`
  await expect(ring.check(other)).rejects.toMatchObject({ code: 'SY_DATABASE_DOWN' })
  await new Promise((resolve) => setTimeout(resolve, 500))
  await expect(ring.check(text)).rejects.toMatchObject({ code: 'SY_DATABASE_DOWN' })
})

test('a route that says no scope keeps the server from starting', async () => {
  const { cluster } = await openShippedCluster({
    server: defineServer({
      routes: [async () => async (app: FastifyInstance) => void app.get('/open', async () => 1)],
    }),
  } as never)
  await expect(serve(cluster, { concurrency: 0 })).rejects.toThrow('GET /open')
})

test('others than this machine reach the server only when keys are asked for', async () => {
  const { cluster } = await openShippedCluster()
  const { server } = await serve(cluster, { concurrency: 0 })
  await expect(server.listen({ port: 0, host: '0.0.0.0' })).rejects.toMatchObject({
    code: 'SY_OPTION_INVALID',
    message: expect.stringContaining('keys create'),
  })
  expect(await server.listen({ port: 0 })).toContain('http://127.0.0.1:')
  const { server: always } = await serve(cluster, { concurrency: 0, keys: 'always' })
  expect(await always.listen({ port: 0, host: '0.0.0.0' })).toContain('http://')
})
