import { Readable } from 'node:stream'
import { ENGINES, sqliteAnd, type TestEngine } from '../../helpers/engines'
import { freshDepot } from './depot'
import { linesOf } from './end-state'
import { madeFiles } from './made-file'

const [sqlite] = ENGINES as readonly [TestEngine]
const HEADER = 'code,title,price,day\n'
const items = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `k${from + index},Lamp ${from + index},1.50,2024-01-31\n`).join('')

describe.each(sqliteAnd('mysql'))('what was ingested before on $name', (engine) => {
  test('is a duplicate when the same file comes again, and no row is new', async () => {
    const depot = await freshDepot(engine, 'again')
    const files = await Promise.all(madeFiles(2).map(({ name, content }) => depot.write(name, content)))
    const [csv = '', , , , , ndjson = ''] = files
    const first = await depot.ingest([csv, ndjson], { threads: 2, chunkBytes: 1_000 })
    const rows = await depot.ask('north', 'SELECT * FROM items ORDER BY id')
    const again = await depot.ingest([csv, ndjson], { threads: 2, chunkBytes: 1_000 })
    const { accepted, duplicate, ...others } = first.counts
    expect(again.counts).toEqual({ ...others, accepted: 0, duplicate: accepted + duplicate })
    expect(again.id).not.toBe(first.id)
    expect(await depot.ask('north', 'SELECT * FROM items ORDER BY id')).toEqual(rows)
  })

  test('is a duplicate when another file has it, among others', async () => {
    const depot = await freshDepot(engine, 'overlap')
    await depot.ingest([await depot.write('a.csv', HEADER + items(0, 60))], { chunkBytes: 300 })
    const account = await depot.ingest([await depot.write('b.csv', HEADER + items(40, 100))], {
      threads: 3,
      chunkBytes: 300,
    })
    expect(account.counts).toMatchObject({ accepted: 40, duplicate: 20, rejected: 0 })
    expect(await depot.ask('north', 'SELECT * FROM items')).toHaveLength(100)
  })

  test('is known by its unique key where that is what makes records the same, and its row is named', async () => {
    const depot = await freshDepot(engine, 'key')
    const csv = `${HEADER}a1,Lamp,10.5,31.01.2024\na2,Desk,7,\na1,"Lamp",10.50,2024-01-31\na2,Desk,8,\n`
    await depot.ingest([await depot.write('a.csv', csv)], { dedupe: 'key' })
    const objects = [
      { code: 'a2', name: 'Desk', price: 7 },
      { day: '2024-01-31T00:00:00Z', code: 'a1', name: ' Lamp ', price: '10.50' },
      { code: 'a1', name: 'Lamp', price: 11, day: '2024-01-31' },
    ]
    const account = await depot.ingest([objects], { dedupe: 'key' })
    const rows = await depot.ask('north', 'SELECT * FROM items ORDER BY code')
    const [a1, a2] = rows.map(({ id }) => String(id))
    const lines = (await linesOf(depot)).filter(({ outcome }) => outcome !== 'header')
    expect(lines.slice(0, 4).map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'duplicate', 'rejected'])
    expect((await linesOf(depot, account.id)).map(({ outcome, rowId }) => [outcome, rowId])).toEqual([
      ['duplicate', a2],
      ['duplicate', a1],
      ['rejected', null],
    ])
    expect(rows).toHaveLength(2)
  })

  test('loses nothing to a later record with its unique value, however many threads there are', async () => {
    const depot = await freshDepot(engine, 'earlier wins')
    const rivals = Array.from({ length: 30 }, (_, index) => `same,Lamp ${index},1,\n`).join('')
    const account = await depot.ingest([await depot.write('a.csv', HEADER + rivals)], { threads: 6, chunkBytes: 1 })
    expect(account.counts).toMatchObject({ accepted: 1, rejected: 29 })
    expect(await depot.ask('north', 'SELECT name FROM items')).toEqual([{ name: 'Lamp 0' }])
  })

  test('beats a record with its unique value, also when no ingestion has stored it', async () => {
    const depot = await freshDepot(engine, 'stored')
    await depot.ask('north', `INSERT INTO items (code, name, price) VALUES ('k1', 'Mine', 3)`)
    const account = await depot.ingest([await depot.write('a.csv', HEADER + items(0, 3))])
    expect(account.counts).toMatchObject({ accepted: 2, rejected: 1 })
    expect(account.reasons).toEqual([{ code: 'NOT_UNIQUE', field: 'code', count: 1 }])
    expect(await depot.ask('north', `SELECT name FROM items WHERE code = 'k1'`)).toEqual([{ name: 'Mine' }])
  })

  test('that the database refused is stored when the table takes it', async () => {
    const depot = await freshDepot(engine, 'mended')
    const file = await depot.write('a.csv', `${HEADER}a0,Lamp,1,\na1,Forbidden,1,\na2,Desk,1,\n`)
    const first = await depot.ingest([file])
    expect(first.counts).toMatchObject({ accepted: 2, rejected: 1 })
    expect(first.reasons).toEqual([{ code: 'REFUSED_BY_DATABASE', field: '', count: 1 }])
    await allowForbidden(depot)
    expect((await depot.ingest([file])).counts).toMatchObject({ accepted: 1, duplicate: 2, rejected: 0 })
  })
})

