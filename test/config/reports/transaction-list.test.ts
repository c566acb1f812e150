import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findRun, ingest, type Cluster } from 'shardyard'
import { transactionList } from 'shardyard/config/reports/transaction-list'
import { Transaction } from 'shardyard/entities'
import { sqliteAnd } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'
import { collectReport } from '../../pipeline/reports/collect-model'
import { openShipped } from '../../pipeline/reports/shipped'

async function loaded(cluster: Cluster, ids: readonly string[], options: object = {}): Promise<Date> {
  const file = join(await tempFolder('payments'), `${ids[0]}.csv`)
  const lines = ids.map((id) => `${id},1.00,web`)
  await writeFile(file, ['external_id,amount,source_channel', ...lines, ''].join('\n'))
  const { id } = await ingest(cluster, [file], { into: 'Transaction', ...options })
  return (await findRun(cluster, id)).startedAt
}

describe.each(sqliteAnd('postgres'))('the list of payments on $name', (engine) => {
  test('has each of them, and when the ingestion began that has taken it', async () => {
    const cluster = await openShipped(engine, 'payments', ['events', 'control'])
    expect((await collectReport(cluster, transactionList)).texts).toEqual(['There are no transactions.'])
    const first = await loaded(cluster, ['A-1', 'A-2'])
    const row = { externalId: 'B-1', amount: '2.50', currency: 'EUR', status: 'PENDING', sourceChannel: 'web' }
    await cluster.repository(Transaction).insert({ ...row, timestamp: null })
    const second = await loaded(cluster, ['C-1', 'A-1', 'C-2'], { dedupe: 'key' })
    await loaded(cluster, ['D-1'], { ledger: 'counts' })
    const { tables } = await collectReport(cluster, transactionList)
    expect(tables['payments']?.map((one) => [one['external_id'], one['processed_at']])).toEqual([
      ['A-1', first],
      ['A-2', first],
      ['B-1', null],
      ['C-1', second],
      ['C-2', second],
      ['D-1', null],
    ])
    expect(tables['payments']?.[2]).toMatchObject({ id: expect.any(Number), amount: '2.50', status: 'PENDING' })
  })
})
