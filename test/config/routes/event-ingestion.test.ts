/** `POST /ingest`, `GET /analytics`, `GET /events`: the fault-tolerant ingestion, line by line. */
import { createHash } from 'node:crypto'
import type { LightMyRequestResponse } from 'fastify'
import type { Cluster } from 'shardyard'
import { serve, type Ask } from '../../helpers/api'
import { openShippedCluster } from '../../helpers/shipped-cluster'

let cluster: Cluster
let ask: Ask
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  ask = (await serve(cluster, { concurrency: 0 })).ask
})

const post = (payload: unknown, contentType = 'application/json'): Promise<LightMyRequestResponse> =>
  ask({
    method: 'POST',
    url: '/ingest',
    headers: { 'content-type': contentType },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })

let made = 0
/** An event that none is like. */
const event = (payload: object = {}) => ({
  source: 'client_T',
  payload: { metric: `m${made++}`, value: 1, timestamp: '2024-01-01T10:00:00Z', ...payload },
})

const REFERENCE = {
  source: 'client_A',
  payload: { metric: 'click_event', value: 1200, timestamp: '2024-01-01T10:00:00Z', extra_field: 'some data' },
}
const DEDUPLICATED = { status: 'success', message: 'Event processed (deduplicated)', deduplicated: true }

test('before anything was stored there is nothing to tell', async () => {
  for (const url of ['/analytics', '/events']) expect((await ask(url)).json()).toEqual([])
})

describe('an event that is posted', () => {
  test('is stored once: 201 with its id, then 200 as a duplicate, also when a failure is asked for', async () => {
    const first = await post({ event: REFERENCE })
    expect([first.statusCode, first.json()]).toEqual([201, { status: 'success', id: expect.any(Number) }])
    for (const simulateFailure of [false, true]) {
      const again = await post({ event: REFERENCE, simulateFailure })
      expect([again.statusCode, again.json()]).toEqual([200, DEDUPLICATED])
    }
  })

  test('is known again whatever its white space and the spelling of its numbers, but not with another order of keys', async () => {
    const text = '{"source":"client_S","payload":{"metric":"m","value":1200,"timestamp":"2024-01-01T10:00:00Z"}}'
    expect((await post(`{"event":${text}}`)).statusCode).toBe(201)
    const spaced = text.replaceAll(':{', ' : {\n').replace('1200', '1200.0')
    expect((await post(`{"simulateFailure":false,"event":${spaced}}`)).statusCode).toBe(200)
    const { source, payload } = JSON.parse(text) as typeof REFERENCE
    expect((await post({ event: { payload, source } })).statusCode).toBe(201)
  })

  test('eight times at once is stored once, and all others hear that it is a duplicate', async () => {
    const body = { event: event() }
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(body)))
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1)
    const others = answers.filter(({ statusCode }) => statusCode !== 201)
    for (const answer of others) expect([answer.statusCode, answer.json()]).toEqual([200, DEDUPLICATED])
  })

  test('whose failure is simulated is not stored: 500, then 201', async () => {
    const body = { event: event() }
    const failed = await post({ ...body, simulateFailure: true })
    expect([failed.statusCode, failed.json()]).toMatchObject([500, { error: 'Simulated Internal Server Error' }])
    expect((await post(body)).statusCode).toBe(201)
  })

  test('that would be refused is refused also when a failure is asked for', async () => {
    const refused = await post({ event: event({ timestamp: '31/12/2024 at noon' }), simulateFailure: true })
    expect([refused.statusCode, refused.json()]).toMatchObject([400, { error: 'Normalization failed' }])
  })

  test.each([
    ['an amount with separators', { value: '1,234.50' }, 1234.5],
    ['an amount with its currency', { value: '$12' }, 12],
    ['none at all', { value: undefined }, 0],
    ['a negative amount', { value: -5 }, -5],
    ['an amount under another name', { value: undefined, amt: '7.25' }, 7.25],
  ])('with %s is read right', async (_what, payload, amount) => {
    const sent = event(payload)
    const { id } = (await post({ event: sent })).json<{ id: number }>()
    const found = (await ask('/events')).json<{ id: number }[]>().find((row) => row.id === id)
    expect(found).toMatchObject({ canonical_metric: sent.payload.metric, canonical_amount: amount })
  })

  test('without an envelope is read all the same', async () => {
    const flat = { source: 'client_F', ...event({ value: 3 }).payload }
    const { id } = (await post({ event: flat })).json<{ id: number }>()
    const found = (await ask('/events')).json<{ id: number }[]>().find((row) => row.id === id)
    expect(found).toMatchObject({ client_id: 'client_F', canonical_metric: flat.metric, canonical_amount: 3 })
  })

  test.each([
    ['seconds', 1_704_067_200, '2024-01-01T00:00:00.000Z'],
    ['milliseconds', 1_704_067_200_000, '2024-01-01T00:00:00.000Z'],
    ['a day with slashes, which is in UTC wherever the server stands', '2024/01/02', '2024-01-02T00:00:00.000Z'],
  ])('with a moment as %s keeps that moment', async (_what, timestamp, moment) => {
    const { id } = (await post({ event: event({ timestamp: undefined, ts: timestamp }) })).json<{ id: number }>()
    const found = (await ask('/events')).json<{ id: number }[]>().find((row) => row.id === id)
    expect(found).toMatchObject({ canonical_timestamp: moment })
  })

  test.each([
    ['an amount that is none', event({ value: '12abc' }), '#/event/payload/value'],
    ['an amount without an end', event({ value: 'Infinity' }), '#/event/payload/value'],
    ['a day that there is not', event({ timestamp: '2024-13-45' }), '#/event/payload/timestamp'],
    ['no moment', event({ timestamp: undefined }), '#/event/payload/timestamp'],
    ['null', null, undefined],
    ['a list', [], undefined],
    ['text', 'str', undefined],
    ['a number', 5, undefined],
  ])('with %s is refused with the reason: 400', async (_what, wrong, pointer) => {
    const answer = await post({ event: wrong })
    expect(answer.statusCode).toBe(400)
    const body = answer.json<{ error: string; errors: { pointer: string }[] }>()
    expect(body.error).toBe('Normalization failed')
    if (pointer !== undefined) expect(body.errors.map((one) => one.pointer)).toContain(pointer)
  })
})

