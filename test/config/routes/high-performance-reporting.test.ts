/** `/api/v1/ingest`, `/summary`, `/report/…`, `/errors/…`: the high-performance reporting, line by line. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineServer } from 'shardyard'
import { definition } from 'shardyard/config'
import { server as settings } from 'shardyard/config/server'
import { serve, type Ask } from '../../helpers/api'
import { openShippedCluster } from '../../helpers/shipped-cluster'
import { tempFolder } from '../../helpers/temp'

/** The samples of the original: four payments as CSV, three as lines of JSON; four of them are right. */
const SAMPLES = {
  'sample.csv': [
    'external_id,amount,currency,source_channel',
    'TXN-101,2500.50,USD,web',
    'TXN-102,120.00,EUR,web',
    'TXN-103,450.75,GBP,pos',
    'TXN-104,0.00,USD,web',
  ],
  'sample.json': [
    '{"external_id":"J-901","amount":89.99,"currency":"usd","source_channel":"app"}',
    '{"external_id":"J-902","amount":100,"currency":"JPY","source_channel":"app"}',
    '{"external_id":"BAD-DATA","amount":-100,"currency":"USD","source_channel":"app"}',
  ],
} as const

let inbox: string
let ask: Ask
beforeAll(async () => {
  inbox = await tempFolder('inbox')
  for (const [name, lines] of Object.entries(SAMPLES)) await put(name, lines)
  const { cluster } = await openShippedCluster({ server: defineServer({ ...given(), roots: { inbox } }) })
  ask = (await serve(cluster, { concurrency: 1 })).ask
})

/** What the shipped server is made of, to be made again with a root. */
function given() {
  expect(definition.server).toBe(settings)
  const { events, summary, routes } = settings
  return { routes, ...(events === undefined ? {} : { events }), ...(summary === undefined ? {} : { summary }) }
}

async function put(name: string, lines: readonly string[] | Buffer): Promise<string> {
  await writeFile(join(inbox, name), Buffer.isBuffer(lines) ? lines : `${lines.join('\n')}\n`)
  return `inbox/${name}`
}

const load = (path: string, type = 'csv') =>
  ask({ method: 'POST', url: '/api/v1/ingest', query: { file_path: path, source_type: type } })

async function summaryOf(path: string, type?: string): Promise<Record<string, unknown>> {
  return (await load(path, type)).json<{ summary: Record<string, unknown> }>().summary
}

test.each(['csv', 'json', 'xlsx'])('%s: before anything was taken in, lists are messages', async (format) => {
  const report = await ask(`/api/v1/report/${format}`)
  expect([report.statusCode, report.json()]).toEqual([200, { message: 'Database is empty. Ingest some data first!' }])
  const errors = await ask(`/api/v1/errors/${format}`)
  expect([errors.statusCode, errors.json()]).toEqual([200, { message: 'No errors found! Great job.' }])
})

test('before anything was taken in, the summary is of nothing', async () => {
  expect((await ask('/api/v1/summary')).json()).toMatchObject({ total_processed: 0, success_rate: '0.00%' })
})

