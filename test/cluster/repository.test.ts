import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { In, LessThan, Like, type QueryRunner, type Repository } from 'typeorm'
import type { Cluster } from 'shardyard'
import { Product, User } from 'shardyard/entities'
import { ENGINES } from '../helpers/engines'
import { startChild } from './child'
import { ada, bob, disposable, openStore, type StoreDatabase } from './store'

describe.each(ENGINES)('a repository on $name', (engine) => {
  let cluster: Cluster<StoreDatabase>
  let users: Repository<User>
  let products: Repository<Product>

  beforeAll(async () => {
    cluster = await openStore(engine, 'repository')
    users = cluster.repository(User)
    products = cluster.repository(Product)
  })
  afterEach(() => users.clear())

  test('saves, finds, updates, counts and deletes', async () => {
    const saved = await users.save({ ...ada })
    expect(await users.findOneBy({ id: saved.id })).toMatchObject({ ...ada, id: saved.id })
    await users.update({ id: saved.id }, { name: 'Ada L' })
    expect(await users.findOneByOrFail({ name: 'Ada L' })).toMatchObject({ email: ada.email })
    await users.insert([{ ...bob }, { name: 'Eve', email: 'eve@example.com' }])
    expect(await users.count()).toBe(3)
    expect(await users.exists({ where: { name: Like('E%') } })).toBe(true)
    await users.delete({ name: In(['Bob', 'Eve']) })
    expect(await users.find()).toMatchObject([{ name: 'Ada L' }])
    await users.remove(await users.find())
    expect(await users.count()).toBe(0)
  })

  test('numbers rows from 1 upwards, also in one insert of many', async () => {
    const fresh = (await openStore(engine, 'numbers')).repository(User)
    const inserted = await fresh.insert(
      ['a', 'b', 'c'].map((name) => ({ name: `Name ${name}`, email: `${name}@example.com` })),
    )
    expect(inserted.identifiers).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
    expect((await fresh.save({ ...ada })).id).toBe(4)
    const rows = await fresh.find({ order: { id: 'ASC' } })
    expect(rows.map(({ id, name }) => `${id} ${name}`)).toEqual(['1 Name a', '2 Name b', '3 Name c', '4 Ada'])
  })

  test('keeps an id that is given, beyond 32 bits and up to 2^53 - 1', async () => {
    const given = (await openStore(engine, 'given ids')).repository(User)
    const ids = [7, 4_294_967_297, Number.MAX_SAFE_INTEGER - 1]
    for (const id of ids) await given.save({ id, name: 'Given', email: `${id}@example.com` })
    await given.insert({ id: 12, name: 'Given', email: '12@example.com' })
    const rows = await given.find({ order: { id: 'ASC' } })
    expect(rows.map(({ id }) => id)).toEqual([7, 12, 4_294_967_297, Number.MAX_SAFE_INTEGER - 1])
    expect(await given.findOneBy({ id: 4_294_967_297 })).toMatchObject({ id: 4_294_967_297 })
    expect(await given.findOneBy({ id: LessThan(10) })).toMatchObject({ id: 7 })
  })

  test('goes on after the highest id that was given, once it is told to', async () => {
    const store = await openStore(engine, 'continued')
    await store.repository(User).insert({ id: 41, ...ada })
    await using runner = disposable<QueryRunner>(store.database('users').createQueryRunner())
    await store.member('users').driver.continueIds(runner, 'users', 'id')
    await store.member('users').driver.continueIds(runner, 'users', 'id')
    expect(await store.repository(User).save({ ...bob })).toMatchObject({ id: 42 })
  })

  test('refuses an id that is taken', async () => {
    await users.insert({ id: 5000, ...ada })
    await expect(users.insert({ id: 5000, ...bob })).rejects.toMatchObject({
      code: 'SY_VALIDATION_FAILED',
      message: 'User: ID already used: 5000',
      details: { reasons: [{ code: 'ID_TAKEN', field: 'id', message: 'ID already used: 5000' }] },
    })
  })

  test('trims and lower-cases an e-mail, stored and searched', async () => {
    const saved = await users.save({ name: 'Ada', email: '  ADA@Example.COM ' })
    expect(saved.email).toBe('ada@example.com')
    expect(await users.findOneBy({ email: ' Ada@EXAMPLE.com' })).toMatchObject({ id: saved.id })
    expect(await users.findOneBy({ email: In(['ADA@example.com ', 'x@example.com']) })).toMatchObject({ id: saved.id })
    await users.update({ email: 'ADA@EXAMPLE.COM' }, { email: ' NEW@Example.com' })
    expect(await users.findOneByOrFail({ id: saved.id })).toMatchObject({ email: 'new@example.com' })
  })

  test('has an e-mail once, however it is written', async () => {
    await users.insert({ ...ada })
    const used = { code: 'SY_VALIDATION_FAILED', message: 'User: Email already used: ada@example.com' }
    await expect(users.insert({ name: 'Other', email: ' ADA@example.com' })).rejects.toMatchObject(used)
    await expect(users.save({ name: 'Other', email: 'Ada@Example.com' })).rejects.toMatchObject(used)
    const { id } = await users.save({ ...bob })
    await expect(users.update({ id }, { email: 'ADA@EXAMPLE.COM' })).rejects.toMatchObject(used)
    await expect(users.save({ id, email: 'ADA@EXAMPLE.COM' })).rejects.toMatchObject({
      details: {
        entity: 'User',
        reasons: [{ code: 'NOT_UNIQUE', field: 'email', message: 'Email already used: ada@example.com' }],
      },
    })
    expect(await users.count()).toBe(2)
  })

  test('tells e-mails apart that only a collation would take for one', async () => {
    await users.insert([
      { name: 'Plain', email: 'resume@example.com' },
      { name: 'Plus', email: 'resume+a@example.com' },
    ])
    await expect(users.insert({ name: 'Accent', email: 'résumé@example.com' })).resolves.toBeDefined()
    expect(await users.count()).toBe(3)
  })

  test.each([
    [1000, '1000.00'],
    ['1000', '1000.00'],
    ['1000.0', '1000.00'],
    [0, '0.00'],
    [0.1, '0.10'],
    ['999999.99', '999999.99'],
    [999999.99, '999999.99'],
    [' 12.5 ', '12.50'],
    ['12.500', '12.50'],
    [4.35, '4.35'],
  ])('keeps money exact: %p is %p', async (given, kept) => {
    const { id } = await products.save({ name: 'Lamp', price: given as string })
    const found = await products.findOneByOrFail({ id })
    expect(found.price).toBe(kept)
    expect(await products.countBy({ id, price: kept })).toBe(1)
  })

  test('adds money without losing a cent', async () => {
    const { id } = await products.save({ name: 'Lamp', price: '0.10' })
    const add = (amount: number) => products.update({ id }, { price: () => `round(price + ${amount}, 2)` })
    await add(0.2)
    expect(await products.findOneBy({ id })).toMatchObject({ price: '0.30' })
    for (let times = 0; times < 7; times++) await add(0.1)
    expect(await products.findOneBy({ id })).toMatchObject({ price: '1.00' })
    await products.increment({ id }, 'price', 998_999)
    expect(await products.findOneBy({ id })).toMatchObject({ price: '999000.00' })
  })

  test('increments money exactly, or not at all where the engine counts in doubles', async () => {
    const { id } = await products.save({ name: 'Lamp', price: '0.10' })
    const incremented = products.increment({ id }, 'price', 0.2)
    if (engine.name === 'sqlite') await expect(incremented).rejects.toThrow('Price must have at most 2 decimals')
    else await incremented
    const price = engine.name === 'sqlite' ? '0.10' : '0.30'
    expect(await products.findOneBy({ id })).toMatchObject({ price })
  })

  test('sets createdAt once and updatedAt with every change', async () => {
    const before = Date.now()
    const { id } = await users.save({ ...ada })
    const created = await users.findOneByOrFail({ id })
    for (const moment of [created.createdAt, created.updatedAt]) {
      expect(moment).toBeInstanceOf(Date)
      expect(Math.abs(moment.getTime() - before)).toBeLessThan(5_000)
    }
    await sleep(1_100)
    await users.save({ id, name: 'Ada L' })
    const changed = await users.findOneByOrFail({ id })
    expect(changed.createdAt).toEqual(created.createdAt)
    expect(changed.updatedAt.getTime()).toBeGreaterThan(created.updatedAt.getTime())
  })

  test('keeps createdAt and updatedAt that are given, to the millisecond', async () => {
    const moment = new Date('2020-02-29T12:34:56.789Z')
    await users.insert({ id: 5000, ...ada, createdAt: moment, updatedAt: moment })
    expect(await users.findOneByOrFail({ id: 5000 })).toMatchObject({ createdAt: moment, updatedAt: moment })
  })

  test('keeps texts of every script', async () => {
    const name = 'Ğüş Ωμέγα Йод ✓ 😀'
    const { id } = await users.save({ name, email: 'text@example.com' })
    expect(await users.findOneBy({ id })).toMatchObject({ name })
    expect(await users.findOneBy({ name })).toMatchObject({ id })
  })

  test('upserts by its unique key', async () => {
    await users.upsert({ ...ada }, ['email'])
    await users.upsert({ name: 'Ada L', email: ' ADA@example.com' }, ['email'])
    expect(await users.find()).toMatchObject([{ name: 'Ada L', email: 'ada@example.com' }])
  })

  test('is TypeORM’s own', async () => {
    expect(users.constructor.name).toBe('Repository')
    expect(users.manager.connection).toBe(cluster.database('users'))
    expect(cluster.repository(User)).toBe(cluster.repository(User))
  })
})

