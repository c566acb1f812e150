import { Order, Product, User } from 'shardyard/entities'
import { generatedSource } from 'shardyard/config/simulation/generator'
import { ENGINES, sqliteOrAll, type TestEngine } from '../helpers/engines'
import { endState, linesOf, makeShop, runJson, tablesText, type EndState, type Shop } from './shop'

const [sqlite] = ENGINES as readonly [TestEngine]

interface Given {
  readonly entity: string
  readonly position: number
  readonly id: number
  readonly name: string
  readonly email: string
  readonly price: string
  readonly userId: number
  readonly productId: number
  readonly quantity: number
}

function recordsOf(count: number, seed: number, invalid: number): Given[] {
  const source = generatedSource({ count, seed, invalid })
  return [User, Product, Order].flatMap((entity) =>
    Array.from({ length: source.count(entity) }, (_, index) => {
      const { position, record } = source.at(entity, index)
      return { entity: entity.name, position, ...record } as unknown as Given
    }),
  )
}

/** Judges all records once more, in one pass and without any of the library. */
function rejudge(records: readonly Given[]): string[] {
  const emails = new Set<string>()
  const stored = { User: new Set<number>(), Product: new Set<number>() }
  const complaints = {
    User: ({ name, email }: Given) => [
      name === '' && 'Name cannot be empty',
      name.length === 1 && 'Name must be at least 2 characters long',
      !/^[^@]+@example\.com$/.test(email) && `Invalid email format: ${email}`,
      emails.has(email) && `Email already used: ${email}`,
    ],
    Product: ({ name, price }: Given) => [
      name === '' && 'Product name cannot be empty',
      Number(price) < 0 && `Price cannot be negative: ${price}`,
      Number(price) > 999_999.99 && `Price too high: ${price}`,
      /\.\d{3}/.test(price) && `Price must have at most 2 decimals: ${price}`,
    ],
    Order: ({ userId, productId, quantity }: Given) => [
      quantity < 1 && `Quantity must be positive: ${quantity}`,
      quantity > 1000 && `Quantity too high: ${quantity}`,
      !stored.User.has(userId) && `User ${userId} does not exist`,
      !stored.Product.has(productId) && `Product ${productId} does not exist`,
    ],
  }
  return records.map((record) => {
    const entity = record.entity as keyof typeof complaints
    const reasons = complaints[entity](record).filter((reason) => reason !== false)
    if (reasons.length === 0 && entity !== 'Order') stored[entity].add(record.id)
    if (reasons.length === 0 && entity === 'User') emails.add(record.email)
    return verdict(entity, record.position, reasons)
  })
}

function verdict(entity: unknown, position: unknown, reasons: readonly string[]): string {
  return `${String(entity)} ${String(position).padStart(6, '0')} ${reasons.length === 0 ? 'accepted' : 'rejected'} ${reasons.toSorted().join(', ')}`
}

async function verdictsOf(shop: Shop): Promise<string[]> {
  return (await linesOf(shop)).map(({ entity, position, reasons }) => {
    const list = JSON.parse(String(reasons ?? '[]')) as { message: string }[]
    return verdict(
      entity,
      position,
      list.map((reason) => reason.message),
    )
  })
}

describe.each(sqliteOrAll())('generated records on $name', (engine) => {
  test('are judged as an independent judge would', async () => {
    const shop = await makeShop(engine, 'oracle')
    await runJson(shop, ['--count', '900', '--seed', '7', '--invalid', '0.4', '--threads', '3', '--batch', '25'])
    expect((await verdictsOf(shop)).toSorted()).toEqual(rejudge(recordsOf(900, 7, 0.4)).toSorted())
  })

  test('above 20,000 are judged the same by few threads, which make them, and by many, which do not', async () => {
    const args = ['--count', '20001', '--seed', '3', '--invalid', '0.3', '--batch', '1000']
    const expected = rejudge(recordsOf(20_001, 3, 0.3)).toSorted()
    for (const threads of ['2', '5']) {
      const shop = await makeShop(engine, 'above 20000')
      await runJson(shop, [...args, '--threads', threads])
      expect({
        threads,
        isSame: JSON.stringify((await verdictsOf(shop)).toSorted()) === JSON.stringify(expected),
      }).toEqual({
        threads,
        isSame: true,
      })
    }
  })

  test('of a longer run extend those of a shorter one', async () => {
    const shop = await makeShop(engine, 'longer')
    const short = await runJson(shop, ['--count', '300', '--threads', '3', '--batch', '7'])
    const long = await runJson(shop, ['--count', '900', '--threads', '2', '--batch', '100'])
    const wasAccepted = short.counts['accepted'] ?? 0
    expect(long.counts['duplicate']).toBe(wasAccepted)
    const stored = long.records.filter((record) => record.outcome === 'duplicate').map((record) => record.storedBy)
    expect(new Set(stored)).toEqual(new Set([short.id]))
    const fresh = await makeShop(engine, 'long at once')
    await runJson(fresh, ['--count', '900', '--threads', '2'])
    const { users, products, orders } = await endState(fresh)
    expect(await endState(shop)).toMatchObject({ users, products, orders })
  })
})