describe('with the samples taken in', () => {
  test('a file is loaded, and the answer has its summary', async () => {
    const csv = await load('inbox/sample.csv')
    const rate = { total_processed: 4, successful_records: 3, validation_failures: 1, success_rate: '75.00%' }
    expect([csv.statusCode, csv.json()]).toEqual([
      200,
      {
        status: 'success',
        message: 'Processed inbox/sample.csv as csv',
        summary: { ...rate, duplicates: 0, run: expect.any(String) },
      },
    ])
    expect(await summaryOf('inbox/sample.json', 'json')).toMatchObject({ total_processed: 3, success_rate: '33.33%' })
  })

  test('the report has every payment as JSON, moments in milliseconds', async () => {
    const answer = await ask('/api/v1/report/json')
    expect(answer.headers['content-disposition']).toBe('attachment; filename=report.json')
    const payment = (id: number, external_id: string, amount: number, currency: string) => {
      return { id, external_id, amount, currency, status: 'PROCESSED', processed_at: expect.any(Number) }
    }
    const rows = answer.json<{ processed_at: number }[]>()
    expect(rows).toEqual([
      payment(1, 'TXN-101', 2500.5, 'USD'),
      payment(2, 'TXN-102', 120, 'EUR'),
      payment(3, 'TXN-103', 450.75, 'GBP'),
      payment(4, 'J-901', 89.99, 'USD'),
    ])
    for (const { processed_at: at } of rows) expect(Math.abs(Date.now() - at)).toBeLessThan(60_000)
  })

  test('the report as CSV has the columns of the original; the format may be in capitals', async () => {
    const answer = await ask('/api/v1/report/CSV')
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename=report.CSV',
    })
    const [header, first, ...rest] = answer.body.trimEnd().split('\n')
    expect(header).toBe('id,external_id,amount,currency,status,processed_at')
    expect(first).toMatch(/^1,TXN-101,2500\.50?,USD,PROCESSED,20\d\d-.*Z$/)
    expect(rest).toHaveLength(3)
  })

  test.each([
    ['report', 'report.xlsx'],
    ['errors', 'error_report.xlsx'],
  ])('%s is given as a workbook', async (list, name) => {
    const answer = await ask(`/api/v1/${list}/xlsx`)
    expect(answer.headers['content-disposition']).toBe(`attachment; filename=${name}`)
    expect(answer.rawPayload.subarray(0, 2).toString()).toBe('PK')
  })

  test('the errors have every record that was refused, why, and what it said', async () => {
    const answer = await ask('/api/v1/errors/json')
    expect(answer.headers['content-disposition']).toBe('attachment; filename=error_report.json')
    const rows = answer.json<Record<string, unknown>[]>()
    expect(Object.keys(rows[0] ?? {})).toEqual(['id', 'source', 'error', 'raw_payload', 'failed_at'])
    expect(rows.map(({ error, raw_payload: said }) => [error, said])).toEqual([
      ['Currency JPY is not supported by our system', SAMPLES['sample.json'][1]],
      [expect.stringContaining('Amount'), SAMPLES['sample.json'][2]],
      [expect.stringContaining('Amount'), 'TXN-104,0.00,USD,web'],
    ])
    expect((await ask('/api/v1/errors/csv')).body.split('\n')[0]).toBe('id,source,error,raw_payload,failed_at')
  })

  test('the summary has the four members of the original beside those of the API', async () => {
    expect((await ask('/api/v1/summary')).json()).toMatchObject({
      total_processed: 7,
      successful_records: 4,
      validation_failures: 3,
      success_rate: '57.14%',
      runs: { complete: 2 },
    })
  })
})

test.each(['report', 'errors'])('a format that there is not: 400 for %s', async (list) => {
  const answer = await ask(`/api/v1/${list}/pdf`)
  expect([answer.statusCode, answer.json()]).toMatchObject([400, { detail: 'Format pdf not supported.' }])
})

describe('a file that is loaded', () => {
  test('again stores nothing twice, and says so', async () => {
    const path = await put('again.csv', ['external_id,amount,currency,source_channel', 'TXN-1,1,USD,web'])
    await load(path)
    const repeated = { total_processed: 1, successful_records: 1, duplicates: 1, success_rate: '100.00%' }
    expect(await summaryOf(path)).toMatchObject(repeated)
  })

  test('is read as CSV is written, and rows that are too short or too long are refused, not dropped', async () => {
    const header = '\uFEFFexternal_id,amount,currency,source_channel'
    const lines = [header, '"TXN,1",1.00,eur,"the ""web"""', 'short,1', 'a,1,USD,b,c'].map((line) => `${line}\r`)
    const counts = { total_processed: 3, successful_records: 1, validation_failures: 2 }
    expect(await summaryOf(await put('quoted.csv', lines))).toMatchObject(counts)
  })

  test('may be one JSON list', async () => {
    const path = await put('list.json', ['[', '{"external_id":"L-1","amount":1,"source_channel":"x"}', ']'])
    expect(await summaryOf(path, 'json')).toMatchObject({ total_processed: 1, successful_records: 1 })
  })

  test('and is not UTF-8 in one line loses that line alone', async () => {
    const text = 'external_id,amount,currency,source_channel\nU-1,1,USD,caf\xe9\nU-2,1,USD,web\n'
    const path = await put('latin.csv', Buffer.from(text, 'latin1'))
    expect(await summaryOf(path)).toMatchObject({ total_processed: 2, successful_records: 1 })
  })
})

