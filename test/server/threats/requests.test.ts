/** Threats 8, 11, 12, 13, 16 and 30: what is in a request, and what an error tells. */
import * as fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import type { Cluster, Server } from 'shardyard'
import { serve, type Ask } from '../../helpers/api'
import { openShippedCluster } from '../../helpers/shipped-cluster'

let cluster: Cluster
let server: Server
let ask: Ask
const EXPLAIN = { method: 'POST', url: '/api/v1/cluster/explain' } as const
const JSON_TYPE = { 'content-type': 'application/json' }

beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  ;({ server, ask } = await serve(cluster, { concurrency: 0, bodyBytesMax: 10_000 }))
})

/** Each operation of the API, with something for its parameters. */
function operations(): { method: string; url: string }[] {
  const { paths = {} } = server.app.swagger() as { paths?: Record<string, Record<string, unknown>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), url: path.replaceAll(/\{[^}]+\}/g, 'x1') })),
  )
}

test.each([
  ['a prototype', '{"__proto__":{"isAdmin":true}}', JSON_TYPE, 400],
  ['a constructor', '{"entity":"User","where":{"constructor":{"prototype":{"a":1}}}}', JSON_TYPE, 400],
  ['what is no JSON', '{"entity":', JSON_TYPE, 400],
  ['depth', `{"entity":"User","where":${'['.repeat(4_000)}${']'.repeat(4_000)}}`, JSON_TYPE, 422],
  ['too much', `{"entity":"${'x'.repeat(20_000)}"}`, JSON_TYPE, 413],
  ['another type', '<entity/>', { 'content-type': 'application/xml' }, 415],
  ['compressed bytes', Buffer.from('1f8b0800', 'hex'), { ...JSON_TYPE, 'content-encoding': 'gzip' }, 400],
  ['nothing', '', JSON_TYPE, 400],
])('a body with %s is refused', async (_name, payload, headers, status) => {
  const answer = await server.app.inject({ ...EXPLAIN, payload, headers })
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([status, 'application/problem+json'])
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
})

test('whatever is sent to any route, nothing answers with a fault of the server', async () => {
  const all = operations().filter(({ url }) => !url.startsWith('/docs') && url !== '/api/v1/stream')
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.string(),
    fc.constantFrom("' OR 1=1 --", '../../etc/passwd', '\u0000', 'http://169.254.169.254/', '=cmd()', 1e308, -1),
  )
  const names = [
    'entity',
    'where',
    'source',
    'into',
    'report',
    'format',
    'options',
    'name',
    'path',
    'root',
    'limit',
    'after',
    'sort',
    'upload',
  ]
  const body = fc.oneof(fc.dictionary(fc.constantFrom(...names), value), value)
  const query = fc.dictionary(
    fc.constantFrom('limit', 'after', 'state', 'kind', 'code', 'id[gte]', 'name[prefix]', '1;drop'),
    fc.string({ maxLength: 20 }),
  )
  const request = fc.record({ operation: fc.constantFrom(...all), body, query })
  await fc.assert(
    fc.asyncProperty(request, async ({ operation, body: given, query: asked }) => {
      const search = new URLSearchParams(asked).toString()
      const isRead = operation.method === 'GET' || operation.method === 'HEAD'
      const sent = isRead ? {} : { payload: JSON.stringify(given), headers: JSON_TYPE }
      const answer = await server.app.inject({
        ...operation,
        url: `${operation.url}?${search}`,
        ...sent,
      } as InjectOptions)
      if (answer.statusCode >= 500) throw new Error(`${operation.method} ${operation.url}: ${answer.body}`)
    }),
    { numRuns: 150 },
  )
})

test('a fault of the server tells a code and the id of the request, no path, no statement, no stack', async () => {
  const { server: broken } = await serve(cluster, { concurrency: 0 })
  const secret = "SELECT * FROM users WHERE email = 'ada@example.com'"
  broken.context.queue.list = async () => {
    throw Object.assign(new Error(`${secret} at /srv/app/users.js`), { query: secret })
  }
  const { statusCode, body } = await broken.app.inject('/api/v1/jobs')
  expect([statusCode, JSON.parse(body)]).toMatchObject([
    500,
    { code: 'INTERNAL', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  ])
  expect(body).not.toMatch(/SELECT|ada@|\/srv|at /)
})

test('no pattern of a schema can take long', async () => {
  const patterns = [...JSON.stringify(server.app.swagger()).matchAll(/"pattern":"((?:[^"\\]|\\.)*)"/g)].map(
    ([, text = '']) => JSON.parse(`"${text}"`) as string,
  )
  for (const pattern of patterns) {
    expect(pattern).not.toMatch(/[+*}]\)[+*{]/)
    const startedAt = performance.now()
    for (const text of ['a', '1', ' ', '-', 'a1']) new RegExp(pattern, 'u').test(`${text.repeat(5_000)}!`)
    expect(performance.now() - startedAt).toBeLessThan(500)
  }
})

test('a method that a path does not have is told with those it has', async () => {
  const answer = await ask({ method: 'DELETE', url: '/api/v1/jobs' })
  expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, HEAD'])
})
