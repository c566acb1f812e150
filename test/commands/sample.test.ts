import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ENGINES, sqliteAnd } from '../helpers/engines'
import {
  ask,
  endState,
  linesOf,
  makeShop,
  outcomeCounts,
  runJson,
  simulate,
  tablesText,
  type EndState,
  type RunJson,
  type Shop,
} from './shop'

/** Every way to run the sample must come to this. */
const REJECTED = [
  'User 7: Email already used: alice@example.com',
  'User 9: Name cannot be empty',
  'Product 19: Price cannot be negative: -50.00',
  'Order 27: Quantity must be positive: 0, User 8 does not exist',
  'Order 28: Quantity must be positive: -1',
  'Order 29: User 10 does not exist, Product 11 does not exist',
]

const WAYS = [
  ['--threads', '1'],
  ['--threads', '1', '--batch', '7'],
  ['--threads', '10', '--batch', '7'],
  ['--threads', '10', '--batch', '1000'],
]

function rejectedOf({ records }: RunJson): string[] {
  const rejected = records.filter((record) => record.outcome === 'rejected').toSorted((a, b) => a.position - b.position)
  return rejected.map(({ entity, position, reasons }) => {
    const messages = reasons.map((reason) => reason.message)
    return `${entity} ${position}: ${messages.join(', ')}`
  })
}

let reference: EndState | undefined

