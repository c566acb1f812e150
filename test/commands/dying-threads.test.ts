import { ENGINES, sqliteOrAll } from '../helpers/engines'
import { dataFile } from './mixed-records'
import { endState, makeShop, outcomeCounts, runJson, simulate, type EndState, type RunJson, type Shop } from './shop'

/** Two users of an e-mail, and a product and an order that do not care. */
const RECORDS = [
  ...Array.from({ length: 12 }, (_, index) => ({
    entity: 'User',
    id: index + 1,
    name: 'Ann',
    email: `ann${index}@example.com`,
  })),
  { entity: 'User', id: 13, name: 'Bea', email: 'ann3@example.com' },
  { entity: 'Product', id: 1, name: 'Lamp', price: 1 },
  { entity: 'Order', id: 1, userId: 4, productId: 1, quantity: 1 },
  { entity: 'Order', id: 2, userId: 5, productId: 1, quantity: 1 },
]

async function load(shop: Shop, faults: string, args: readonly string[]): Promise<RunJson> {
  const data = await dataFile(shop.folder, RECORDS)
  return runJson(shop, ['--data', data, '--threads', '3', ...args], { env: { SHARDYARD_FAULTS: faults } })
}

function rejectedOf({ records }: RunJson): string[] {
  return records
    .filter((record) => record.outcome === 'rejected')
    .map(({ position, reasons }) => `${position} ${reasons.map((reason) => reason.code).join(' ')}`)
}

let undisturbed: EndState | undefined

describe.each(sqliteOrAll())('a thread that dies on $name', (engine) => {
  test.each([
    ['write:3=exit*1', '1'],
    ['write:3=memory*1', '1'],
    ['write:3=exit*1', '10'],
    ['committed:3=exit*1', '1'],
    ['before-commit=exit@7,write:13=exit*1', '1'],
  ])('(%s, batches of %s) is replaced, and its record is stored once', async (faults, batch) => {
    const shop = await makeShop(engine, 'dies once')
    const run = await load(shop, faults, ['--batch', batch])
    const end = await endState(shop)
    undisturbed ??= end
    expect(rejectedOf(run)).toEqual(['12 NOT_UNIQUE'])
    expect(await outcomeCounts(shop)).toEqual({ accepted: 15, rejected: 1 })
    expect(run.perThread).toHaveLength(3)
    expect(end).toEqual(undisturbed)
  })

  test.each([['1'], ['10']])(
    'of a record at every attempt has that record alone rejected, in batches of %s',
    async (batch) => {
      const shop = await makeShop(engine, 'dies always')
      const run = await load(shop, 'write:3=exit', ['--batch', batch])
      // The e-mail of record 3 is free for record 12, and nobody can order as user 4.
      expect(rejectedOf(run)).toEqual(['3 RECORD_KILLS_WORKER', '14 REFERENCE_MISSING'])
      expect(run.counts).toMatchObject({ accepted: 14, rejected: 2 })
    },
  )
})

describe('threads that die', () => {
  const [sqlite] = ENGINES as readonly [(typeof ENGINES)[number]]

  test('of two records of a batch have both rejected and keep the others', async () => {
    const shop = await makeShop(sqlite, 'two killers')
    const run = await load(shop, 'write:3=exit,write:5=memory', ['--batch', '10'])
    expect(rejectedOf(run)).toEqual(['3 RECORD_KILLS_WORKER', '5 RECORD_KILLS_WORKER', '14 REFERENCE_MISSING'])
  })

  test('without any record at work end the run with a sentence, and the same command resumes it', async () => {
    const shop = await makeShop(sqlite, 'stillborn')
    const args = ['--data', await dataFile(shop.folder, RECORDS), '--threads', '2']
    const { code, stderr } = await simulate(shop, args, { env: { SHARDYARD_FAULTS: 'task=exit' } })
    expect({ code, lines: stderr.trim().split('\n') }).toEqual({
      code: 1,
      lines: [
        expect.stringMatching(/^Run \w+ has stopped before its end\. .*cannot be kept alive.* resumes the run\.$/),
      ],
    })
    expect((await runJson(shop, args)).counts).toMatchObject({ accepted: 15, rejected: 1 })
  })

  test('of a record that is only noted end the run instead of being replaced for ever', async () => {
    const shop = await makeShop(sqlite, 'deadly line')
    const args = ['--data', await dataFile(shop.folder, RECORDS), '--threads', '1']
    const { code, stderr } = await simulate(shop, args, { env: { SHARDYARD_FAULTS: 'committed:3=exit' } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Run \w+ has stopped before its end\. [^\n]+\n$/)
    expect((await runJson(shop, args)).counts).toMatchObject({ accepted: 15, rejected: 1 })
  })

  test('are not what an unknown error makes: it stops the run, and the same command resumes it', async () => {
    const shop = await makeShop(sqlite, 'throws')
    const args = ['--data', await dataFile(shop.folder, RECORDS), '--threads', '3']
    const { code, stderr } = await simulate(shop, args, { env: { SHARDYARD_FAULTS: 'write:5=throw' } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Run \w+ has stopped before its end\.[^\n]+\n$/)
    expect((await runJson(shop, args)).counts).toMatchObject({ accepted: 15, rejected: 1 })
  })
})
