import { findRun, readRejects, RecordIntake, type RecordIntakeOptions, type RecordOutcome } from 'shardyard'
import { RunSchema } from 'shardyard/src/cluster/bookkeeping/run-row'
import { RunStore } from 'shardyard/src/pipeline/runs/run-store'
import { ENGINES } from '../../helpers/engines'
import { removeAtEnd } from '../../helpers/cleanup'
import { freshDepot, type OpenDepot } from './depot'

async function openIntake(depot: OpenDepot, options: Partial<RecordIntakeOptions> = {}): Promise<RecordIntake> {
  const intake = await RecordIntake.open(depot.cluster, { into: 'Item', ...options })
  removeAtEnd(() => intake.close())
  return intake
}

const item = (number: number) => ({ code: `k${number}`, name: `Lamp ${number}`, price: '1.00' })
const outcomesOf = (outcomes: readonly RecordOutcome[]) => outcomes.map(({ outcome }) => outcome)

describe.each(ENGINES)('records one by one on $name', (engine) => {
  test('each gets its outcome: the row it became, the row it repeats, or why it was refused', async () => {
    const depot = await freshDepot(engine, 'records')
    const intake = await openIntake(depot)
    const [first] = await intake.take([item(1)])
    const outcomes = await intake.take([item(1), '{"code":"k2","name":"x","price":-1}', 'no JSON', '', item(3)])
    expect(outcomesOf(outcomes)).toEqual(['duplicate', 'rejected', 'rejected', 'rejected', 'accepted'])
    expect(outcomes[0]).toEqual({ outcome: 'duplicate', rowId: (first as { rowId: string }).rowId })
    expect(outcomes[1]).toMatchObject({ reasons: [{ code: 'TOO_SHORT' }, { code: 'TOO_LOW', pointer: '/price' }] })
    const rows = await depot.ask('north', 'SELECT id, code FROM items ORDER BY id')
    expect(rows.map(({ code }) => code)).toEqual(['k1', 'k3'])
    expect(outcomes[4]).toEqual({ outcome: 'accepted', rowId: String(rows[1]?.['id']) })
  })

  test('a thousand callers at once are told each their own, and equal records are stored once', async () => {
    const depot = await freshDepot(engine, 'callers')
    const [one, other] = [await openIntake(depot), await openIntake(depot)]
    const calls = Array.from({ length: 1_000 }, (_, call) => (call % 2 === 0 ? one : other).take([item(call % 100)]))
    const outcomes = (await Promise.all(calls)).flat()
    expect(outcomesOf(outcomes).filter((outcome) => outcome === 'accepted')).toHaveLength(100)
    expect(outcomesOf(outcomes).filter((outcome) => outcome === 'duplicate')).toHaveLength(900)
    const rows = await depot.ask('north', 'SELECT id, code FROM items')
    const ids = new Map(rows.map(({ id, code }) => [String(code), String(id)]))
    expect(outcomes.map((outcome) => (outcome as { rowId?: string }).rowId)).toEqual(
      calls.map((_, call) => ids.get(`k${call % 100}`)),
    )
  })

  test('a record that a database does not take is unavailable, and stored once when it is given again', async () => {
    const depot = await freshDepot(engine, 'unavailable')
    const failing = await openIntake(depot, { waitMs: 0, faults: 'before-commit=unavailable@1-1' })
    expect(await failing.take([item(1)])).toMatchObject([{ outcome: 'unavailable', database: 'north' }])
    expect(outcomesOf(await failing.take([item(1)]))).toEqual(['accepted'])
    expect(await depot.ask('north', 'SELECT code FROM items')).toHaveLength(1)
  })

  test('a commit whose answer was lost is told as what it was', async () => {
    const depot = await freshDepot(engine, 'lost answer')
    const intake = await openIntake(depot, { faults: 'committed=unavailable@1-1' })
    expect(outcomesOf(await intake.take([item(1)]))).toEqual(['accepted'])
    expect(await depot.ask('north', 'SELECT code FROM items')).toHaveLength(1)
  })

  test('they are a run, whose rejects can be read', async () => {
    const depot = await freshDepot(engine, 'run')
    const intake = await openIntake(depot)
    const [rejected] = await intake.take(['{"code":"","name":"Lamp","price":1}', item(2)])
    await intake.close()
    const run = await findRun(depot.cluster, intake.run)
    expect([run.state, run.title]).toEqual(['complete', 'single records into Item'])
    const rejects = []
    for await (const { id, file } of readRejects(depot.cluster, run)) rejects.push([id, file])
    expect(rejects).toEqual([[(rejected as { rejectId: string }).rejectId, 'single records']])
    expect((await intake.account()).counts).toMatchObject({ accepted: 1, rejected: 1 })
  })

  test('the run of a process that died is told as interrupted, until the next one ends it', async () => {
    const depot = await freshDepot(engine, 'died')
    const intake = await openIntake(depot)
    const stateOf = async () => (await findRun(depot.cluster, intake.run)).state
    expect(await stateOf()).toBe('running')
    const runs = depot.cluster.database('control').getRepository(RunSchema)
    await runs.update({ id: intake.run }, { owner: 'elsewhere:1', leaseUntil: new Date(Date.now() - 1_000) })
    expect(await stateOf()).toBe('interrupted')
    await openIntake(depot)
    expect(await stateOf()).toBe('complete')
    // It was only slow: it says so again, and counts as another claim.
    await new RunStore(depot.cluster).hold(intake.run)
    expect(await findRun(depot.cluster, intake.run)).toMatchObject({ state: 'running', finishedAt: null, fence: 2 })
  })
})

test('a closed intake takes nothing, and settles what it was given before', async () => {
  const [engine] = ENGINES
  const depot = await freshDepot(engine as (typeof ENGINES)[number], 'closed')
  const intake = await openIntake(depot)
  const before = intake.take([item(1)])
  await Promise.all([intake.close(), intake.close()])
  expect(outcomesOf(await before)).toEqual(['accepted'])
  await expect(intake.take([item(2)])).rejects.toMatchObject({ code: 'SY_CLUSTER_CLOSED' })
})