async function allowForbidden({ engine, ask }: Awaited<ReturnType<typeof freshDepot>>): Promise<void> {
  const name = 'ck_items_name_unknown_to_the_class'
  if (engine.name !== 'sqlite') return void (await ask('north', `ALTER TABLE items DROP CONSTRAINT ${name}`))
  // SQLite cannot drop a constraint: the table is made again without it.
  const [table] = await ask('north', `SELECT sql FROM sqlite_master WHERE name = 'items'`)
  const sql = String(table?.['sql']).replace(`<> 'Forbidden'`, `<> ''`)
  await ask('north', 'ALTER TABLE items RENAME TO before')
  await ask('north', 'DROP INDEX uq_items_code')
  await ask('north', sql)
  await ask('north', 'INSERT INTO items SELECT * FROM before')
  await ask('north', 'CREATE UNIQUE INDEX uq_items_code ON items (code)')
}

describe('two records are the same', () => {
  const first = '{"text":"one","n":1}\n{"text":"two","n":1}\n'
  const again = '{"n":1,"text":"one"}\n{ "text": "two", "n": 1.0 }\n{"text":"one","n":2}\n'

  test.each([
    ['raw', { accepted: 3, duplicate: 0 }],
    ['canonical', { accepted: 1, duplicate: 2 }],
  ] as const)('as "%s" says: by their bytes, or by what they say', async (dedupe, counts) => {
    const depot = await freshDepot(sqlite, 'notes')
    await depot.ingest([await depot.write('a.ndjson', first)], { into: 'Note', dedupe })
    const account = await depot.ingest([await depot.write('b.ndjson', again)], { into: 'Note', dedupe })
    expect(account).toMatchObject({ dedupe, counts })
  })

  test.each([
    ['raw', { accepted: 1, duplicate: 1 }],
    ['canonical', { accepted: 1, duplicate: 1 }],
  ] as const)('as "%s" only under the same names of their columns', async (dedupe, counts) => {
    const depot = await freshDepot(sqlite, 'names')
    await depot.ingest([await depot.write('a.csv', 'text,n\none,1\n')], { into: 'Note', dedupe })
    const files = [await depot.write('b.csv', 'text,m\none,1\n'), await depot.write('c.csv', 'text,n\r\none,1\r\n')]
    expect(await depot.ingest(files, { into: 'Note', dedupe })).toMatchObject({ counts })
  })

  test('of whatever kind their source is: objects, a stream, a file', async () => {
    const depot = await freshDepot(sqlite, 'kinds')
    const object = { text: 'one' }
    const counts = []
    for (const source of [
      [object],
      Readable.from(['{"text":', '"one"}\n']),
      await depot.write('a.json', '{"text":"one"}'),
    ]) {
      counts.push((await depot.ingest([source], { into: 'Note', format: 'auto' })).counts)
    }
    expect(counts).toMatchObject([{ accepted: 1 }, { duplicate: 1 }, { duplicate: 1 }])
  })
})

test.each(ENGINES.filter(({ name }) => name === 'mysql'))(
  'a value that $name takes for another one is refused like it, and its neighbours are stored',
  async (engine) => {
    const depot = await freshDepot(engine, 'letters')
    const account = await depot.ingest([await depot.write('a.csv', `${HEADER}ab,Lamp,1,\nAB,Desk,1,\nac,Chair,1,\n`)])
    expect(account.counts).toMatchObject({ accepted: 2, rejected: 1 })
    expect(account.reasons).toEqual([{ code: 'NOT_UNIQUE', field: 'code', count: 1 }])
  },
)
