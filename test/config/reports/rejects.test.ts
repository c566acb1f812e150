import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportRejects, findRun, ingest, type Cluster } from 'shardyard'
import { rejects } from 'shardyard/config/reports/rejects'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'
import { collectReport } from '../../pipeline/reports/collect-model'
import { openShipped } from '../../pipeline/reports/shipped'

const CSV = Buffer.concat([
  Buffer.from('name,price\nLaptop,10.00\nL,1.00\nDesk,-5\n"Tab\tle",x\n'),
  Buffer.from([0x43, 0x61, 0x66, 0xe9, 0x2c, 0x31, 0x0a]),
  Buffer.from('Chair,-1\nLamp,-2\nSofa,-3\n'),
])

async function ingested(
  cluster: Cluster,
  name: string,
  content: Buffer | string,
  options: object = {},
): Promise<string> {
  const file = join(await tempFolder('rejects'), name)
  await writeFile(file, content)
  return (await ingest(cluster, [file], { into: 'Product', ...options })).id
}

describe.each(ENGINES)('the report of rejects on $name', (engine) => {
  let cluster: Cluster
  let run: string
  beforeAll(async () => {
    cluster = await openShipped(engine, 'rejects', ['products', 'control'])
    run = await ingested(cluster, 'goods.csv', CSV)
  })

  test('counts by code, by field and by file', async () => {
    const { tables, figures, charts } = await collectReport(cluster, rejects, { run })
    expect(figures).toEqual({ rejected: 7, accepted: 1, duplicate: 0, 'success-rate': 1 / 8 })
    const codes = [
      ['TOO_LOW', 4],
      ['INVALID_ENCODING', 1],
      ['NOT_A_NUMBER', 1],
      ['TOO_SHORT', 1],
    ]
    expect(tables['by-code']?.map((row) => [row['code'], row['count']])).toEqual(codes)
    expect(charts['codes']).toEqual(codes)
    expect(tables['by-field']).toContainEqual({ field: 'price', count: 5 })
    expect(tables['by-file']).toEqual([
      { file: expect.stringContaining('goods.csv'), records: 9, rejected: 7, rejected_share: 7 / 8 },
    ])
  })

  test('shows some rejects of each code, with bytes that can be printed', async () => {
    const { tables } = await collectReport(cluster, rejects, { run, samples: 2 })
    const samples = tables['samples']?.map((row) => [row['code'], row['line'], row['record']])
    expect(samples).toEqual([
      ['TOO_LOW', 4, 'Desk,-5'],
      ['TOO_LOW', 7, 'Chair,-1'],
      ['INVALID_ENCODING', 6, 'Caf\\xe9,1'],
      ['NOT_A_NUMBER', 5, '"Tab\\tle",x'],
      ['TOO_SHORT', 3, 'L,1.00'],
    ])
  })

  test('lists every reject that an export has', async () => {
    const { tables, model } = await collectReport(cluster, rejects, { run })
    let text = ''
    for await (const part of exportRejects(cluster, await findRun(cluster, run), { format: 'ndjson' })) text += part
    const ids = text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { reject_id: string }).reject_id)
    expect(tables['rejects']?.map((row) => row['reject_id'])).toEqual(ids)
    expect(model.mainTable).toBe('rejects')
  })

  test('is about one code when it is asked for', async () => {
    const { tables } = await collectReport(cluster, rejects, { run, code: 'TOO_SHORT' })
    expect([tables['by-code'], tables['rejects']?.map(({ line }) => line)]).toEqual([
      [{ code: 'TOO_SHORT', count: 1 }],
      [3],
    ])
  })

  test('of a run that kept counts alone says so, and counts', async () => {
    const counted = await ingested(cluster, 'more.csv', 'name,price\nX,-1\n', { ledger: 'counts' })
    const { texts, tables } = await collectReport(cluster, rejects, { run: counted })
    expect(texts).toContain('This run kept counts alone, so single rejects cannot be shown.')
    expect([tables['by-code']?.length, tables['rejects'], tables['samples']]).toEqual([2, [], []])
  })

  test('is about the latest ingestion when no run is named', async () => {
    const latest = await ingested(cluster, 'fine.csv', 'name,price\nStool,1.00\n')
    const { texts, model } = await collectReport(cluster, rejects)
    expect(texts).toEqual(['Nothing was refused.'])
    expect(model.subtitle).toContain(latest)
  })

  test('refuses a run that is not recorded', async () => {
    await expect(collectReport(cluster, rejects, { run: 'nothing1' })).rejects.toMatchObject({ code: 'SY_RUN_UNKNOWN' })
  })
})

test('the report of rejects says that no ingestion is recorded', async () => {
  const [sqlite] = ENGINES as readonly [TestEngine]
  const { texts } = await collectReport(await openShipped(sqlite, 'no rejects', []), rejects)
  expect(texts).toEqual(['No ingestion is recorded.'])
})