describe('lines of JSON, one of which is right', () => {
  const wrong = {
    'an amount that is no number': '{"external_id":"A-1","amount":"nan","source_channel":"x"}',
    'an amount without an end': '{"external_id":"A-2","amount":"inf","source_channel":"x"}',
    'no amount': '{"external_id":"A-3","amount":"","source_channel":"x"}',
    'an id without a letter': '{"external_id":"","amount":1,"source_channel":"x"}',
    'no channel': '{"external_id":"A-5","amount":1}',
    'no currency that is known': '{"external_id":"A-6","amount":1,"currency":"CAD","source_channel":"x"}',
    'a moment to come': '{"external_id":"A-7","amount":1,"source_channel":"x","timestamp":"2999-01-01T00:00:00"}',
    'a list in place of an object': '[1,2]',
    'broken JSON': '{"external_id":',
  }
  let errors: readonly Record<string, unknown>[]
  beforeAll(async () => {
    const right = '{"external_id":"A-0","amount":"1e3","source_channel":" x ","timestamp":"2024-01-01T00:00:00+03:00"}'
    const path = await put('lines.json', [right, '', ...Object.values(wrong)])
    const count = Object.keys(wrong).length
    const counts = { total_processed: count + 1, successful_records: 1, validation_failures: count }
    expect(await summaryOf(path, 'json')).toMatchObject(counts)
    errors = (await ask('/api/v1/errors/json')).json<Record<string, unknown>[]>()
  })

  test.each(Object.entries(wrong))('%s: the line is refused with a reason, and kept as it was', (_what, line) => {
    const found = errors.filter(({ source, raw_payload: said }) => source === 'inbox/lines.json' && said === line)
    expect(found).toEqual([expect.objectContaining({ error: expect.stringMatching(/\w/) })])
  })
})

test('a load that takes longer than the client waits goes on as an ingestion', async () => {
  const path = await put('later.csv', ['external_id,amount,currency,source_channel', 'LATER-1,1,USD,web'])
  const url = `/api/v1/ingest?file_path=${path}`
  const answer = await ask({ method: 'POST', url, headers: { prefer: 'wait=0' } })
  expect([answer.statusCode, answer.json()]).toMatchObject([202, { status: 'accepted', summary: null }])
  const location = String(answer.headers['location'])
  for (;;) {
    const { state } = (await ask(location)).json<{ state: string }>()
    if (state === 'complete') break
    expect(['pending', 'running']).toContain(state)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect((await ask('/api/v1/report/csv')).body).toContain('LATER-1')
})

describe('a file that cannot be loaded', () => {
  test('because none is named: 422 in the words of the original', async () => {
    const answer = await ask({ method: 'POST', url: '/api/v1/ingest?source_type=csv' })
    const detail = [{ type: 'missing', loc: ['query', 'file_path'], msg: 'Field required', input: null }]
    expect([answer.statusCode, answer.json()]).toEqual([422, { detail }])
  })

  test.each([
    ['that is not there', 'inbox/none.csv', 'csv', 404],
    ['of a type that there is not', 'inbox/sample.csv', 'xml', 400],
    ['that is a topic', 'inbox/sample.csv', 'kafka', 400],
    ['under no root', 'sample.csv', 'csv', 400],
    ['under a root that nobody has named', 'elsewhere/sample.csv', 'csv', 400],
    ['by an absolute path', '/etc/passwd', 'csv', 400],
    ['outside of its root', 'inbox/../../etc/passwd', 'csv', 400],
    ['by an address', 'http://127.0.0.1/sample.csv', 'csv', 400],
  ])('%s', async (_what, path, type, status) => {
    const answer = await load(path, type)
    expect([answer.statusCode, answer.json()]).toMatchObject([status, { detail: expect.any(String) }])
    expect(answer.body).not.toContain(inbox)
  })
})
