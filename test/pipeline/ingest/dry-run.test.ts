import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dryRun, type DryRun } from 'shardyard/src/pipeline/ingest/dry-run'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { freshDepot, type OpenDepot } from './depot'
import { endState } from './end-state'
import { shardyard } from './exporting'

const [sqlite] = ENGINES as readonly [TestEngine]

const CSV = [
  'Code,TITLE,Price,Comment,соde',
  'a1, Lamp ,"$1,200.50",-,',
  'a2,x,none,-,',
  'a1, Lamp ,"$1,200.50",-,',
  '',
  'Code,TITLE,Price,Comment,соde',
  'a3,Desk,1,-,',
  'short',
  '',
].join('\n')

const dry = (depot: OpenDepot, sources: readonly (string | object[])[], options = {}): Promise<DryRun> =>
  dryRun(depot.cluster, sources, { into: 'Item', ...options })

describe.each(ENGINES)('a dry run on $name', (engine) => {
  test('writes nothing, and counts as the ingestion that follows', async () => {
    const depot = await freshDepot(engine, 'dry', { databases: ['north', 'south', 'control'] })
    const before = await endState(depot)
    const file = await depot.write('a.csv', CSV)
    const told = await dry(depot, [file], { chunkBytes: 30 })
    expect(await endState(depot)).toEqual(before)
    const account = await depot.ingest([file], { chunkBytes: 30 })
    expect(told.counts).toEqual(account.counts)
    expect(told.counts).toEqual({ accepted: 2, rejected: 2, duplicate: 1, blank: 1, header: 2 })
    const sorted = (reasons: DryRun['reasons']) => reasons.map((one) => JSON.stringify(one)).toSorted()
    expect(sorted(told.reasons)).toEqual(sorted(account.reasons))
    expect(told.rejects.map(({ line }) => line)).toEqual([3, 8])
  })
})

describe('a dry run', () => {
  test('leaves every byte of the database files as it was', async () => {
    const depot = await freshDepot(sqlite, 'bytes')
    const file = await depot.write('a.csv', CSV)
    await depot.ingest([await depot.write('b.csv', 'code,title,price\nb1,Lamp,1\n')])
    await depot.cluster.close()
    const hashes = () =>
      Object.values(depot.urls).flatMap((url) => {
        const path = url.slice('sqlite:'.length)
        return [path, `${path}-wal`].map((one) =>
          existsSync(one) && readFileSync(one).length > 0
            ? createHash('sha256').update(readFileSync(one)).digest('hex')
            : '',
        )
      })
    const before = hashes()
    const { code, stdout } = await shardyard(depot, ['ingest', file, '--into', 'Item', '--dry-run'])
    expect(code).toBe(0)
    expect(stdout).toContain('Nothing was written.')
    expect(hashes()).toEqual(before)
  }, 60_000)

  test('shows how a file is read: its format, which column feeds which property, and what is changed', async () => {
    const depot = await freshDepot(sqlite, 'reading')
    const file = await depot.write('a.csv', CSV)
    const { files, changes } = await dry(depot, [file])
    expect(files[0]).toMatchObject({ records: 8, shape: { format: 'csv', delimiter: ',', encoding: 'utf-8' } })
    expect(files[0]?.names?.matches.map(({ name, property }) => `${name} → ${property}`)).toEqual([
      'Code → code',
      'TITLE → name',
      'Price → price',
    ])
    expect(files[0]?.names?.unused).toEqual(['Comment', 'соde'])
    expect(files[0]?.names?.lookalikes).toMatchObject([{ name: 'соde', property: 'code' }])
    expect(changes.map(({ field }) => field)).toEqual(expect.arrayContaining(['name', 'price']))
    const { stdout } = await shardyard(depot, ['ingest', file, '--into', 'Item', '--dry-run'])
    for (const part of ['TITLE', 'Feeds nothing: Comment', 'looks like a name of code', ':3  '])
      expect(stdout).toContain(part)
  }, 60_000)

  test('finds what its rows refer to, and what they do not', async () => {
    const depot = await freshDepot(sqlite, 'references')
    await depot.ask('north', `INSERT INTO users (id, name, email) VALUES (7, 'Ann', 'ann@example.com')`)
    await depot.ask('north', `INSERT INTO products (id, name, price) VALUES (3, 'Lamp', 1)`)
    const orders = [
      { id: 1, userId: 7, productId: 3, quantity: 1 },
      { id: 2, userId: 8, productId: 3, quantity: 1 },
    ]
    const { counts } = await dry(depot, [orders], { into: 'Order' })
    expect(counts).toMatchObject({ accepted: 1, rejected: 1 })
  })

  test('of a map that is wrong ends as the ingestion would', async () => {
    const depot = await freshDepot(sqlite, 'map')
    const file = await depot.write('a.csv', CSV)
    const options = { map: { Nothing: 'price' } }
    await expect(dry(depot, [file], options)).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
    await expect(depot.ingest([file], options)).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
  })

  test('of thousands of rejects shows the first of them', async () => {
    const depot = await freshDepot(sqlite, 'first')
    const { rejects, counts } = await dry(depot, [
      Array.from({ length: 3_000 }, (_, at) => ({ code: `a${at}`, title: 'x' })),
    ])
    expect(counts.rejected).toBe(3_000)
    expect(rejects.map(({ line }) => line)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
  })

  test('is printed as JSON on request', async () => {
    const depot = await freshDepot(sqlite, 'json')
    const args = ['ingest', await depot.write('a.csv', CSV), '--into', 'Item', '--dry-run', '--json']
    const { code, stdout } = await shardyard(depot, args)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      entity: 'Item',
      counts: { accepted: 2 },
      rejects: [{ line: 3 }, { line: 8 }],
    })
  }, 60_000)
})
