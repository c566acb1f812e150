import type { GivenRecord, RecordOutcome } from 'shardyard'
import { LateIntake, type LateIntakeOptions } from 'shardyard/src/pipeline/ingest/late-intake'
import { removeAtEnd } from '../../helpers/cleanup'
import { sqliteAnd, type TestEngine } from '../../helpers/engines'
import { freshDepot, type OpenDepot } from './depot'

const item = (number: number) => ({ code: `k${number}`, name: `Lamp ${number}`, price: '1.00' })
const outcomesOf = (outcomes: readonly RecordOutcome[]) => outcomes.map(({ outcome }) => outcome)

function intakeOf({ cluster, config }: OpenDepot, options: Partial<LateIntakeOptions> = {}): LateIntake {
  const intake = new LateIntake(cluster, { into: 'Item', config, ...options })
  removeAtEnd(() => intake.close())
  return intake
}

async function openIntake(engine: TestEngine, options?: Partial<LateIntakeOptions>) {
  const depot = await freshDepot(engine, 'thread')
  const intake = intakeOf(depot, options)
  return { depot, intake, codes: async () => (await depot.ask('north', 'SELECT code FROM items')).map(codeOf).sort() }
}

const codeOf = ({ code }: Readonly<Record<string, unknown>>) => String(code)

/** Gives records until they are told, as a client does that is answered 503. */
async function giveUntilTold(intake: LateIntake, records: readonly GivenRecord[]): Promise<RecordOutcome[]> {
  for (;;) {
    const outcomes = await intake.take(records)
    if (outcomes.every(({ outcome }) => outcome !== 'unavailable')) return outcomes
  }
}

describe.each(sqliteAnd('postgres'))('records through a thread on $name', (engine) => {
  test('each gets its outcome, as without a thread', async () => {
    const { depot, intake } = await openIntake(engine)
    const [first] = await intake.take([item(1)])
    const outcomes = await intake.take([item(1), '{"code":"k2","name":"x","price":-1}', 'no JSON', '', item(3)])
    const [one, three] = await depot.ask('north', 'SELECT id FROM items ORDER BY id')
    expect(first).toEqual({ outcome: 'accepted', rowId: String(one?.['id']) })
    expect(outcomes[0]).toEqual({ outcome: 'duplicate', rowId: String(one?.['id']) })
    expect(outcomesOf(outcomes)).toEqual(['duplicate', 'rejected', 'rejected', 'rejected', 'accepted'])
    expect(outcomes[1]).toMatchObject({ reasons: [{ code: 'TOO_SHORT' }, { code: 'TOO_LOW', pointer: '/price' }] })
    expect(outcomes[4]).toEqual({ outcome: 'accepted', rowId: String(three?.['id']) })
  })

  test('many callers at once, with records of all lengths, are told each their own', async () => {
    const { intake } = await openIntake(engine)
    const calls = Array.from({ length: 3_000 }, (_, call) => intake.take([{ ...item(call), note: 'x'.repeat(call) }]))
    const outcomes = (await Promise.all(calls)).flat()
    expect(new Set(outcomesOf(outcomes))).toEqual(new Set(['accepted']))
    expect(new Set(outcomes.map((outcome) => (outcome as { rowId: string }).rowId)).size).toBe(3_000)
    // In the order in which they came.
    const ids = outcomes.map((outcome) => Number((outcome as { rowId: string }).rowId))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  })

  test.each([
    ['before-commit=exit@2-2', 'before its commit'],
    ['committed=exit@2-2', 'after its commit'],
  ])('a thread that dies (%s) leaves no record in doubt: given again it is stored once', async (faults) => {
    const { intake, codes } = await openIntake(engine, { faults })
    expect(outcomesOf(await intake.take([item(1)]))).toEqual(['accepted'])
    const [lost] = await intake.take([item(2)])
    expect(lost).toMatchObject({ outcome: 'unavailable', message: expect.stringContaining('has ended') })
    expect(outcomesOf(await giveUntilTold(intake, [item(2), item(3)]))).toEqual([
      expect.stringMatching(/accepted|duplicate/),
      'accepted',
    ])
    expect(await codes()).toEqual(['k1', 'k2', 'k3'])
  })
})

const [sqlite] = sqliteAnd('postgres') as [TestEngine]

test('a database that is down makes its records unavailable, and they are taken when it is back', async () => {
  const { intake } = await openIntake(sqlite, { waitMs: 0, faults: 'before-commit=unavailable@1-1' })
  expect(await intake.take([item(1)])).toMatchObject([{ outcome: 'unavailable', database: 'north' }])
  expect(outcomesOf(await intake.take([item(1)]))).toEqual(['accepted'])
})

test('what keeps the thread from its work is told, and tried again with the next record', async () => {
  const { intake } = await openIntake(sqlite, { config: '/nowhere/config.cjs' })
  for (let time = 0; time < 2; time++)
    await expect(intake.take([item(1)])).rejects.toMatchObject({ code: 'SY_CONFIG_INVALID' })
})

test('closed, it has settled what it was given before, and takes no more', async () => {
  const { depot, intake, codes } = await openIntake(sqlite)
  const before = Array.from({ length: 100 }, (_, call) => intake.take([item(call)]))
  await Promise.all([intake.close(), intake.close()])
  expect(outcomesOf((await Promise.all(before)).flat())).toEqual(before.map(() => 'accepted'))
  expect(await codes()).toHaveLength(100)
  await expect(intake.take([item(1)])).rejects.toMatchObject({ code: 'SY_CLUSTER_CLOSED' })
  expect(await depot.ask('control', 'SELECT state FROM shardyard_runs')).toEqual([{ state: 'complete' }])
})
