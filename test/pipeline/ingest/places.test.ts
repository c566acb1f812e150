import { ENGINES, sqliteAnd, type TestEngine } from '../../helpers/engines'
import { freshDepot } from './depot'
import { linesOf, type Line } from './end-state'

const [sqlite] = ENGINES as readonly [TestEngine]
const HEADER = 'code,title,price\n'
const places = (lines: readonly Line[]) =>
  lines.map(({ database, outcome, raw }) => `${database} ${outcome} ${raw.toString()}`)

describe.each(sqliteAnd('mysql'))('rows of an ingestion on $name', (engine) => {
  test('go where a router sends each of them, and their lines stand beside them', async () => {
    const depot = await freshDepot(engine, 'routed', { databases: ['north', 'south', 'control'] })
    const csv = `${HEADER}a1,Lamp,1\nz1,Desk,1\na1,Lamp,1\nz1,Other,1\nb1,x,1\nz2,y,1\n?1,Nowhere,1\n\nbroken\n`
    const account = await depot.ingest([await depot.write('a.csv', csv)], { threads: 2, chunkBytes: 20 })
    expect(places(await linesOf(depot))).toEqual([
      'control header code,title,price',
      'north accepted a1,Lamp,1',
      'south accepted z1,Desk,1',
      'north duplicate a1,Lamp,1',
      'south rejected z1,Other,1',
      'north rejected b1,x,1',
      'south rejected z2,y,1',
      'control rejected ?1,Nowhere,1',
      'control blank ',
      'control rejected broken',
    ])
    expect(account.databases.map(({ database, counts }) => [database, counts])).toEqual([
      ['north', { accepted: 1, rejected: 1, duplicate: 1, blank: 0, header: 0 }],
      ['south', { accepted: 1, rejected: 2, duplicate: 0, blank: 0, header: 0 }],
      ['control', { accepted: 0, rejected: 2, duplicate: 0, blank: 1, header: 1 }],
    ])
    expect(account.reasons.map(({ code }) => code).toSorted()).toEqual([
      'NOT_UNIQUE',
      'TOO_FEW_FIELDS',
      'TOO_SHORT',
      'UNROUTABLE',
    ])
    expect(await depot.ask('north', 'SELECT code FROM items')).toEqual([{ code: 'a1' }])
    expect(await depot.ask('south', 'SELECT code FROM items')).toEqual([{ code: 'z1' }])
  })

  test('may live in the control database itself, which then has one part a file', async () => {
    const depot = await freshDepot(engine, 'one database', { databases: ['north'], control: 'north' })
    const file = await depot.write('a.csv', `${HEADER}a1,Lamp,1\n\na1,Lamp,1\nb1,x,1\nbroken\n`)
    const account = await depot.ingest([file], { threads: 2, chunkBytes: 10 })
    const counts = { accepted: 1, rejected: 2, duplicate: 1, blank: 1, header: 1 }
    expect(account).toMatchObject({ state: 'complete', counts, databases: [{ database: 'north', counts }] })
    expect(await linesOf(depot)).toHaveLength(6)
    expect(await depot.ask('north', 'SELECT * FROM shardyard_parts')).toHaveLength(1)
  })

  test('are stored only where their references lead to rows', async () => {
    const depot = await freshDepot(engine, 'references')
    await depot.ask('north', `INSERT INTO users (id, name, email) VALUES (7, 'Ann', 'ann@example.com')`)
    await depot.ask('north', `INSERT INTO products (id, name, price) VALUES (3, 'Lamp', 1)`)
    const csv = 'id,userId,productId,quantity\n1,7,3,1\n2,8,3,1\n3,7,4,0\n4,9,9,1\n5,x,9,1\n1,7,3,1\n1,7,3,2\n'
    const file = await depot.write('orders.csv', csv)
    const account = await depot.ingest([file], { into: 'Order', threads: 2, chunkBytes: 25 })
    expect(account.counts).toEqual({ accepted: 1, rejected: 5, duplicate: 1, blank: 0, header: 1 })
    const rejected = (await linesOf(depot)).filter(({ outcome }) => outcome === 'rejected')
    expect(rejected.map(({ reasons }) => reasons.map(({ code, pointer }) => `${code} ${pointer}`).toSorted())).toEqual([
      ['REFERENCE_MISSING /userId'],
      ['REFERENCE_MISSING /productId', 'TOO_LOW /quantity'],
      ['REFERENCE_MISSING /productId', 'REFERENCE_MISSING /userId'],
      ['NOT_A_NUMBER /userId', 'REFERENCE_MISSING /productId'],
      ['ID_TAKEN /id'],
    ])
    expect(await depot.ask('north', 'SELECT quantity FROM orders')).toEqual([{ quantity: 1 }])
  })
})

test('what a mapping names is read from there, for every format', async () => {
  const depot = await freshDepot(sqlite, 'mapped')
  const csv = await depot.write('a.csv', 'sku,label,cents\na1,Lamp,1\n')
  const map = { sku: 'code', label: 'name', cents: 'price' }
  expect((await depot.ingest([csv], { map })).counts).toMatchObject({ accepted: 1 })
  const ndjson = await depot.write('b.ndjson', '{"inner":{"sku":"a2"},"label":"Desk","cents":2}\n')
  const nested = { '/inner/sku': 'code', label: 'name', cents: 'price' }
  expect((await depot.ingest([ndjson], { map: nested })).counts).toMatchObject({ accepted: 1 })
})

test('a file without a record is a complete run of nothing', async () => {
  const depot = await freshDepot(sqlite, 'empty')
  const account = await depot.ingest([await depot.write('a.csv', ''), await depot.write('b.csv', HEADER)])
  expect(account).toMatchObject({ state: 'complete', files: [{ records: 0 }, { records: 1 }], counts: { header: 1 } })
  expect(account.successRate).toBeUndefined()
})

test('no source at all is refused', async () => {
  const depot = await freshDepot(sqlite, 'no source')
  await expect(depot.ingest([])).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
})
