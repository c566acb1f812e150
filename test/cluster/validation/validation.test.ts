import type { QueryRunner } from 'typeorm'
import type { Cluster } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { ENGINES } from '../../helpers/engines'
import { ada, disposable, lamp, openShelf } from '../store'

const long = 'x'.repeat(101)

/** What is wrong with a user, a product or an order, and the sentences for it. */
const USERS: [title: string, user: object, ...messages: string[]][] = [
  ['an empty name', { ...ada, name: '' }, 'Name cannot be empty'],
  ['a blank name', { ...ada, name: ' \t ' }, 'Name cannot be empty'],
  ['no name', { email: ada.email }, 'Name cannot be empty'],
  ['null for a name', { ...ada, name: null }, 'Name cannot be empty'],
  ['a short name', { ...ada, name: ' A ' }, 'Name must be at least 2 characters long'],
  ['a long name', { ...ada, name: long }, 'Name must be at most 100 characters long'],
  ['a number for a name', { ...ada, name: 12 }, 'Name must be a string'],
  ['an object for a name', { ...ada, name: {} }, 'Name must be a string'],
  ['no e-mail', { name: 'Ada' }, 'Email cannot be empty'],
  ['a blank e-mail', { name: 'Ada', email: '  ' }, 'Email cannot be empty'],
  ['a wrong e-mail', { name: 'Ada', email: ' Not-An-Email ' }, 'Invalid email format: not-an-email'],
  ['an e-mail without a host', { name: 'Ada', email: 'ada@' }, 'Invalid email format: ada@'],
  ['a number for an e-mail', { name: 'Ada', email: 5 }, 'Email must be a string'],
  ['all of it', { name: '', email: 'x' }, 'Name cannot be empty', 'Invalid email format: x'],
  ['an id of 0', { ...ada, id: 0 }, 'ID must be positive: 0'],
]
const PRODUCTS: typeof USERS = [
  ['an empty name', { ...lamp, name: '' }, 'Product name cannot be empty'],
  ['a short name', { ...lamp, name: 'L' }, 'Product name must be at least 2 characters long'],
  ['a long name', { ...lamp, name: long }, 'Product name must be at most 100 characters long'],
  ['no price', { name: 'Lamp' }, 'Price cannot be None'],
  ['null for a price', { name: 'Lamp', price: null }, 'Price cannot be None'],
  ['a negative price', { name: 'Lamp', price: '-50.00' }, 'Price cannot be negative: -50.00'],
  ['a price below 0', { name: 'Lamp', price: -0.01 }, 'Price cannot be negative: -0.01'],
  ['a high price', { name: 'Lamp', price: 1_000_000 }, 'Price too high: 1000000.00'],
  ['a price one cent too high', { name: 'Lamp', price: '1000000.00' }, 'Price too high: 1000000.00'],
  ['a price of 3 decimals', { name: 'Lamp', price: '1.005' }, 'Price must have at most 2 decimals: 1.005'],
  ['0.1 + 0.2', { name: 'Lamp', price: 0.1 + 0.2 }, 'Price must have at most 2 decimals: 0.30000000000000004'],
  ['a word for a price', { name: 'Lamp', price: 'cheap' }, 'Price must be a number'],
  ['NaN for a price', { name: 'Lamp', price: Number.NaN }, 'Price must be a number'],
  ['Infinity for a price', { name: 'Lamp', price: Number.POSITIVE_INFINITY }, 'Price must be a number'],
  ['a list for a price', { name: 'Lamp', price: [1] }, 'Price must be a number'],
  ['all of it', { name: ' ', price: -1 }, 'Product name cannot be empty', 'Price cannot be negative: -1.00'],
]
const good = { userId: 1, productId: 1, quantity: 1 }
const ORDERS: typeof USERS = [
  ['no keys', { quantity: 1 }, 'User ID cannot be None', 'Product ID cannot be None'],
  ['a key of 0', { ...good, userId: 0 }, 'User ID must be positive: 0'],
  ['a negative key', { ...good, productId: -3 }, 'Product ID must be positive: -3'],
  ['a text for a key', { ...good, userId: '1' }, 'User ID must be a number'],
  ['a fraction for a key', { ...good, userId: 1.5 }, 'User ID must be a whole number'],
  ['a key beyond 2^53', { ...good, userId: 2 ** 53 }, 'User ID must be a whole number'],
  ['no quantity', { userId: 1, productId: 1 }, 'Quantity cannot be None'],
  ['a quantity of 0', { ...good, quantity: 0 }, 'Quantity must be positive: 0'],
  ['a negative quantity', { ...good, quantity: -1 }, 'Quantity must be positive: -1'],
  ['a high quantity', { ...good, quantity: 1001 }, 'Quantity too high: 1001'],
  ['a text for a quantity', { ...good, quantity: '5' }, 'Quantity must be a number'],
  [
    'all of it',
    { userId: 9, productId: 0, quantity: 0 },
    'Product ID must be positive: 0',
    'Quantity must be positive: 0',
    'User 9 does not exist',
  ],
]

