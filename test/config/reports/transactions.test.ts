import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ingest, type Cluster } from 'shardyard'
import { transactions } from 'shardyard/config/reports/transactions'
import { ENGINES } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'
import { collectReport } from '../../pipeline/reports/collect-model'
import { openShipped } from '../../pipeline/reports/shipped'

const CSV = `external_id,amount,currency,source_channel,timestamp
TXN-101,2500.50,USD,web,2026-01-01T10:00:00Z
TXN-102,120.00,EUR,web,2026-01-02T10:00:00Z
TXN-103,450.75,GBP,web,
TXN-104,0.00,USD,web,
`
const JSON_LINES = `{"external_id":"J-901","amount":"0.05","currency":"USD","source_channel":"web"}
{"external_id":"J-902","amount":10,"currency":"JPY","source_channel":"web"}
{"external_id":"BAD-DATA","amount":-100,"currency":"USD","source_channel":"web"}
`

const NONE = 'There are no transactions.'

describe.each(ENGINES)('the report of transactions on $name', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await openShipped(engine, 'transactions', ['events', 'control'])
    const folder = await tempFolder('transactions')
    const files = { 'some.csv': CSV, 'some.ndjson': JSON_LINES }
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), text)
      await ingest(cluster, [join(folder, name)], { into: 'Transaction' })
    }
  })

  test('tells the success rate of what came in', async () => {
    const { figures, tables } = await collectReport(cluster, transactions)
    expect(figures).toEqual({ transactions: 4, processed: 7, successful: 4, failed: 3, 'success-rate': 4 / 7 })
    expect(tables['refusals']).toEqual([
      { code: 'TOO_LOW', field: 'amount', count: 2 },
      { code: 'NOT_ALLOWED', field: 'currency', count: 1 },
    ])
  })

  test('says that there are none; what is read again counts as taken, or as refused', async () => {
    const other = await openShipped(engine, 'transactions twice', ['events'])
    const { texts, figures: none } = await collectReport(other, transactions)
    expect([texts, none['processed'], none['success-rate']]).toEqual([[NONE, 'What came in'], 0, null])
    const file = join(await tempFolder('twice'), 'some.csv')
    await writeFile(file, CSV)
    for (let times = 0; times < 2; times++) await ingest(other, [file], { into: 'Transaction' })
    const { figures } = await collectReport(other, transactions)
    expect(figures).toMatchObject({ transactions: 3, processed: 8, successful: 6, failed: 2, 'success-rate': 0.75 })
  })

  test('adds amounts up by currency and status, exactly', async () => {
    const { tables, charts } = await collectReport(cluster, transactions)
    expect(tables['transactions']).toEqual([
      { currency: 'EUR', status: 'PROCESSED', count: 1, amount: '120.00', average: '120.00' },
      { currency: 'GBP', status: 'PROCESSED', count: 1, amount: '450.75', average: '450.75' },
      { currency: 'USD', status: 'PROCESSED', count: 2, amount: '2500.55', average: '1250.28' },
    ])
    expect(charts['by-currency']).toEqual([
      ['EUR', 1],
      ['GBP', 1],
      ['USD', 2],
    ])
  })

  test('says which transactions lie in no period', async () => {
    const { figures, texts } = await collectReport(cluster, transactions, { from: '2026-01-02' })
    expect(figures['transactions']).toBe(1)
    expect(texts).toContain('2 transactions say no moment and so lie in no period.')
  })
})
