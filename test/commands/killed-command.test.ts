import { once } from 'node:events'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { ENGINES, sqliteOrAll, type TestEngine } from '../helpers/engines'
import { dataFile, mixedRecords } from './mixed-records'
import {
  ask,
  endState,
  makeShop,
  outcomeCounts,
  runJson,
  simulate,
  startSimulation,
  type EndState,
  type Shop,
} from './shop'

let undisturbed: Promise<EndState> | undefined

async function endOfUndisturbedRun(): Promise<EndState> {
  const shop = await makeShop(ENGINES[0] as TestEngine, 'undisturbed')
  await runJson(shop, await argsOf(shop, '1'))
  return endState(shop)
}

async function argsOf(shop: Shop, batch: string): Promise<string[]> {
  return ['--data', await dataFile(shop.folder, mixedRecords(4)), '--threads', '3', '--batch', batch]
}

async function killAt(shop: Shop, args: readonly string[], faults: string): Promise<void> {
  const { signal } = await simulate(shop, args, { env: { SHARDYARD_FAULTS: faults } })
  expect({ faults, signal }).toEqual({ faults, signal: 'SIGKILL' })
}

async function runIds({ engine, urls }: Shop): Promise<unknown[]> {
  return (await ask(engine, urls.control, 'SELECT id FROM shardyard_runs')).map((run) => run['id'])
}

const POINTS = [
  ['before-commit=kill', '1'],
  ['committed=kill@6', '1'],
  ['committed=kill@2', '10'],
  ['write=kill@13', '10'],
  ['before-commit=kill@5', '1'],
  ['write=kill@8', '1'],
  ['task=kill@9', '1'],
  ['before-commit=kill@2', '10'],
] as const

/** Every point on one engine, half of them on the others: the crash runs kill at all of them on all. */
const pointsFor = ({ name }: TestEngine) => (name === 'sqlite' ? POINTS : POINTS.slice(0, 4))

describe.each(sqliteOrAll())('a command that is killed on $name', (engine) => {
  test.each(pointsFor(engine))('(%s, batches of %s) ends undisturbed when it is run again', async (faults, batch) => {
    undisturbed ??= endOfUndisturbedRun()
    const shop = await makeShop(engine, 'killed')
    const args = await argsOf(shop, batch)
    await killAt(shop, args, faults)
    const ids = await runIds(shop)
    expect((await runJson(shop, args)).id).toBe(ids[0])
    expect(await endState(shop)).toEqual(await undisturbed)
  })

  test('again and again, with other threads and batches, keeps its run and ends undisturbed', async () => {
    undisturbed ??= endOfUndisturbedRun()
    const shop = await makeShop(engine, 'killed twice')
    await killAt(shop, await argsOf(shop, '1'), 'committed=kill@3')
    await killAt(shop, await argsOf(shop, '10'), 'before-commit=kill@2')
    await killAt(
      shop,
      [...(await argsOf(shop, '1')), '--threads=1'].filter((arg) => arg !== '3' && arg !== '--threads'),
      'write=kill@40',
    )
    const [id] = await runIds(shop)
    const run = await runJson(shop, await argsOf(shop, '10'))
    expect(run).toMatchObject({ id, state: 'complete' })
    expect(await endState(shop)).toEqual(await undisturbed)
  })

  test('before its first record, while it migrates, leaves what the same command completes', async () => {
    undisturbed ??= endOfUndisturbedRun()
    const shop = await makeShop(engine, 'killed early')
    const args = await argsOf(shop, '1')
    const child = startSimulation(shop, args)
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')
    await runJson(shop, args)
    expect(await endState(shop)).toEqual(await undisturbed)
  })

  test('has its records without an id stored once', async () => {
    const shop = await makeShop(engine, 'killed without ids')
    const records = Array.from({ length: 30 }, (_, index) => ({ entity: 'Product', name: `Lamp ${index}`, price: 1 }))
    const args = ['--data', await dataFile(shop.folder, records), '--threads', '3']
    await killAt(shop, args, 'committed=kill@4')
    await killAt(shop, args, 'before-commit=kill@3')
    expect((await runJson(shop, args)).counts).toMatchObject({ accepted: 30 })
    const names = await ask(engine, shop.urls.products, 'SELECT DISTINCT name FROM products')
    expect([names.length, (await ask(engine, shop.urls.products, 'SELECT id FROM products')).length]).toEqual([30, 30])
  })
})

