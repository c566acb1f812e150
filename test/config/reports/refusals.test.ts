import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ingest } from 'shardyard'
import { refusals } from 'shardyard/config/reports/refusals'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'
import { collectReport } from '../../pipeline/reports/collect-model'
import { openShipped } from '../../pipeline/reports/shipped'

const [sqlite] = ENGINES as readonly [TestEngine]

test('refused records are listed of every ingestion, or of those into one entity, the latest first', async () => {
  const cluster = await openShipped(sqlite, 'refusals', ['events', 'products', 'control'])
  expect((await collectReport(cluster, refusals)).texts).toEqual(['No ingestion is recorded.'])
  const folder = await tempFolder('refused')
  const load = async (name: string, lines: readonly string[], options: { into: string; ledger?: 'counts' }) => {
    await writeFile(join(folder, name), lines.join('\n'))
    return ingest(cluster, [join(folder, name)], options)
  }
  await load('one.csv', ['name,price', 'L,-1', 'Lamp,1'], { into: 'Product' })
  await load('two.csv', ['external_id,amount,source_channel', 'A,0,web'], { into: 'Transaction' })
  await load('three.csv', ['name,price', 'Desk,-2'], { into: 'Product', ledger: 'counts' })
  const all = await collectReport(cluster, refusals)
  expect(
    all.tables['refusals']?.map((row) => [String(row['source']).split(/[/\\]/).at(-1), row['raw_payload']]),
  ).toEqual([
    ['two.csv', 'A,0,web'],
    ['one.csv', 'L,-1'],
  ])
  expect(all.texts).toEqual(['Runs that kept counts alone: 1.'])
  const payments = await collectReport(cluster, refusals, { into: 'Transaction' })
  expect(payments.tables['refusals']).toEqual([
    {
      id: expect.stringMatching(/^\w+:0:\d+$/),
      source: expect.stringContaining('two.csv'),
      error: expect.stringContaining('Amount'),
      raw_payload: 'A,0,web',
      failed_at: payments.model.asOf,
    },
  ])
  const short = await collectReport(cluster, refusals, { code: 'TOO_SHORT' })
  expect(short.tables['refusals']?.map((row) => row['raw_payload'])).toEqual(['L,-1'])
})