describe.each(ENGINES)('an instant on $name', (engine) => {
  test('is the same moment in every time zone, with its milliseconds', async () => {
    const { url } = await engine.createDatabase('instants')
    const inZone = async (TZ: string, mode: string) => {
      const child = startChild('instants.cjs', [url, mode], { TZ })
      const failure = once(child, 'exit').then(([code]) => ({ failed: code }))
      const [answer] = (await Promise.race([once(child, 'message'), failure.then((value) => [value])])) as [Answer]
      return answer
    }
    const moments = [
      '2026-11-01T05:30:00.000Z',
      '2026-11-01T06:30:00.000Z',
      '2026-03-08T07:15:00.250Z',
      '2026-07-01T00:00:00.001Z',
      '1969-12-31T23:59:59.999Z',
    ]
    const answers = [
      await inZone('America/New_York', 'write'),
      await inZone('Asia/Kolkata', 'read'),
      await inZone('UTC', 'read'),
    ]
    expect(answers.map(({ offset }) => offset)).toEqual([240, -330, 0])
    for (const answer of answers) {
      expect(answer.moments).toEqual(moments)
      expect(answer.found).toEqual([0, 1, 2, 3, 4])
      for (const ageMs of answer.agesMs) expect(ageMs).toBeLessThan(20_000)
    }
  })
})

interface Answer {
  readonly offset: number
  readonly moments: string[]
  readonly found: number[]
  readonly agesMs: number[]
}
