import { setTimeout as sleep } from 'node:timers/promises'
import { Order, Product, User } from 'shardyard/entities'
import { ENGINES } from '../helpers/engines'
import { failureOf, holdAddress, inTime, isSouthern, openPair, userAt, usersOf } from './loading'
import { ada, bob, lamp, openShelf, openStore } from './store'

describe.each(ENGINES)('cluster.load on $name', (engine) => {
  test('stores the rows of an array and of an async iterable', async () => {
    const cluster = await openStore(engine, 'load')
    const expected = (rows: number) => ({ rows, written: rows, databases: { users: { rows, written: rows } } })
    expect(await cluster.load(User, usersOf(1_234), { batchRows: 100 })).toEqual(expected(1_234))
    const later = usersOf(500).map((user) => ({ ...user, email: `late.${user.email}` }))
    expect(await cluster.load(User, inTime(later), { batchRows: 100 })).toEqual(expected(500))
    const stored = await cluster.repository(User).find({ order: { id: 'ASC' } })
    expect(stored.map(({ email }) => email)).toEqual([...usersOf(1_234), ...later].map(({ email }) => email))
    expect(stored[0]?.createdAt).toBeInstanceOf(Date)
  })

  test('stores nothing of no rows', async () => {
    const cluster = await openStore(engine, 'load none')
    expect(await cluster.load(User, [])).toEqual({ rows: 0, written: 0, databases: {} })
    expect(await cluster.load(User, inTime([]))).toEqual({ rows: 0, written: 0, databases: {} })
  })

  test('sends every row where the router says', async () => {
    const cluster = await openPair(engine)
    const rows = usersOf(300).map((user, index) => (index % 3 === 0 ? { ...user, email: `${user.email}.south` } : user))
    const result = await cluster.load(User, rows, { batchRows: 20 })
    expect(result).toEqual({
      rows: 300,
      written: 300,
      databases: { north: { rows: 200, written: 200 }, south: { rows: 100, written: 100 } },
    })
    for (const name of cluster.databases) {
      const stored = await cluster
        .database(name)
        .getRepository(User)
        .find({ order: { id: 'ASC' } })
      const own = rows.filter((row) => isSouthern(row) === (name === 'south'))
      expect(stored.map(({ email }) => email)).toEqual(own.map(({ email }) => email))
    }
  })

  test('leaves every database as it was when one refuses a row', async () => {
    const cluster = await openPair(engine)
    const rows = [...usersOf(50), { name: 'Ada', email: 'ada@example.south' }, { name: 'X', email: 'x@example.south' }]
    const error = await failureOf(cluster.load(User, rows, { batchRows: 10 }))
    expect(error).toMatchObject({
      code: 'SY_VALIDATION_FAILED',
      details: { database: 'south', first: 50, last: 51, count: 2, committed: { north: 0, south: 0 } },
    })
    expect(error.message).toMatch(/Rows 50 to 51 of the load went to "south"\. Nothing of the load is stored\.$/)
    for (const name of cluster.databases) expect(await cluster.database(name).getRepository(User).count()).toBe(0)
  })

  test('fails at a row that is stored already, and names it in the words of validation', async () => {
    const cluster = await openStore(engine, 'load twice')
    await cluster.repository(User).insert({ ...ada })
    const error = await failureOf(cluster.load(User, [bob, { ...ada, name: 'Eve' }]))
    expect(error.code).toBe('SY_VALIDATION_FAILED')
    expect(error.message).toMatch(/^User: Email already used/)
    expect(error.details['reasons']).toEqual([expect.objectContaining({ code: 'NOT_UNIQUE', field: 'email' })])
    expect(await cluster.repository(User).count()).toBe(1)
  })

  test('leaves out rows that are stored already', async () => {
    const cluster = await openStore(engine, 'load ignore')
    await cluster.repository(User).insert({ ...ada })
    const rows = [bob, { ...ada, name: 'Eve' }, { ...bob, name: 'Bobby' }]
    expect(await cluster.load(User, rows, { onConflict: 'ignore' })).toMatchObject({ rows: 3, written: 1 })
    const names = (await cluster.repository(User).find({ order: { id: 'ASC' } })).map(({ name }) => name)
    expect(names).toEqual(['Ada', 'Bob'])
  })

  test('writes over rows that are stored already', async () => {
    const cluster = await openStore(engine, 'load update')
    await cluster.repository(User).insert({ ...ada })
    const before = await cluster.repository(User).findOneByOrFail({ email: ada.email })
    await sleep(20)
    const rows = [bob, { ...ada, name: 'Eve' }, { ...bob, name: 'Bobby' }]
    const options = { onConflict: 'update', conflictKey: ['email'] } as const
    expect(await cluster.load(User, rows, options)).toMatchObject({ rows: 3, written: 3 })
    const after = await cluster.repository(User).find({ order: { id: 'ASC' } })
    expect(after.map(({ name, email }) => [name, email])).toEqual([
      ['Eve', ada.email],
      ['Bobby', bob.email],
    ])
    expect(after[0]).toMatchObject({ id: before.id, createdAt: before.createdAt })
    expect(after[0]?.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime())
  })

  test('finds the stored row by the id where the rows have it, else by the only unique key', async () => {
    const cluster = await openStore(engine, 'load key')
    await cluster.load(User, [{ ...ada, id: 7 }], { onConflict: 'update' })
    await cluster.load(User, [{ ...ada, id: 7, name: 'Eve' }], { onConflict: 'update' })
    await cluster.load(User, [{ ...ada, name: 'Eva' }], { onConflict: 'update' })
    expect(await cluster.repository(User).find()).toEqual([expect.objectContaining({ id: 7, name: 'Eva' })])
    await expect(cluster.load(Product, [lamp], { onConflict: 'update' })).rejects.toMatchObject({
      code: 'SY_OPTION_INVALID',
      details: { option: 'conflictKey' },
    })
  })

  test('puts the generated ids into the rows', async () => {
    const cluster = await openStore(engine, 'load ids')
    const rows: Partial<User>[] = usersOf(700)
    const given = { ...userAt(9_999), id: 5_000 }
    await cluster.load(User, [...rows.slice(0, 300), given, ...rows.slice(300)], { assignIds: true, batchRows: 100 })
    const stored = await cluster.repository(User).find()
    const idOf = new Map(stored.map(({ email, id }) => [email, id]))
    expect(rows.map(({ id }) => id)).toEqual(rows.map(({ email }) => idOf.get(email ?? '')))
    expect(given.id).toBe(5_000)
  })

  test('lets the generated ids go on after those that were given', async () => {
    const cluster = await openStore(engine, 'load sequence')
    await cluster.load(User, [{ ...ada, id: 41 }, userAt(1), { ...bob, id: 43 }])
    const { id } = await cluster.repository(User).save(userAt(2))
    expect(id).toBeGreaterThan(43)
    await cluster.load(User, [userAt(3)])
    expect(await cluster.repository(User).count()).toBe(5)
  })

  test('lets the generated ids go on also after a load that failed half-way', async () => {
    const cluster = await openStore(engine, 'load sequence half')
    const rows = [
      { ...ada, id: 1 },
      { ...bob, id: 2 },
      { name: 'X', email: 'x@example.com', id: 3 },
    ]
    const error = await failureOf(cluster.load(User, rows, { batchRows: 1, commitEvery: 1 }))
    expect(error.details).toMatchObject({ committed: { users: 2 } })
    const { id } = await cluster.repository(User).save(userAt(2))
    expect(id).toBeGreaterThan(2)
  })

  test('checks rules and references when asked, and lists every broken row', async () => {
    const cluster = await openStore(engine, 'load checked')
    await cluster.load(User, [{ ...ada, id: 1 }])
    await cluster.load(Product, [{ ...lamp, id: 1 }])
    const order = { userId: 1, productId: 1, quantity: 1 }
    const rows = [
      order,
      { ...order, userId: 77 },
      { ...order, quantity: 0 },
      { ...order, productId: 88, quantity: 5_000 },
    ]
    const error = await failureOf(cluster.load(Order, rows, { validate: true }))
    expect(error.code).toBe('SY_VALIDATION_FAILED')
    expect(error.message).toMatch(/^Order, row 1: .*77.* \(and 2 more rows of its batch\)\. Nothing/)
    const fieldsOf = ({ row, reasons }: { row: number; reasons: { field: string }[] }) => [
      row,
      reasons.map(({ field }) => field).toSorted(),
    ]
    expect((error.details['rows'] as Parameters<typeof fieldsOf>[0][]).map(fieldsOf)).toEqual([
      [1, ['userId']],
      [2, ['quantity']],
      [3, ['productId', 'quantity']],
    ])
    expect(await cluster.repository(Order).count()).toBe(0)
    expect(await cluster.load(Order, [order, order, order], { validate: true })).toMatchObject({ written: 3 })
  })

  test('names a rule that the schema finds broken in the words of validation', async () => {
    const cluster = await openStore(engine, 'load rule')
    const rows = usersOf(10).map((user, index) => (index === 7 ? { ...user, name: 'X' } : user))
    const error = await failureOf(cluster.load(User, rows, { batchRows: 4 }))
    expect(error).toMatchObject({
      code: 'SY_VALIDATION_FAILED',
      details: { entity: 'User', database: 'users', first: 4, last: 7, count: 4 },
    })
    expect(error.message).toContain('Name must be at least 2 characters long')
  })

  test.each([
    ['null', null],
    ['a string', 'Ada'],
    ['a number', 7],
    ['an array', ['Ada']],
    ['undefined', undefined],
  ])('refuses %s as a row', async (_name, row) => {
    const cluster = await openStore(engine, 'load no row')
    const error = await failureOf(cluster.load(User, [ada, row as never]))
    expect(error).toMatchObject({ code: 'SY_OPTION_INVALID', details: { option: 'rows', committed: { users: 0 } } })
    expect(error.message).toContain('Expected row 1 to be an object')
    expect(await cluster.repository(User).count()).toBe(0)
  })

  test('refuses a row that gives no column at all', async () => {
    const cluster = await openStore(engine, 'load empty row')
    const rows = [ada, { mail: 'misspelt' } as never]
    await expect(cluster.load(User, rows)).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
    expect(await cluster.repository(User).count()).toBe(0)
  })

  test('is refused what is no entity of the cluster, or when that is closed', async () => {
    const cluster = await openShelf(engine, 'load refused')
    class Stranger {}
    await expect(cluster.load(Stranger, [])).rejects.toMatchObject({ code: 'SY_ENTITY_UNKNOWN' })
    await cluster.close()
    await expect(cluster.load(User, [])).rejects.toMatchObject({ code: 'SY_CLUSTER_CLOSED' })
  })

  test.each([
    ['onConflict', { onConflict: 'replace' }],
    ['batchRows', { batchRows: 0 }],
    ['commitEvery', { commitEvery: 1.5 }],
    ['assignIds', { assignIds: true, onConflict: 'ignore' }],
    ['conflictKey', { onConflict: 'update', conflictKey: ['mail'] }],
  ])('refuses a wrong %s', async (option, options) => {
    const cluster = await openShelf(engine, 'load options')
    const load = cluster.load(User, [ada], options as never)
    await expect(load).rejects.toMatchObject({ code: 'SY_OPTION_INVALID', details: { option } })
  })

  test('asks its source only for what it has room for', async () => {
    const cluster = await openShelf(engine, 'load pressure')
    const release = await holdAddress(cluster, userAt(5).email)
    let asked = 0
    async function* source() {
      for (const user of usersOf(500)) {
        asked += 1
        yield user
      }
    }
    const load = cluster.load(User, source(), { batchRows: 10 })
    await sleep(300)
    // One batch waits for the lock, one is gathered.
    expect(asked).toBeGreaterThanOrEqual(10)
    expect(asked).toBeLessThanOrEqual(20)
    await release()
    expect(await load).toMatchObject({ rows: 500, written: 500 })
  })

  test('tells after every batch how many rows were handed over', async () => {
    const cluster = await openStore(engine, 'load progress')
    const told: number[] = []
    await cluster.load(User, usersOf(25), { batchRows: 10, onProgress: ({ rows }) => void told.push(rows) })
    expect(told).toEqual([10, 20, 25])
  })

  test('commits every so many rows, and says after a failure how many are stored', async () => {
    const cluster = await openStore(engine, 'load commits')
    const rows = usersOf(20).map((user, index) => (index === 10 ? { ...user, name: 'X' } : user))
    const error = await failureOf(cluster.load(User, rows, { batchRows: 2, commitEvery: 3 }))
    expect(error).toMatchObject({ code: 'SY_VALIDATION_FAILED', details: { committed: { users: 9 } } })
    expect(error.message).toMatch(/ Stored are 9 rows in "users"\.$/)
    expect(await cluster.repository(User).count()).toBe(9)
  })

  test('is one transaction unless told otherwise', async () => {
    const cluster = await openStore(engine, 'load one')
    const seen: number[] = []
    async function* source() {
      yield* usersOf(30)
      seen.push(await cluster.repository(User).count())
      yield userAt(30)
    }
    await cluster.load(User, source(), { batchRows: 10 })
    expect([...seen, await cluster.repository(User).count()]).toEqual([0, 31])
  })

  test('passes an error of its source on, and stores nothing', async () => {
    const cluster = await openStore(engine, 'load source')
    let isClosed = false
    async function* source() {
      try {
        yield* usersOf(30)
        throw new Error('The file is cut off')
      } finally {
        isClosed = true
      }
    }
    const error = await failureOf(cluster.load(User, source(), { batchRows: 10 }))
    expect(error).toMatchObject({ code: 'SY_LOAD_FAILED', cause: { message: 'The file is cut off' } })
    expect(error.message).toBe('The load failed: The file is cut off. Nothing of the load is stored.')
    expect({ isClosed, count: await cluster.repository(User).count() }).toEqual({ isClosed: true, count: 0 })
  })

  test('closes its source when it fails', async () => {
    const cluster = await openStore(engine, 'load source end')
    let isClosed = false
    async function* source() {
      try {
        for (;;) yield ada
      } finally {
        isClosed = true
      }
    }
    await expect(cluster.load(User, source(), { batchRows: 10 })).rejects.toMatchObject({
      code: 'SY_VALIDATION_FAILED',
    })
    expect(isClosed).toBe(true)
  })
})