describe('a request that is none', () => {
  test.each([
    ['without an event', '{}', 'application/json', 400],
    ['of a list', '[]', 'application/json', 400],
    ['without a body', '', 'application/json', 400],
    ['of plain text', 'hello', 'text/plain', 400],
    ['of broken JSON', '{"event":', 'application/json', 400],
    ['with a number beyond all numbers', '{"event":{"payload":{"value":1e400}}}', 'application/json', 400],
    [
      'with an event in an event in an event',
      `{"event":${'['.repeat(45_000)}${']'.repeat(45_000)}}`,
      'application/json',
      400,
    ],
    ['of more than 100 kB', `{"event":"${'x'.repeat(102_400)}"}`, 'application/json', 413],
  ])('%s is answered as JSON, without a stack', async (_what, body, type, status) => {
    const answer = await post(body, type)
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([status, 'application/problem+json'])
    expect(answer.json()).toEqual(expect.objectContaining({ error: expect.any(String), code: expect.any(String) }))
    expect(answer.body).not.toContain('    at ')
  })
})

describe('what was stored', () => {
  test('is added up exactly for each client', async () => {
    const sums = { sum_b: [0.1, 0.2], sum_a: [-5] }
    for (const [source, values] of Object.entries(sums))
      for (const value of values) await post({ event: { ...event({ value }), source } })
    const totals = (await ask('/analytics')).json<{ client_id: string }[]>()
    expect(totals.filter(({ client_id: client }) => client.startsWith('sum_'))).toEqual([
      { client_id: 'sum_a', count: 1, total_amount: -5 },
      { client_id: 'sum_b', count: 2, total_amount: 0.3 },
    ])
  })

  test('is listed, the latest first, with what was sent and its hash', async () => {
    const events = [event(), event()]
    for (const one of events) await post({ event: one })
    const listed = (await ask('/events')).json<Record<string, unknown>[]>()
    expect(listed.length).toBeLessThanOrEqual(50)
    for (const [at, sent] of events.toReversed().entries()) {
      const raw = JSON.stringify(sent)
      expect(listed[at]).toEqual({
        id: expect.any(Number),
        event_hash: createHash('sha256').update(raw).digest('hex'),
        client_id: 'client_T',
        canonical_metric: sent.payload.metric,
        canonical_amount: 1,
        canonical_timestamp: '2024-01-01T10:00:00.000Z',
        raw_payload: raw,
        status: 'processed',
        created_at: null,
      })
    }
  })
})

test('every answer says what has come after it, and no origin is let in from elsewhere', async () => {
  for (const answer of [await ask('/analytics'), await ask('/events'), await post({})]) {
    expect(answer.headers['deprecation']).toMatch(/^@\d+$/)
    expect(answer.headers['link']).toMatch(/^<\/api\/v1\/events(\/totals)?>; rel="successor-version"$/)
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  }
})

test('without a key that is needed nothing is told, also not in the old words', async () => {
  const { ask: askClosed } = await serve(cluster, { concurrency: 0, keys: 'always' })
  for (const url of ['/analytics', '/get_report', '/api/v1/report/csv']) {
    const answer = await askClosed(url)
    expect([answer.statusCode, answer.json()]).toMatchObject([401, { code: 'KEY_MISSING', error: expect.any(String) }])
    expect(answer.headers).toHaveProperty('deprecation')
  }
})

test('the hash of an event is the one that the documentation of the original has', () => {
  const hash = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')
  expect(hash(REFERENCE)).toBe('9bf3d9f41ecb921dc0f187bcc7aa1df3740dfb92954a7cb4bcaf97931a5438ed')
})

test('an outage is no error of the event: 503 with Retry-After, and sent again it is stored once', async () => {
  const { ask: askFailing } = await serve(cluster, { concurrency: 0, mayFail: true })
  const point = '/api/v1/faults/before-commit'
  const send = { method: 'POST', url: '/ingest', payload: { event: event() } } as const
  await askFailing({ method: 'PUT', url: point, payload: { action: 'unavailable' } })
  const answer = await askFailing(send)
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, expect.any(String)])
  expect(answer.json()).toMatchObject({ error: expect.any(String) })
  await askFailing({ method: 'DELETE', url: point })
  expect([(await askFailing(send)).statusCode, (await askFailing(send)).statusCode]).toEqual([201, 200])
})
