/** Threats 15 and 23: what a key tells about the records and the reports of others. */
import type { InjectOptions } from 'fastify'
import { makeKey, type Cluster, type KeyScope } from 'shardyard'
import { serve, type Ask } from '../../helpers/api'
import { openShippedCluster } from '../../helpers/shipped-cluster'

type Asker = (request: InjectOptions) => ReturnType<Ask>

let ask: Ask
let sender: Asker
let other: Asker
let reader: Asker
beforeAll(async () => {
  const { cluster } = await openShippedCluster()
  sender = await askerWith(cluster, 'ingest')
  other = await askerWith(cluster, 'ingest')
  reader = await askerWith(cluster, 'ingest', 'read')
  ask = (await serve(cluster)).ask
})

async function askerWith(cluster: Cluster, ...scopes: KeyScope[]) {
  const { text } = await makeKey(cluster, { name: scopes.join(' '), scopes })
  return (request: InjectOptions) => ask({ ...request, headers: { ...request.headers, 'x-api-key': text } })
}

const event = (client: string) => ({
  method: 'POST' as const,
  url: '/api/v1/events',
  headers: { 'content-type': 'application/json' },
  payload: JSON.stringify({ client, metric: 'clicks', amount: 1, timestamp: '2024-01-01T00:00:00Z' }),
})

test('whoever may only send learns nothing of the rows that others have sent', async () => {
  const first = await sender(event('till 1'))
  expect(first.json()).toEqual({ status: 'accepted', id: expect.any(String) })
  // An event names its client, so another client's is another one, whatever else they have in common.
  expect((await other(event('till 2'))).statusCode).toBe(201)
  expect((await other(event('till 1'))).json()).toEqual({ status: 'duplicate', id: null })
  const batch = { ...event('till 1'), url: '/api/v1/events/batch', headers: { 'content-type': 'application/x-ndjson' } }
  const [line = ''] = (await other(batch)).body.split('\n')
  expect(JSON.parse(line)).toEqual({ status: 'duplicate', id: null })
  expect((await reader(event('till 1'))).json()).toEqual({ ...first.json(), status: 'duplicate' })
  for (const url of ['/api/v1/events', '/api/v1/events/totals', '/api/v1/runs', '/api/v1/entities/Event'])
    expect([url, (await other({ url })).statusCode]).toEqual([url, 403])
})

test('a report is given to those who may read, at its own address alone', async () => {
  const asked = await reader({
    method: 'POST',
    url: '/api/v1/reports',
    payload: { report: 'data-quality', format: 'json' },
  })
  const { id } = asked.json<{ id: string }>()
  const url = `/api/v1/reports/${id}/content`
  for (let status = 0; status !== 200; status = (await reader({ url })).statusCode)
    await new Promise((resolve) => setTimeout(resolve, 50))
  for (const path of [`/api/v1/reports/${id}`, url, '/api/v1/reports']) {
    expect([path, (await sender({ url: path })).statusCode]).toEqual([path, 403])
    expect([path, (await ask(path)).statusCode]).toEqual([path, 401])
  }
  // Folders are not listed, and a name that is not that of a report leads nowhere.
  for (const name of [`${id}x`, '..', '.', '%2e%2e', '*', '']) {
    const { statusCode } = await reader({ url: `/api/v1/reports/${name}/content` })
    expect([name, Math.floor(statusCode / 100)]).toEqual([name, 4])
  }
})
