import { ENGINES, sqliteOrAll } from '../helpers/engines'
import { dataFile, mixedRecords, TWENTY } from './mixed-records'
import {
  ask,
  endState,
  makeShop,
  outcomeCounts,
  runJson,
  simulate,
  tablesText,
  type EndState,
  type RunJson,
  type Shop,
} from './shop'

/** Loads records and answers `position outcome: reasons` for each. */
async function load(shop: Shop, records: unknown, args: readonly string[] = ['--threads', '3']): Promise<RunJson> {
  return runJson(shop, ['--data', await dataFile(shop.folder, records), ...args])
}

function outcomesOf({ records }: RunJson): string[] {
  return records
    .toSorted((a, b) => a.position - b.position)
    .map(({ position, outcome, reasons }) => [position, outcome, ...reasons.map((reason) => reason.code)].join(' '))
}

let reference: EndState | undefined

describe.each(sqliteOrAll())('records of a file on $name', (engine) => {
  test.each([
    ['3', '1'],
    ['1', '1'],
    ['3', '7'],
    ['3', '1000'],
  ])('come to the same end with %s threads and batches of %s', async (threads, batch) => {
    const shop = await makeShop(engine, 'mixed')
    const { counts } = await load(shop, mixedRecords(4), ['--threads', threads, '--batch', batch])
    const end = await endState(shop)
    reference ??= end
    expect(counts).toMatchObject({
      accepted: TWENTY.accepted * 4,
      rejected: TWENTY.rejected * 4,
      duplicate: TWENTY.duplicate * 4,
    })
    expect(end).toEqual(reference)
  })

  test.each([['1'], ['10']])(
    'that share an id or an e-mail are judged by their place, in batches of %s',
    async (batch) => {
      const shop = await makeShop(engine, 'shared')
      const run = await load(
        shop,
        [
          { entity: 'User', id: 1, name: '', email: 'ann@example.com' },
          { entity: 'User', id: 1, name: 'Ann', email: 'ANN@example.com' },
          { entity: 'User', id: 1, name: 'Ann', email: ' ann@example.com' },
          { entity: 'User', id: 1, name: 'Anna', email: 'anna@example.com' },
          { entity: 'User', id: 2, name: 'Ann', email: 'Ann@Example.com' },
          { entity: 'User', id: 2, name: 'Bea', email: 'bea@example.com' },
          { entity: 'User', id: 3, name: 'Bea', email: 'bea@example.com' },
        ],
        ['--threads', '3', '--batch', batch],
      )
      expect(outcomesOf(run)).toEqual([
        '0 rejected EMPTY',
        '1 accepted',
        '2 duplicate',
        '3 rejected ID_TAKEN',
        '4 rejected NOT_UNIQUE',
        '5 accepted',
        '6 rejected NOT_UNIQUE',
      ])
    },
  )

  test('that have no id are rows once and duplicates when they are loaded again', async () => {
    const shop = await makeShop(engine, 'without id')
    const records = [
      { entity: 'Product', name: 'Lamp', price: 1 },
      { entity: 'Product', name: 'Lamp', price: 1 },
      { entity: 'Product', id: null, name: 'Desk', price: 2 },
      { entity: 'User', name: 'Ann', email: 'ann@example.com' },
      { entity: 'User', name: 'Bob', email: 'ANN@example.com' },
      { entity: 'Order', userId: 1, productId: 1, quantity: 1 },
    ]
    const first = await load(shop, records, ['--threads', '3', '--batch', '2'])
    expect(outcomesOf(first)).toEqual([
      '0 accepted',
      '1 accepted',
      '2 accepted',
      '3 accepted',
      '4 rejected NOT_UNIQUE',
      '5 accepted',
    ])
    const before = await tablesText(shop)
    for (const batch of ['1', '10']) {
      const again = await load(shop, records, ['--threads', '3', '--batch', batch])
      expect(outcomesOf(again)).toEqual([
        '0 duplicate',
        '1 duplicate',
        '2 duplicate',
        '3 duplicate',
        '4 rejected NOT_UNIQUE',
        '5 duplicate',
      ])
    }
    expect(await tablesText(shop)).toBe(before)
  })

  test('get generated ids that pass the given ones', async () => {
    const shop = await makeShop(engine, 'ids go on')
    await load(shop, [{ entity: 'Product', id: 500, name: 'Lamp', price: 1 }])
    const run = await load(shop, [{ entity: 'Product', name: 'Desk', price: 1 }])
    expect(run.records.map((record) => record.rowId)).toEqual(['501'])
  })

  test('that name no entity have their lines in control', async () => {
    const shop = await makeShop(engine, 'strays')
    const strays = [
      5,
      'text',
      null,
      [],
      {},
      { entity: 'Invoice', id: 1 },
      { entity: 'invoice', id: 1 },
      { entity: 'user', id: 1 },
      { entity: 'User ', id: 1 },
      { entity: 7 },
      { entity: 'a\u0000b' },
      { entity: 'half \ud83d' },
      { entity: `${'e'.repeat(99)}😀${'e'.repeat(5_000)}` },
    ]
    const { counts } = await load(shop, [{ entity: 'User', id: 1, name: 'Ann', email: 'ann@example.com' }, ...strays])
    expect(counts).toMatchObject({ accepted: 1, rejected: strays.length })
    expect(await ask(engine, shop.urls.control, 'SELECT * FROM shardyard_ledger')).toHaveLength(strays.length)
    const { stdout } = await simulate(shop, ['--threads', '2', '--data', `${shop.folder}/records.json`])
    expect(stdout).toContain('Record must be an object')
  })

  test('may refer to rows that were stored before', async () => {
    const shop = await makeShop(engine, 'earlier rows')
    const order = { entity: 'Order', id: 1, userId: 1, productId: 1, quantity: 1 }
    expect(outcomesOf(await load(shop, [order]))).toEqual(['0 rejected REFERENCE_MISSING REFERENCE_MISSING'])
    await load(shop, [
      { entity: 'User', id: 1, name: 'Ann', email: 'ann@example.com' },
      { entity: 'Product', id: 1, name: 'Lamp', price: 1 },
    ])
    expect(outcomesOf(await load(shop, [order]))).toEqual(['0 accepted'])
    expect(outcomesOf(await load(shop, [order, { ...order, id: 2 }]))).toEqual(['0 duplicate', '1 accepted'])
  })

  test('of other files meet what is stored: the same is a duplicate, other content has its id taken', async () => {
    const shop = await makeShop(engine, 'other files')
    const user = { entity: 'User', id: 1, name: 'Ann', email: 'ann@example.com' }
    await load(shop, [user])
    const run = await load(shop, [
      { ...user, id: 2 },
      { ...user, email: 'ANN@example.com ' },
      { ...user, name: 'Anna' },
    ])
    expect(outcomesOf(run)).toEqual(['0 rejected NOT_UNIQUE', '1 duplicate', '2 rejected ID_TAKEN'])
  })
})

