/** `/api/v1/ingest`, `/api/v1/summary`, `/api/v1/report/…`, `/api/v1/errors/…`: the high-performance reporting, line by line. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ingest, type Cluster } from 'shardyard'
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

let cluster: Cluster
let ask: Ask
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  ask = (await serve(cluster, { concurrency: 0 })).ask
})

async function fileOf(name: string, lines: readonly string[], folder?: string): Promise<string> {
  const file = join(folder ?? (await tempFolder('payments')), name)
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

describe('before anything was taken in', () => {
  test.each(['csv', 'json', 'xlsx'])('%s: a report and its errors are messages', async (format) => {
    const report = await ask(`/api/v1/report/${format}`)
    expect([report.statusCode, report.json()]).toEqual([200, { message: 'Database is empty. Ingest some data first!' }])
    const errors = await ask(`/api/v1/errors/${format}`)
    expect([errors.statusCode, errors.json()]).toEqual([200, { message: 'No errors found! Great job.' }])
  })
})

describe('with the samples taken in', () => {
  beforeAll(async () => {
    for (const [name, lines] of Object.entries(SAMPLES)) {
      await ingest(cluster, [await fileOf(name, lines)], { into: 'Transaction' })
    }
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
      [expect.stringContaining('Amount'), 'TXN-104,0.00,USD,web'],
      ['Currency JPY is not supported by our system', SAMPLES['sample.json'][1]],
      [expect.stringContaining('Amount'), SAMPLES['sample.json'][2]],
    ])
    expect((await ask('/api/v1/errors/csv')).body.split('\n')[0]).toBe('id,source,error,raw_payload,failed_at')
  })

  test('the summary has the four members of the original beside its own', async () => {
    expect((await ask('/api/v1/summary')).json()).toMatchObject({
      total_processed: 7,
      successful_records: 4,
      validation_failures: 3,
      success_rate: '57.14%',
    })
  })
})

test.each(['report', 'errors'])('a format that there is not: 400 for %s', async (list) => {
  const answer = await ask(`/api/v1/${list}/pdf`)
  expect([answer.statusCode, answer.json()]).toMatchObject([400, { detail: 'Format pdf not supported.' }])
})