describe.each(ENGINES)('two commands at once on $name', (engine) => {
  test('with the same data: one waits, both end well, and nothing is stored twice', async () => {
    const shop = await makeShop(engine, 'two at once')
    const args = await argsOf(shop, '1')
    const [first, second] = await Promise.all([simulate(shop, args), simulate(shop, args)])
    expect([first.code, second.code, first.stderr, second.stderr]).toEqual([0, 0, '', ''])
    const { runs, lines, ...tables } = await endState(shop)
    const { runs: _runs, lines: _lines, ...expected } = await (undisturbed ??= endOfUndisturbedRun())
    expect(tables).toEqual(expected)
    expect(runs).toEqual(['complete closed', 'complete closed'])
    expect(lines.filter((line) => line.includes(' accepted '))).toHaveLength(32)
    expect(lines).toHaveLength(160)
  })

  test('with the same data: the second takes the run over when the first is killed', async () => {
    const shop = await makeShop(engine, 'takes over')
    const args = ['--count', '900', '--threads', '1']
    const first = startSimulation(shop, args)
    while ((await ledgerSize(shop)) < 20) await sleep(10)
    first.kill('SIGSTOP')
    const second = startSimulation(shop, args)
    const [out, end] = [text(second.stdout), once(second, 'close')]
    const [waiting] = (await once(second.stdout, 'data')) as [Buffer]
    expect(String(waiting)).toMatch(/^Run \w+ of the same data is under way in another process; waiting for it\.\n/)
    first.kill('SIGKILL')
    expect(await end).toEqual([0, null])
    expect(await out).toMatch(/Run \w+ was not finished; it is resumed\.\n/)
    expect((await endState(shop)).runs).toEqual(['complete closed'])
    expect(Object.values(await outcomeCounts(shop)).reduce((sum, count) => sum + count)).toBe(900)
  })

  test('with other data work side by side', async () => {
    const shop = await makeShop(engine, 'side by side')
    const files = await Promise.all(
      [0, 1].map((half) => dataFile(shop.folder, mixedRecords(4).slice(half * 40, half * 40 + 40), `${half}.json`)),
    )
    const ends = await Promise.all(files.map((file) => simulate(shop, ['--data', file, '--threads', '2'])))
    expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ])
    const { users, products, orders } = await endState(shop)
    expect([users.length, products.length, orders.length]).toEqual([12, 8, 12])
  })
})

describe('Ctrl-C', () => {
  const [sqlite] = ENGINES as readonly [TestEngine]

  test.each([
    ['SIGINT', '1'],
    ['SIGTERM', '10'],
  ] as const)(
    '(%s, batches of %s) ends the command with 130 and a sentence, and the same command ends undisturbed',
    async (signal, batch) => {
      const shop = await makeShop(sqlite, 'interrupted')
      const args = ['--count', '6000', '--threads', '2', '--batch', batch]
      const child = startSimulation(shop, args)
      const [out, err, end] = [text(child.stdout), text(child.stderr), once(child, 'close')]
      while ((await ledgerSize(shop)) < 50) await sleep(10)
      child.kill(signal)
      expect(await end).toEqual([130, null])
      expect(await err).toMatch(/^Run \w+ was interrupted\. The same command resumes it\.\n$/)
      expect(await out).not.toContain('Summary')
      const [id] = await runIds(shop)
      const other = await makeShop(sqlite, 'not interrupted')
      await runJson(other, args)
      expect((await runJson(shop, args)).id).toBe(id)
      expect(await endState(shop)).toEqual(await endState(other))
    },
  )

  test('ends a command that waits for another one of the same data', async () => {
    const shop = await makeShop(sqlite, 'interrupted while waiting')
    await simulate(shop, [])
    await ask(sqlite, shop.urls.control, ownedByThisProcess())
    const child = startSimulation(shop, [])
    const [err, end] = [text(child.stderr), once(child, 'close')]
    await once(child.stdout, 'data')
    child.kill('SIGINT')
    expect(await end).toEqual([130, null])
    expect(await err).toMatch(/^[^\n]*interrupted[^\n]*\n$/)
  })
})

/** Makes the last run one that this process, which lives, works on. */
function ownedByThisProcess(): string {
  return (
    `UPDATE shardyard_runs SET state = 'running', openSource = source, owner = '${hostname()}:${process.pid}', ` +
    `leaseUntil = strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 hour')`
  )
}

async function ledgerSize({ engine, urls }: Shop): Promise<number> {
  try {
    const [row] = await ask(engine, urls.users, 'SELECT count(*) AS settled FROM shardyard_ledger')
    return Number(row?.['settled'])
  } catch {
    return 0
  }
}