/** Values that are no whole number from 1 on, no name, no e-mail, no price, whatever a driver would make of them. */
const BAD_NUMBERS = [1.5, '1', '', 'abc', true, {}, [], [1], { a: { b: [{}] } }, 0, -1, 1e300, 2 ** 53, '1e400']
const BAD_TEXTS: readonly unknown[] = [
  '',
  ' ',
  'x',
  'nul\u0000',
  'half \ud800',
  '\udc00',
  'n'.repeat(5_000),
  7,
  true,
  {},
  ['a'],
  { toString: 1 },
]
const BAD_EMAILS = [
  ...BAD_TEXTS,
  'ann',
  'ann@',
  '@example.com',
  'a b@example.com',
  'ann@example.com\u0000',
  'ann@-x..com',
]
const BAD_PRICES = [
  -1,
  '-0.01',
  1_000_000,
  '999999.991',
  'abc',
  '',
  true,
  {},
  [],
  '1,5',
  '0x10',
  '1e2',
  ' ',
  '9'.repeat(5_000),
  1e-7,
]

function withBadValues(): { records: Record<string, unknown>[]; text: string } {
  const user = { entity: 'User', id: 1, name: 'Ann', email: 'ann@example.com' }
  const product = { entity: 'Product', id: 1, name: 'Lamp', price: '1.00' }
  const order = { entity: 'Order', id: 1, userId: 1, productId: 1, quantity: 1 }
  const variants = (base: Record<string, unknown>, field: string, values: readonly unknown[]) =>
    values.map((value) => ({ ...base, id: 2, [field]: value }))
  const records = [
    user,
    product,
    order,
    ...['id', 'userId', 'productId', 'quantity'].flatMap((field) => variants(order, field, BAD_NUMBERS)),
    ...variants(order, 'quantity', [null, 1001]),
    ...variants(user, 'id', BAD_NUMBERS),
    ...variants(user, 'name', [...BAD_TEXTS, null]),
    ...variants({ ...user, name: 'Bad e-mail' }, 'email', [...BAD_EMAILS, null]),
    ...variants(product, 'name', [...BAD_TEXTS, null]),
    ...variants(product, 'price', [...BAD_PRICES, null]),
    { entity: 'User' },
    { entity: 'Product', id: 2 },
    { entity: 'Order', id: 2 },
  ]
  // What JSON.stringify cannot say: numbers that JSON.parse makes infinite.
  return { records, text: JSON.stringify(records).replaceAll('"1e400"', '1e400') }
}

