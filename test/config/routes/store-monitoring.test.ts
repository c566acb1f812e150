/** `POST /trigger_report`, `GET /get_report`: the store monitoring, line by line. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LightMyRequestResponse } from 'fastify'
import { reportJob, type Cluster, type Server } from 'shardyard'
import { BusinessHours, Store, StoreStatus } from 'shardyard/entities'
import { serve, type Ask } from '../../helpers/api'
import { openShippedCluster } from '../../helpers/shipped-cluster'

const HEADER =
  'store_id,uptime_last_hour,uptime_last_day,uptime_last_week,downtime_last_hour,downtime_last_day,downtime_last_week'

let cluster: Cluster
let server: Server
let ask: Ask
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  ;({ server, ask } = await serve(cluster, { concurrency: 0 }))
})

const trigger = (askOne = ask, url = '/trigger_report', rest: object = {}) => askOne({ method: 'POST', url, ...rest })
const idOf = (answer: LightMyRequestResponse) => answer.json<{ report_id: string }>().report_id

describe.each(['', '/api/v1'])('under "%s"', (prefix) => {
  test('a report is asked for: 202 with its id, and it is pending', async () => {
    const answer = await trigger(ask, `${prefix}/trigger_report`)
    expect([answer.statusCode, answer.json()]).toEqual([202, { report_id: expect.any(String) }])
    const status = await ask(`${prefix}/get_report?report_id=${idOf(answer)}`)
    expect([status.statusCode, status.json()]).toEqual([200, { status: 'PENDING' }])
  })

  test.each([
    ['no id', '/get_report', 400, 'Report ID is required'],
    ['an empty id', '/get_report?report_id=', 400, 'Report ID is required'],
    ['an id that no report has', '/get_report?report_id=nope', 404, 'Report not found'],
  ])('%s is refused in the words of the original', async (_what, url, status, error) => {
    const answer = await ask(prefix + url)
    expect([answer.statusCode, answer.json()]).toMatchObject([status, { error }])
  })
})

test.each(['application/x-www-form-urlencoded', 'text/plain', 'application/json'])(
  'whatever a client sends along as %s is not read',
  async (type) => {
    const answer = await trigger(ask, '/trigger_report', { headers: { 'content-type': type }, payload: 'x=1' })
    expect(answer.statusCode).toBe(202)
  },
)

test('a report that is asked for again with its Idempotency-Key is the same one', async () => {
  const headers = { 'idempotency-key': '"my report"' }
  const [first, again] = [
    await trigger(ask, '/trigger_report', { headers }),
    await trigger(ask, '/trigger_report', { headers }),
  ]
  expect(idOf(again)).toBe(idOf(first))
})

test('jobs of other reports are not told here', async () => {
  const id = await server.context.queue.enqueue(reportJob(cluster, { report: 'events', format: 'csv' }))
  expect((await ask(`/get_report?report_id=${id}`)).statusCode).toBe(404)
})

test('a report that cannot be made is FAILED, and says why', async () => {
  const { queue } = server.context
  const id = idOf(await trigger())
  for (let claims = 0; (await queue.show(id))?.state !== 'failed' && claims < 50; claims++)
    for (const claim of await queue.claim('test', 50))
      await queue.fail(claim, { code: 'ERROR', message: 'Out of paper.' }, { mayRetry: false })
  expect((await ask(`/get_report?report_id=${id}`)).json()).toEqual({ status: 'FAILED', error: 'Out of paper.' })
})

test('a report that was cancelled is FAILED', async () => {
  const id = idOf(await trigger())
  await server.context.queue.cancel(id)
  expect((await ask(`/get_report?report_id=${id}`)).json()).toEqual({ status: 'FAILED' })
})

describe('a report that is made', () => {
  let own: { server: Server; ask: Ask }
  beforeAll(async () => {
    own = await serve(cluster, { concurrency: 1 })
  })

  async function made(): Promise<LightMyRequestResponse & { id: string }> {
    const id = idOf(await trigger(own.ask))
    for (;;) {
      const answer = await own.ask(`/get_report?report_id=${id}`)
      if (!answer.body.startsWith('{')) return Object.assign(answer, { id })
      const { status } = answer.json<{ status: string }>()
      if (status === 'FAILED') throw new Error(answer.body)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  test('without stores is its header alone, not an empty file', async () => {
    const { body, headers, id } = await made()
    expect(body).toBe(`${HEADER}\n`)
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename=${id}.csv`,
      link: '</api/v1/reports>; rel="successor-version"',
    })
  })

  test('has the right figures: split shifts, cut windows, the time before the first poll, a store without polls', async () => {
    const now = '2025-05-05T17:00:00Z'
    await cluster.load(Store, [{ storeId: 'silent', timezone: 'UTC' }])
    await cluster.load(BusinessHours, [
      { storeId: 'split', dayOfWeek: 0, startTimeLocal: '04:00:00', endTimeLocal: '07:00:00' },
      { storeId: 'split', dayOfWeek: 0, startTimeLocal: '11:30:00', endTimeLocal: '12:00:00' },
    ])
    const poll = (storeId: string, text: string, status: string) => ({ storeId, timestamp: new Date(text), status })
    await cluster.load(StoreStatus, [
      poll('always', '2025-05-05T15:30:00Z', 'active'),
      poll('always', now, 'active'),
      poll('split', '2025-05-05T10:14:00Z', 'active'),
      poll('split', '2025-05-05T11:15:00Z', 'inactive'),
    ])
    const lines = (await made()).body.trimEnd().split('\n')
    expect(lines).toEqual([
      HEADER,
      'always,60,24,168,0,0,0',
      'silent,0,0,0,60,24,168',
      'split,0,2.25,2.25,30,1.25,1.25',
    ])
  })

  test('whose file is gone is told as gone', async () => {
    const { id } = await made()
    await rm(join(own.server.context.files.folder, id), { recursive: true })
    expect((await own.ask(`/get_report?report_id=${id}`)).statusCode).toBe(410)
  })
})