type Placed = typeof User | typeof Product | typeof Order

/** The sentences that a write is refused with; fails when it is not refused. */
async function reasonsOf(write: () => Promise<unknown>): Promise<string[]> {
  const error = await write().then(
    () => new Error('it was stored'),
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ code: 'SY_VALIDATION_FAILED' })
  const { entity, reasons } = (error as { details: { entity: string; reasons: { message: string }[] } }).details
  expect((error as Error).message).toBe(`${entity}: ${reasons.map(({ message }) => message).join('; ')}`)
  return reasons.map(({ message }) => message).toSorted()
}

describe.each(ENGINES)('validation on $name', (engine) => {
  let cluster: Cluster<'main'>
  beforeAll(async () => {
    cluster = await openShelf(engine, 'validation')
    await cluster.repository(User).insert({ name: 'First', email: 'first@example.com' })
    await cluster.repository(Product).insert({ name: 'First', price: '1' })
    await cluster.repository(Order).insert({ ...good })
  })

  const isRefused = async (entity: Placed, row: object, messages: readonly string[]) => {
    const repository = cluster.repository(entity as typeof User)
    for (const write of [
      () => repository.save({ ...row }),
      () => repository.insert({ ...row }),
      () => repository.insert([{ ...row }, { ...row }]),
      () => repository.upsert({ ...row }, ['id']),
    ]) {
      expect(await reasonsOf(write)).toEqual(messages.toSorted())
    }
    expect(await repository.count()).toBe(1)
  }
  test.each(USERS)('refuses a user with %s', (_, row, ...messages) => isRefused(User, row, messages))
  test.each(PRODUCTS)('refuses a product with %s', (_, row, ...messages) => isRefused(Product, row, messages))
  test.each(ORDERS)('refuses an order with %s', (_, row, ...messages) => isRefused(Order, row, messages))

  test('refuses a batch whose last row is wrong, and stores none of it', async () => {
    const users = Array.from({ length: 20 }, (_, index) => ({ name: 'Many', email: `${index}@example.com` }))
    const batch = () => [...users.map((user) => ({ ...user })), { name: '', email: 'last@example.com' }]
    expect(await reasonsOf(() => cluster.repository(User).insert(batch()))).toEqual(['Name cannot be empty'])
    expect(await reasonsOf(() => cluster.repository(User).save(batch()))).toEqual(['Name cannot be empty'])
    expect(await cluster.repository(User).count()).toBe(1)
  })

  test('checks the given fields of an update, and only those', async () => {
    const products = cluster.repository(Product)
    const update = (fields: object) => () => products.update({ id: 1 }, fields)
    expect(await reasonsOf(update({ name: '' }))).toEqual(['Product name cannot be empty'])
    expect(await reasonsOf(update({ name: null }))).toEqual(['Product name cannot be empty'])
    expect(await reasonsOf(update({ name: 'x', price: -1 }))).toEqual([
      'Price cannot be negative: -1.00',
      'Product name must be at least 2 characters long',
    ])
    expect(await reasonsOf(update({ price: 1.001 }))).toEqual(['Price must have at most 2 decimals: 1.001'])
    await products.update({ id: 1 }, { price: ' 2 ' })
    await products.update({ id: 1 }, { price: '3', name: undefined })
    expect(await products.findOneBy({ id: 1 })).toMatchObject({ name: 'First', price: '3.00' })
  })

  test('checks the whole of a row that is saved again in part', async () => {
    const products = cluster.repository(Product)
    expect(await reasonsOf(() => products.save({ id: 1, price: '-1' }))).toEqual(['Price cannot be negative: -1.00'])
    expect(await reasonsOf(() => products.save({ id: 1, name: ' ' }))).toEqual(['Product name cannot be empty'])
    await products.save({ id: 1, name: '  Second ' })
    const stored = await products.findOneByOrFail({ id: 1 })
    expect(stored).toMatchObject({ name: 'Second' })
    stored.price = 'free'
    expect(await reasonsOf(() => products.save(stored))).toEqual(['Price must be a number'])
  })

  test('counts characters, not halves of them, and trims before it counts', async () => {
    const users = cluster.repository(User)
    const name = '😀'.repeat(100)
    const { id } = await users.save({ name: `  ${name}  `, email: 'smile@example.com' })
    expect(await users.findOneBy({ id })).toMatchObject({ name })
    expect(await reasonsOf(() => users.update({ id }, { name: `${name}😀` }))).toEqual([
      'Name must be at most 100 characters long',
    ])
    expect(await reasonsOf(() => users.update({ id }, { name: '😀' }))).toEqual([
      'Name must be at least 2 characters long',
    ])
    await users.delete({ id })
  })

  test.each(['a\u0000b', 'half \ud83d'])('refuses a text that not every engine can store: %j', async (name) => {
    expect(await reasonsOf(() => cluster.repository(User).insert({ ...ada, name }))).toEqual([
      'Name has characters that cannot be stored',
    ])
  })

  test('leaves an expression of an insert to the constraints of the schema', async () => {
    const insert = (name: string, email: string) => () =>
      cluster
        .repository(User)
        .createQueryBuilder()
        .insert()
        .values({ name: () => name, email })
        .execute()
    await insert(`upper('ada')`, ' Upper@Example.com')()
    expect(await cluster.repository(User).findOneBy({ email: 'upper@example.com' })).toMatchObject({ name: 'ADA' })
    expect(await reasonsOf(insert(`upper('ada')`, 'nobody'))).toEqual(['Invalid email format: nobody'])
    expect(await reasonsOf(insert(`upper('a')`, 'a@example.com'))).toEqual(['Name must be at least 2 characters long'])
    await cluster.repository(User).delete({ email: 'upper@example.com' })
  })

  test('refuses a fraction for an id', async () => {
    const insert = () => cluster.repository(User).insert({ ...ada, id: 1.5 })
    expect(await reasonsOf(insert)).toEqual(['ID must be a whole number'])
  })

  test('is not misled by a row with a key __proto__', async () => {
    const row = JSON.parse('{"name":"","email":"p@example.com","__proto__":{"name":"Fine"}}') as object
    expect(await reasonsOf(() => cluster.repository(User).insert(row))).toEqual(['Name cannot be empty'])
  })
})