describe.each(sqliteOrAll())('bad values on $name', (engine) => {
  test.each([['1'], ['50']])('are each rejected with a reason of their own field, in batches of %s', async (batch) => {
    const shop = await makeShop(engine, 'bad values')
    const { records, text } = withBadValues()
    const run = await load(shop, text, ['--threads', '3', '--batch', batch])
    expect(await outcomeCounts(shop)).toEqual({ accepted: 3, rejected: records.length - 3 })
    const rejected = run.records.filter((record) => record.outcome === 'rejected')
    expect(rejected.filter(({ reasons }) => reasons.length === 0)).toEqual([])
    const codes = new Set(rejected.flatMap(({ reasons }) => reasons.map((reason) => reason.code)))
    expect([...codes]).not.toContain('REFUSED_BY_DATABASE')
    expect([...codes]).not.toContain('RECORD_KILLS_WORKER')
    expect(await ask(engine, shop.urls.users, 'SELECT id FROM users')).toHaveLength(1)
  })

  test('of the moments of a row are rejected, and good ones are stored', async () => {
    const shop = await makeShop(engine, 'moments')
    const bad = ['garbage', 5, {}, '', '2024-02-31T00:00:00Z', true].flatMap((value) => [
      { createdAt: value },
      { updatedAt: value },
    ])
    const good = [{ createdAt: '2024-01-31T10:00:00.123Z' }, { createdAt: null }, {}]
    const records = [...bad, ...good].map((moment, index) => ({
      entity: 'Product',
      id: index + 1,
      name: 'Lamp',
      price: 1,
      ...moment,
    }))
    const run = await load(shop, records)
    expect(run.counts).toMatchObject({ accepted: good.length, rejected: bad.length })
    const [row] = await ask(engine, shop.urls.products, `SELECT * FROM products WHERE id = ${bad.length + 1}`)
    expect(JSON.stringify(row)).toContain('2024-01-31')
    expect((await load(shop, records)).counts).toMatchObject({ duplicate: good.length, rejected: bad.length })
  })

  test('of names and keys that other programs obey are stored or refused as they are', async () => {
    const shop = await makeShop(engine, 'hostile')
    const names = [
      `'; DROP TABLE products; --`,
      `"$1 ?" \\`,
      '<script>',
      '\u202Eright to left',
      'İstanbul ✓ Ωμέγα',
      '=1+1',
      '😀😀',
    ]
    const records = names.map((name, index) => ({
      entity: 'Product',
      id: index + 1,
      name,
      price: '1',
      hasOwnProperty: 1,
      extra: {},
    }))
    expect((await load(shop, records)).counts).toMatchObject({ accepted: names.length })
    const rows = await ask(engine, shop.urls.products, 'SELECT name FROM products ORDER BY id')
    expect(rows.map((row) => row['name'])).toEqual(names)
  })
})

describe.each(sqliteOrAll())('large records on $name', (engine) => {
  test('of almost a megabyte each are judged and kept, though a batch of them fits into no packet', async () => {
    const shop = await makeShop(engine, 'large records')
    const email = `${'é'.repeat(900_000)}@example.com`
    const users = Array.from({ length: 8 }, (_, id) => ({ entity: 'User', id: id + 1, name: 'Ann', email }))
    const records = [...users, { entity: 'Product', id: 1, name: 'Lamp', price: 1 }]
    const run = await load(shop, records, ['--threads', '2', '--batch', '100'])
    expect(run.counts).toMatchObject({ accepted: 1, rejected: 8 })
    const codes = run.records.flatMap(({ reasons }) => reasons.map(({ code }) => code))
    expect(new Set(codes)).toEqual(new Set(['INVALID_EMAIL']))
  })
})

describe('a data file', () => {
  const [sqlite] = ENGINES as readonly [(typeof ENGINES)[number]]

  test('without records is a run without records', async () => {
    const run = await load(await makeShop(sqlite, 'empty list'), [])
    expect(run).toMatchObject({ state: 'complete', counts: { accepted: 0, rejected: 0 }, entities: [] })
  })

  test('with a byte order mark is read', async () => {
    const shop = await makeShop(sqlite, 'bom')
    const run = await load(shop, `\ufeff[{"entity":"Product","id":1,"name":"Lamp","price":1}]`)
    expect(run.counts).toMatchObject({ accepted: 1 })
  })

  test('may have a name as long as the file system allows', async () => {
    const shop = await makeShop(sqlite, 'long name')
    const file = await dataFile(shop.folder, mixedRecords(1), `${'n'.repeat(250)}.json`)
    expect((await runJson(shop, ['--threads', '2', '--data', file])).counts).toMatchObject(TWENTY)
  })
})