describe('the generator', () => {
  let reference: EndState | undefined

  test.each([
    ['1', '1'],
    ['3', '1'],
    ['3', '10'],
    ['7', '1000'],
  ])('gives the same records to %s threads with batches of %s', async (threads, batch) => {
    const shop = await makeShop(sqlite, 'same')
    await runJson(shop, ['--count', '400', '--seed', '5', '--threads', threads, '--batch', batch])
    const end = await endState(shop)
    reference ??= end
    expect(end).toEqual(reference)
  })

  test('never gives an id to two seeds, and two seeds fit into one shop', async () => {
    const seeds = [1, 2, 3, 1000, 9_007_197, 9_007_198]
    const ids = seeds.flatMap((seed) =>
      recordsOf(30, seed, 0.5)
        .filter(({ entity }) => entity === 'User')
        .map(({ id }) => id),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(Math.max(...ids)).toBeLessThan(Number.MAX_SAFE_INTEGER)
    const shop = await makeShop(sqlite, 'seeds')
    const runs = [
      await runJson(shop, ['--count', '90', '--seed', '9007198']),
      await runJson(shop, ['--count', '90', '--seed', '1']),
    ]
    expect(runs.map(({ counts }) => counts['duplicate'])).toEqual([0, 0])
  })

  test.each([[0], [0.05], [0.15], [0.5], [1]])('makes errors at a share near %d, of every kind', (invalid) => {
    const verdicts = rejudge(recordsOf(30_000, 11, invalid))
    for (const entity of ['User', 'Product', 'Order']) {
      const own = verdicts.filter((line) => line.startsWith(entity))
      const share = own.filter((line) => line.includes(' rejected ')).length / own.length
      expect(Math.abs(share - invalid)).toBeLessThan(invalid === 0 ? 1e-9 : 0.012)
    }
    const kinds = new Set(verdicts.map((line) => line.replace(/.*?ed /, '').replaceAll(/: [^,]*|\d+ /g, '')))
    expect(kinds.size - 1).toBe(invalid === 0 ? 0 : 13)
  })

  test.each([
    ['0', { accepted: 90, rejected: 0 }],
    ['1', { accepted: 3, rejected: 87 }],
  ])('with --invalid %s loads %j', async (invalid, counts) => {
    const shop = await makeShop(sqlite, 'all or none')
    expect((await runJson(shop, ['--count', '90', '--invalid', invalid, '--threads', '2'])).counts).toMatchObject(
      counts,
    )
  })

  test.each([
    [1, ['User']],
    [2, ['User', 'Product']],
    [3, ['User', 'Product', 'Order']],
    [4, ['User', 'User', 'Product', 'Order']],
  ])('of %i records makes %j', (count, entities) => {
    expect(recordsOf(count, 1, 0).map(({ entity }) => entity)).toEqual(entities)
  })

  test('with another count after an unfinished run still comes to an end', async () => {
    const shop = await makeShop(sqlite, 'other count')
    const kill = { env: { SHARDYARD_FAULTS: 'committed=kill@5' } }
    await expect(runJson(shop, ['--count', '900', '--threads', '2', '--batch', '50'], kill)).rejects.toThrow(
      'Exit code null',
    )
    const short = await runJson(shop, ['--count', '90', '--threads', '2'])
    expect(short.state).toBe('complete')
    await runJson(shop, ['--count', '900', '--threads', '2', '--batch', '50'])
    const fresh = await makeShop(sqlite, 'other count at once')
    await runJson(fresh, ['--count', '900', '--threads', '2', '--batch', '50'])
    const { users, products, orders } = await endState(fresh)
    expect(await endState(shop)).toMatchObject({ users, products, orders })
    expect((await endState(shop)).runs.filter((run) => run.includes('open'))).toEqual([])
  })

  test('with the same data again changes no table', async () => {
    const shop = await makeShop(sqlite, 'again')
    await runJson(shop, ['--count', '300', '--threads', '2'])
    const before = await tablesText(shop)
    const { counts } = await runJson(shop, ['--count', '300', '--threads', '3', '--batch', '50'])
    expect([counts['accepted'], await tablesText(shop)]).toEqual([0, before])
  })
})
