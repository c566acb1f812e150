import type { Cluster } from 'shardyard'
import { serve, type Ask } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'

let cluster: Cluster
let ask: Ask
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  ask = (await serve(cluster, { concurrency: 0, bodyBytesMax: 2_000 })).ask
})

const JSON_TYPE = { 'content-type': 'application/json' }
const NDJSON_TYPE = { 'content-type': 'application/x-ndjson' }
const event = (client: string, amount: number) =>
  JSON.stringify({ client, metric: 'clicks', amount, timestamp: '2024-01-01T00:00:00Z' })
const post = (payload: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
  ask({ method: 'POST', url: '/api/v1/events', headers, payload })
const postBatch = async (payload: string) =>
  (await ask({ method: 'POST', url: '/api/v1/events/batch', headers: NDJSON_TYPE, payload })).body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('an event is stored once, and told as a replay when it comes again', async () => {
  const first = await post(event('once', 1))
  const second = await post(event('once', 1))
  expect([first.statusCode, first.json()]).toEqual([201, { status: 'accepted', id: expect.stringMatching(/^\d+$/) }])
  expect([second.statusCode, second.json()]).toEqual([200, { ...first.json(), status: 'duplicate' }])
  expect([first.headers['idempotent-replayed'], second.headers['idempotent-replayed']]).toEqual([undefined, 'true'])
})

test('an event that breaks a rule is refused with its reasons, and stands among the rejects', async () => {
  const refused = await post('{"client":"bad","timestamp":"never","amount":1}')
  const { status, code, errors, rejectId } = refused.json()
  expect([status, code, errors[0].pointer]).toEqual([422, 'INVALID', '#/timestamp'])
  expect(rejectId).toMatch(/^[0-9a-z]+:0:\d+$/)
  const [latest] = (await ask('/api/v1/events?limit=1')).json().items
  expect(latest).toMatchObject({ outcome: 'rejected', codes: [errors[0].code], id: null })
})

test.each([
  ['no JSON', 'hello', 400, 'INVALID_JSON'],
  ['nothing', '', 400, 'INVALID_JSON'],
  ['a list', '[1]', 422, 'NOT_AN_OBJECT'],
  ['a key that stands twice', '{"client":"a","client":"b"}', 422, 'DUPLICATE_KEY'],
  ['the prototype', '{"__proto__":{}}', 422, 'FORBIDDEN_KEY'],
  ['a deep body', `${'{"a":'.repeat(80)}1${'}'.repeat(80)}`, 422, 'TOO_DEEP'],
])('%s is refused', async (_what, body, status, code) => {
  const refused = await post(body)
  expect(refused.statusCode).toBe(status)
  expect(refused.json().errors).toEqual(expect.arrayContaining([expect.objectContaining({ code })]))
})

test('a body of another type, a packed one and one that is too long are refused', async () => {
  expect((await post(event('x', 1), { 'content-type': 'text/plain' })).statusCode).toBe(415)
  expect((await post(event('x', 1), { ...JSON_TYPE, 'content-encoding': 'gzip' })).statusCode).toBe(415)
  expect((await post(event('x'.repeat(3_000), 1))).statusCode).toBe(413)
})

test('a batch is answered line by line, with an end', async () => {
  const tooLong = JSON.stringify({ client: 'x'.repeat(3_000) })
  const answer = await postBatch([event('batch', 1), '', '{}', tooLong, event('batch', 1), 'no'].join('\n'))
  expect(answer.map(({ status }) => status)).toEqual([
    'accepted',
    'rejected',
    'rejected',
    'duplicate',
    'rejected',
    undefined,
  ])
  expect(answer[2]).toMatchObject({ errors: [{ code: 'LINE_TOO_LONG' }] })
  expect(answer.at(-1)).toEqual({ _end: true, count: 5 })
  expect(await postBatch('')).toEqual([{ _end: true, count: 0 }])
})

test('the latest records are paged without a gap, and totals are exact', async () => {
  await postBatch([event('totals', 0.1), event('totals', 0.2), event('zero', 0)].join('\n'))
  const all = (await ask('/api/v1/events?limit=1000')).json()
  const paged = []
  for (let next: string | null = ''; next !== null; ) {
    const page: { items: unknown[]; next: string | null } = (
      await ask(`/api/v1/events?limit=2${next === '' ? '' : `&after=${next}`}`)
    ).json()
    paged.push(...page.items)
    next = page.next
  }
  expect(paged).toEqual(all.items)
  const totals = (await ask('/api/v1/events/totals?after=once')).json()
  expect(totals).toEqual({
    by: 'client',
    sum: 'amount',
    items: [
      { key: 'totals', count: 2, total: '0.30' },
      { key: 'zero', count: 1, total: '0.00' },
    ],
    next: null,
  })
  expect((await ask('/api/v1/events?after=here')).statusCode).toBe(400)
})