describe.each(ENGINES)('the constraints of the schema on $name', (engine) => {
  let cluster: Cluster<'main'>
  beforeAll(async () => {
    cluster = await openShelf(engine, 'constraints')
    await cluster.repository(User).insert({ name: 'First', email: 'first@example.com' })
    await cluster.repository(Product).insert({ name: 'First', price: '1' })
    await cluster.repository(Order).insert({ ...good })
  })
  const mark = (index: number) => (engine.name === 'postgres' ? `$${index}` : '?')
  const raw =
    (sql: string, parameters: unknown[] = []) =>
    () =>
      cluster.database('main').query(engine.name === 'mysql' ? sql.replaceAll('"', '`') : sql, parameters)

  test('stop expressions with the sentences of validation', async () => {
    const products = cluster.repository(Product)
    const price = (expression: string) => () => products.update({ id: 1 }, { price: () => expression })
    expect(await reasonsOf(price('price - 5'))).toEqual(['Price cannot be negative'])
    expect(await reasonsOf(price('price + 1000000'))).toEqual(['Price too high'])
    expect(await reasonsOf(() => products.decrement({ id: 1 }, 'price', 5))).toEqual(['Price cannot be negative'])
    expect(await reasonsOf(() => products.increment({ id: 1 }, 'price', 999_999))).toEqual(['Price too high'])
    expect(await reasonsOf(() => cluster.repository(Order).increment({ id: 1 }, 'quantity', 1_000))).toEqual([
      'Quantity too high',
    ])
    expect(await reasonsOf(() => products.update({ id: 1 }, { name: () => `' '` }))).toEqual([
      expect.stringMatching(/^Product name (cannot be empty|must be at least 2 characters long)$/),
    ])
  })

  test('stop raw SQL with the sentences of validation and the value', async () => {
    const insertProduct = `INSERT INTO "products" ("name", "price") VALUES (${mark(1)}, ${mark(2)})`
    expect(await reasonsOf(raw(insertProduct, ['Lamp', -5]))).toEqual([
      expect.stringMatching(/^Price cannot be negative: -5(\.00)?$/),
    ])
    expect(await reasonsOf(raw(insertProduct, [null, 5]))).toEqual(['Product name cannot be empty'])
    expect(await reasonsOf(raw(insertProduct, ['x'.repeat(101), 5]))).toEqual([
      'Product name must be at most 100 characters long',
    ])
    expect(await reasonsOf(raw(`UPDATE "orders" SET "quantity" = ${mark(1)} WHERE "id" = 1`, [0]))).toEqual([
      'Quantity must be positive: 0',
    ])
    const insertUser = `INSERT INTO "users" ("name", "email") VALUES (${mark(1)}, ${mark(2)})`
    expect(await reasonsOf(raw(insertUser, ['Other', 'first@example.com']))).toEqual([
      'Email already used: first@example.com',
    ])
    expect(await reasonsOf(raw(insertUser, ['Other', 'nobody']))).toEqual(['Invalid email format: nobody'])
  })

  test('stop writes that go past the listeners', async () => {
    const silent = { listeners: false } as const
    const save = (row: object) => () => cluster.repository(Product).save(row as Product, silent)
    expect(await reasonsOf(save({ name: 'Lamp', price: '-1' }))).toEqual([
      expect.stringMatching(/^Price cannot be negative: -1/),
    ])
    expect(await reasonsOf(save({ name: 'L', price: '1' }))).toEqual([
      'Product name must be at least 2 characters long',
    ])
    expect(await reasonsOf(save({ price: '1' }))).toEqual(['Product name cannot be empty'])
    const insert = () =>
      cluster
        .repository(Order)
        .createQueryBuilder()
        .insert()
        .values({ ...good, quantity: 5_000 })
        .callListeners(false)
        .execute()
    expect(await reasonsOf(insert)).toEqual(['Quantity too high: 5000'])
    expect(await cluster.repository(Product).count()).toBe(1)
  })

  test('are those that the entities declare', async () => {
    const member = cluster.member('main')
    const declared = cluster
      .database('main')
      .entityMetadatas.flatMap((metadata) => member.constraintsOf(metadata))
      .map(({ name }) => name)
    expect(declared).toEqual(expect.arrayContaining(['ck_users_name_too_short', 'ck_products_price_too_low']))
    await using runner = disposable<QueryRunner>(cluster.database('main').createQueryRunner())
    const sql = {
      sqlite: `SELECT sql AS name FROM sqlite_master WHERE type = 'table'`,
      postgres: `SELECT conname AS name FROM pg_constraint WHERE contype = 'c'`,
      mysql: `SELECT CONSTRAINT_NAME AS name FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = database()`,
    }[engine.name]
    const found = ((await runner.query(sql)) as { name: string }[]).map(({ name }) => name).join()
    // The library's own tables are not there, and MariaDB has no checks on the columns that it numbers.
    const expected = declared.filter(
      (name) => !name.includes('shardyard') && (engine.name !== 'mysql' || !/_id_(wrong|too)/.test(name)),
    )
    for (const name of expected) expect(found).toContain(name)
  })
})
