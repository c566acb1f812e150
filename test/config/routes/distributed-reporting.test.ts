/** `POST /process-data`, `POST /generate-report`: the distributed reporting, line by line. */
import type { Cluster } from 'shardyard'
import { serve, type Ask } from '../../helpers/api'
import { openShippedCluster } from '../../helpers/shipped-cluster'

let cluster: Cluster
let ask: Ask
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  ask = (await serve(cluster, { concurrency: 0 })).ask
})

const post = (url: string, rest: object = {}) => ask({ method: 'POST', url, ...rest })
const reading = (name: string, value: unknown, second = 0) => ({
  source: 'sensor',
  metric_name: name,
  metric_value: value,
  created_at: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
})

test('a report of no readings is an empty one', async () => {
  const answer = await post('/generate-report')
  expect(answer.json()).toEqual({ status: 'Report generated', generated_at: expect.any(String), metrics: [] })
})

test('rows are stored, a row that comes again is a duplicate, and the report has their figures', async () => {
  const rows = [10, 20, 60].map((value, second) => reading('cpu', value, second))
  const answer = await post('/process-data', { payload: { rows } })
  expect([answer.statusCode, answer.json()]).toMatchObject([
    200,
    { status: 'Data processed successfully', counts: { accepted: 3, rejected: 0 }, rejects: [] },
  ])
  const again = await post('/process-data', { payload: [...rows, reading('disk', '1.5')] })
  expect(again.json()).toMatchObject({ counts: { accepted: 1, duplicate: 3 } })
  const report = await post('/generate-report')
  expect(report.json()).toMatchObject({
    status: 'Report generated',
    metrics: [
      { metric_name: 'cpu', avg_value: 30, max_value: 60, min_value: 10, count: 3, p50: 20, p95: 60 },
      { metric_name: 'disk', avg_value: 1.5, max_value: 1.5, min_value: 1.5, count: 1 },
    ],
  })
})

test('a row that is no reading is refused with its place, and keeps no other from being stored', async () => {
  const answer = await post('/process-data', { payload: [reading('cpu', 'much', 30), reading('cpu', 40, 31)] })
  expect([answer.statusCode, answer.json()]).toMatchObject([
    200,
    {
      status: '1 of 2 rows were refused',
      counts: { accepted: 1, rejected: 1 },
      rejects: [{ pointer: '#/0/metric_value', code: 'NOT_A_NUMBER' }],
    },
  ])
})

test('without a body 5,000 readings are made, and other ones at the next call', async () => {
  const made = [await post('/process-data'), await post('/process-data', { headers: { 'content-type': 'text/plain' } })]
  for (const answer of made) {
    const { status, counts } = answer.json<{ status: string; counts: Record<string, number> }>()
    expect(status).toBe('Data processed successfully')
    expect((counts['accepted'] ?? 0) + (counts['duplicate'] ?? 0)).toBe(5_000)
    expect(counts['accepted']).toBeGreaterThan(4_900)
  }
  const seeds = made.map((answer) => answer.json<{ seed: number }>().seed)
  expect(seeds[0]).not.toBe(seeds[1])
})

test('a call that is sent again with its Idempotency-Key makes no other readings', async () => {
  const call = () => post('/process-data', { headers: { 'idempotency-key': '"once"' } })
  const [first, again] = [await call(), await call()]
  expect(again.json()).toEqual(first.json())
  expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true', deprecation: '@1767225600' })
})

test('the same seed gives the same readings, which are stored once', async () => {
  const payload = { generate: 200, seed: 7 }
  const first = (await post('/process-data', { payload })).json<{ seed: number; counts: { accepted: number } }>()
  expect(first).toMatchObject({ seed: 7, counts: { accepted: expect.any(Number) } })
  expect(first.counts.accepted).toBeGreaterThan(190)
  expect((await post('/process-data', { payload })).json()).toMatchObject({ counts: { accepted: 0, duplicate: 200 } })
})

test.each([
  ['rows none of which is a reading', [{ nothing: 1 }], 422],
  ['no rows at all', [], 422],
  ['rows that are no objects', [1], 422],
  ['more readings than one call makes', { generate: 100_001 }, 422],
  ['a seed that is none', { generate: 1, seed: 0 }, 422],
  ['another object', { data: [] }, 422],
  ['broken JSON', '[', 400],
])('%s: a problem, and nothing is stored', async (_what, payload, status) => {
  const headers = { 'content-type': 'application/json' }
  const answer = await post('/process-data', { headers, payload: JSON.stringify(payload).replace(/^"\["$/, '[') })
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([status, 'application/problem+json'])
})

test('a row in a row in a row is refused', async () => {
  const deep = `[{"source":${'['.repeat(45_000)}${']'.repeat(45_000)}}]`
  const answer = await post('/process-data', { headers: { 'content-type': 'application/json' }, payload: deep })
  expect(answer.statusCode).toBe(422)
})

test('another media type than JSON is not taken', async () => {
  const answer = await post('/process-data', { headers: { 'content-type': 'text/csv' }, payload: 'a,b' })
  expect(answer.statusCode).toBe(415)
})

test.each(['/process-data', '/generate-report'])('only a POST to %s is allowed', async (url) => {
  const answer = await ask(url)
  expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'POST'])
})

test.each([
  ['/process-data', '/api/v1/ingestions'],
  ['/generate-report', '/api/v1/reports'],
])('%s says what has come after it', async (url, successor) => {
  const { headers } = await post(url, { payload: { generate: 1, seed: 1 } })
  expect(headers).toMatchObject({ deprecation: '@1767225600', link: `<${successor}>; rel="successor-version"` })
})
