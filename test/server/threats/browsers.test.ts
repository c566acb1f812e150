/** Threats 9 and 24: pages of others in the browser of a user, and what a page of ours may do. */
import type { Cluster } from 'shardyard'
import { serve, type Ask } from '../../helpers/api'
import { openShippedCluster } from '../../helpers/shipped-cluster'

let cluster: Cluster
let ask: Ask
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  ;({ ask } = await serve(cluster, { concurrency: 0, hosts: ['yard.example.com'] }))
})

test.each([
  ['localhost:3000', 200],
  ['127.0.0.1', 200],
  ['[::1]:3000', 200],
  ['yard.localhost:3000', 200],
  ['10.1.2.3:80', 200],
  ['yard.example.com', 200],
  ['YARD.example.com:443', 200],
  ['evil.example', 400],
  ['yard.example.com.evil.example', 400],
  ['127.0.0.1.evil.example', 400],
  ['localhost:3000@evil.example', 400],
  ['localhost:', 400],
])('called by the name %j the server answers %i', async (host, status) => {
  const answer = await ask({ url: '/api/v1/me', headers: { host } })
  expect([answer.statusCode, answer.json<{ code?: string }>().code]).toEqual([
    status,
    status === 400 ? 'HOST_REFUSED' : undefined,
  ])
})

test.each([
  [{ origin: 'http://localhost:3000' }, 404],
  [{}, 404],
  [{ origin: 'https://yard.example.com' }, 404],
  [{ origin: 'http://localhost:4000' }, 403],
  [{ origin: 'https://evil.example' }, 403],
  [{ origin: 'null' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
])('a change asked for with %j is answered with %i', async (headers, status) => {
  const answer = await ask({
    method: 'POST',
    url: '/api/v1/jobs/j1/cancel',
    headers: { host: 'localhost:3000', ...headers },
  })
  expect(answer.statusCode).toBe(status)
})

test('no answer may be read, framed or run by pages of others', async () => {
  for (const url of ['/api/v1/jobs', '/livez', '/nothing', '/api/v1/jobs/j1']) {
    const { headers } = await ask({ url, headers: { origin: 'https://evil.example' } })
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'referrer-policy': 'no-referrer',
    })
    expect(headers['access-control-allow-origin']).toBeUndefined()
  }
  const { headers: posted } = await ask({ method: 'POST', url: '/api/v1/jobs/j1/cancel' })
  expect(posted['x-content-type-options']).toBe('nosniff')
  const { headers } = await ask('/docs/static/index.html')
  expect(headers['content-security-policy']).toMatch(/script-src 'self';.*frame-ancestors 'none'/)
})

interface Documented {
  readonly paths: Readonly<
    Record<string, { readonly post?: { readonly responses: Readonly<Record<string, unknown>> } }>
  >
}

test('nothing that is posted is answered with a page', async () => {
  const { paths } = (await ask('/openapi.json')).json<Documented>()
  const answers = Object.entries(paths).flatMap(([path, { post }]) =>
    Object.values(post?.responses ?? {}).flatMap((answer) =>
      Object.keys((answer as { readonly content?: object }).content ?? {}).map((type) => `${path} ${type}`),
    ),
  )
  expect(answers.length).toBeGreaterThan(20)
  expect(answers.filter((answer) => !/ application\/(problem\+|x-nd)?json$/.test(answer))).toEqual([])
})

test('a client that asks too much is told how long to wait', async () => {
  const { ask: askLimited } = await serve(cluster, { concurrency: 0, requestsPerMinute: 3 })
  const statuses = []
  for (let at = 0; at < 4; at++) statuses.push((await askLimited('/api/v1/me')).statusCode)
  const { headers, body } = await askLimited('/api/v1/jobs')
  expect([statuses, body]).toEqual([[200, 200, 200, 429], expect.stringContaining('TOO_MANY_REQUESTS')])
  expect(Number(headers['retry-after'])).toBeGreaterThan(0)
})

test('a client without a key is refused for little, and as often as any other', async () => {
  const { ask: askGuarded } = await serve(cluster, { concurrency: 0, requestsPerMinute: 3, keys: 'always' })
  const statuses = []
  for (let at = 0; at < 4; at++) statuses.push((await askGuarded('/api/v1/jobs')).statusCode)
  expect(statuses).toEqual([401, 401, 401, 429])
})