describe.each(sqliteAnd('postgres'))('the sample data on $name', (engine) => {
  let shop: Shop
  let run: RunJson
  let end: EndState

  beforeAll(async () => {
    shop = await makeShop(engine, 'sample')
    run = await runJson(shop, ['--threads', '10'])
    end = await endState(shop)
  })

  test('gives 24 accepted and 6 rejected records', () => {
    expect(run.counts).toMatchObject({ accepted: 24, rejected: 6, duplicate: 0, blank: 0, header: 0 })
    expect(run.successRate).toBe(0.8)
    expect(run.state).toBe('complete')
    const parts = run.entities.map(({ entity, database, counts }) => [
      entity,
      database,
      counts['accepted'],
      counts['rejected'],
    ])
    expect(parts).toEqual([
      ['User', 'users', 8, 2],
      ['Product', 'products', 9, 1],
      ['Order', 'orders', 7, 3],
    ])
  })

  test('is rejected for these reasons, all of them at once', () => {
    expect(rejectedOf(run)).toEqual(REJECTED)
  })

  test('is really in the three databases', async () => {
    expect(end.users.map((row) => row['id'])).toEqual([1, 2, 3, 4, 5, 6, 7, 9])
    expect(end.users[0]).toEqual({ id: 1, name: 'Alice', email: 'alice@example.com' })
    expect(end.products.map((row) => row['id'])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(end.products[0]).toEqual({ id: 1, name: 'Laptop', price: '1000.00' })
    expect(end.orders.map((row) => row['id'])).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(end.orders[2]).toEqual({ id: 3, userId: 3, productId: 3, quantity: 5 })
  })

  test('has one ledger line for each record, in the database of its entity', async () => {
    const places = (await linesOf(shop)).map(({ database, entity }) => `${String(database)} ${String(entity)}`)
    const ten = (place: string) => Array.from({ length: 10 }, () => place)
    expect(places.toSorted()).toEqual([...ten('orders Order'), ...ten('products Product'), ...ten('users User')])
    expect(await outcomeCounts(shop)).toEqual({ accepted: 24, rejected: 6 })
  })

  test('ends like on the other engines', () => {
    reference ??= end
    expect(end).toEqual(reference)
  })

  test.each(WAYS)('ends the same with %s %s %s %s', async (...args) => {
    const other = await makeShop(engine, 'sample way')
    expect(rejectedOf(await runJson(other, args))).toEqual(REJECTED)
    expect(await endState(other)).toEqual(end)
  })

  test('ends the same with 64 threads', async () => {
    const other = await makeShop(engine, 'sample 64')
    const wide = await runJson(other, ['--threads', '64'])
    expect(wide.perThread).toHaveLength(64)
    expect(await endState(other)).toEqual(end)
  })

  test.each([['1'], ['7']])(
    'is all duplicates when it is run again with --batch %s, and no table changes',
    async (batch) => {
      const before = await tablesText(shop)
      const again = await runJson(shop, ['--batch', batch])
      expect(again.counts).toMatchObject({ accepted: 0, rejected: 6, duplicate: 24 })
      expect(again.id).not.toBe(run.id)
      expect(rejectedOf(again)).toEqual(REJECTED)
      const stored = again.records.filter((record) => record.outcome === 'duplicate')
      expect(stored.map((record) => record.storedBy)).toEqual(stored.map(() => run.id))
      expect(await tablesText(shop)).toBe(before)
    },
  )
})

const [sqlite] = ENGINES as readonly [(typeof ENGINES)[number]]

describe('simulate-insertions', () => {
  test.each([[1], [10], [13]])('starts exactly %i threads', async (threads) => {
    const shop = await makeShop(sqlite, 'threads')
    const log = join(shop.folder, 'threads.log')
    const hook = join(shop.folder, 'hook.cjs')
    await writeFile(
      hook,
      `const { isMainThread, threadId } = require('node:worker_threads')
       if (!isMainThread) require('node:fs').appendFileSync(${JSON.stringify(log)}, threadId + '\\n')`,
    )
    const run = await runJson(shop, ['--threads', String(threads)], { env: { NODE_OPTIONS: `--require ${hook}` } })
    expect((await readFile(log, 'utf8')).trim().split('\n')).toHaveLength(threads)
    expect(run.perThread.map((one) => one.thread)).toEqual(Array.from({ length: threads }, (_, index) => index + 1))
  })

  test('adds the same up by thread, by database and in all', async () => {
    const run = await runJson(await makeShop(sqlite, 'sums'), [])
    for (const outcome of ['accepted', 'rejected', 'duplicate']) {
      const sum = (parts: readonly { counts: Readonly<Record<string, number>> }[]) =>
        parts.reduce((total, { counts }) => total + (counts[outcome] ?? 0), 0)
      expect(sum(run.perThread)).toBe(run.counts[outcome])
      expect(sum(run.entities)).toBe(run.counts[outcome])
      expect(run.records.filter((record) => record.outcome === outcome)).toHaveLength(run.counts[outcome] ?? -1)
    }
  })

  test('prints tables with every reason and a summary', async () => {
    const shop = await makeShop(sqlite, 'tables')
    const { code, stdout, stderr } = await simulate(shop, [])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const words of ['Migrated "users"', 'User in "users"', 'accepted 8, rejected 2', '80.0 %', 'p95']) {
      expect(stdout).toContain(words)
    }
    expect(stdout).toMatch(/accepted +24\n +rejected +6\n +duplicate +0\n/)
    for (const line of REJECTED.flatMap((text) => text.slice(text.indexOf(': ') + 2).split(', ')))
      expect(stdout).toContain(line)
  })

  test('prints the figures of --json in its tables too', async () => {
    const shop = await makeShop(sqlite, 'same figures')
    await simulate(shop, [])
    const json = await runJson(shop, [])
    const { stdout } = await simulate(shop, [])
    for (const { entity, database } of json.entities) expect(stdout).toContain(`${entity} in "${database}"`)
    expect(stdout).toMatch(/rejected +6\n +duplicate +24\n/)
  })

  test('touches users, products, orders and control only', async () => {
    const shop = await makeShop(sqlite, 'touches')
    await simulate(shop, [], { env: { SHARDYARD_EVENTS_URL: `sqlite:${shop.folder}/events.db` } })
    const tables = await ask(sqlite, shop.urls.control, `SELECT name FROM sqlite_master WHERE type = 'table'`)
    expect(tables.map((table) => table['name'])).not.toContain('users')
    await expect(readFile(join(shop.folder, 'events.db'))).rejects.toThrow('ENOENT')
  })
})
