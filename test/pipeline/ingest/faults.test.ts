import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import type { IngestEvent } from 'shardyard/src/pipeline/ingest/ingest-options'
import { sqliteAnd, type TestEngine } from '../../helpers/engines'
import { endState } from './end-state'
import { afterChunks, linesIn, makeTrial, proxiedTrial, runWith, undisturbedEnd, until, type Trial } from './failing'

const [sqlite, ...servers] = sqliteAnd('postgres') as readonly [TestEngine, ...TestEngine[]]
/** A silence shorter than this is none; what a run takes on a slow machine comes on top. */
const ANSWER_MS = 5_000
const SLOW_MS = 15_000

/** The same call once more: it completes the run, and nothing is lost, doubled or blamed. */
async function requireCompletes({ run, depot }: Trial, options: { readonly isSplit?: boolean } = {}): Promise<void> {
  const account = await run()
  expect(account.state).toBe('complete')
  expect(await endState(depot)).toEqual(await undisturbedEnd(options))
}

/** Runs until it gives up; answers how long that took. */
async function givenUp(trial: Trial, options: Parameters<Trial['run']>[0]): Promise<number> {
  const startedAt = performance.now()
  await expect(trial.run(options)).rejects.toMatchObject({ code: 'SY_RUN_INCOMPLETE' })
  return performance.now() - startedAt
}

describe.each(servers)('an ingestion into $name', (engine) => {
  test.each([
    ['reply to its COMMIT', true],
    ['COMMIT itself', false],
  ] as const)(
    'that loses the %s stores every record once',
    async (_, isDelivered) => {
      const { depot, proxy, run } = await proxiedTrial(engine, 'north')
      let cuts = 0
      const onEvent = ({ kind }: IngestEvent) => {
        if (kind !== 'progress' || cuts > 4) return
        cuts += 1
        proxy.cutAt('COMMIT', { isDelivered })
      }
      expect((await run({ onEvent })).state).toBe('complete')
      expect(cuts).toBe(5)
      expect(await endState(depot)).toEqual(await undisturbedEnd())
    },
    60_000,
  )

  test('whose database goes down and comes back goes on by itself', async () => {
    const { depot, proxy, run } = await proxiedTrial(engine, 'north')
    const waits: string[] = []
    const fall = afterChunks(
      3,
      () =>
        void proxy
          .goDown()
          .then(() => sleep(700))
          .then(() => proxy.goUp()),
    )
    const account = await run({
      onEvent: (event) => {
        fall(event)
        if (event.kind === 'waiting-for-database') waits.push(event.database)
      },
    })
    expect(account.state).toBe('complete')
    expect(new Set(waits)).toEqual(new Set(['north']))
    expect(await endState(depot)).toEqual(await undisturbedEnd())
  }, 60_000)

  test('whose database falls silent ends in time, and can be resumed', async () => {
    const trial = await proxiedTrial(engine, 'north')
    const onEvent = afterChunks(3, () => trial.proxy.goSilent())
    expect(await givenUp(trial, { waitMs: 1_000, onEvent })).toBeLessThan(1_000 + 2 * ANSWER_MS + SLOW_MS)
    await trial.proxy.goDown()
    await trial.proxy.goUp()
    await requireCompletes(trial)
  }, 90_000)

  test('whose database stays down ends in time, and can be resumed', async () => {
    const trial = await proxiedTrial(engine, 'north')
    const onEvent = afterChunks(3, () => trial.proxy.goDown())
    expect(await givenUp(trial, { waitMs: 1_000, onEvent })).toBeLessThan(1_000 + ANSWER_MS + SLOW_MS)
    const [run] = await trial.depot.ask('control', 'SELECT * FROM shardyard_runs')
    expect(run?.['state']).toBe('incomplete')
    await trial.proxy.goUp()
    await requireCompletes(trial)
  }, 90_000)

  test('whose control is down for a while pauses and goes on', async () => {
    const { depot, proxy, run } = await proxiedTrial(engine, 'control')
    const onEvent = afterChunks(
      3,
      () =>
        void proxy
          .goDown()
          .then(() => sleep(1_500))
          .then(() => proxy.goUp()),
    )
    expect((await run({ onEvent })).state).toBe('complete')
    expect(await endState(depot)).toEqual(await undisturbedEnd())
  }, 60_000)

  test('whose control stays down ends in time, and can be resumed', async () => {
    const trial = await proxiedTrial(engine, 'control')
    const onEvent = afterChunks(3, () => trial.proxy.goDown())
    expect(await givenUp(trial, { waitMs: 1_000, onEvent })).toBeLessThan(1_000 + ANSWER_MS + SLOW_MS)
    await trial.proxy.goUp()
    await requireCompletes(trial)
  }, 90_000)
})

describe.each(servers)('of two databases on $name', (engine) => {
  test('the one that is up is written to its end, and the other when it is back', async () => {
    const { depot, proxy, run } = await proxiedTrial(engine, 'north', { isSplit: true })
    const wanted = (await undisturbedEnd({ isSplit: true }))['lines']?.filter((line) => line.includes(' south ')).length
    const ended = run({ waitMs: 60_000, onEvent: afterChunks(3, () => proxy.goDown()) })
    ended.catch(() => undefined)
    await until(async () => (await linesIn(depot, 'south')) === wanted, 60_000)
    expect(await linesIn(depot, 'north')).toBeLessThan(wanted ?? 0)
    await proxy.goUp()
    expect((await ended).state).toBe('complete')
    expect(await endState(depot)).toEqual(await undisturbedEnd({ isSplit: true }))
  }, 120_000)

  test('one that stays down ends the run in time when the other is done, and it can be resumed', async () => {
    const trial = await proxiedTrial(engine, 'north', { isSplit: true })
    const onEvent = afterChunks(3, () => trial.proxy.goDown())
    expect(await givenUp(trial, { waitMs: 5_000, onEvent })).toBeLessThan(2 * 5_000 + ANSWER_MS + SLOW_MS)
    await trial.proxy.goUp()
    await requireCompletes(trial, { isSplit: true })
  }, 120_000)
})

describe('an ingestion into an SQLite file', () => {
  /** Holds the lock of a database; answers how to let it go. */
  function hold({ depot }: Trial, name: string): () => void {
    const holder = new Sqlite((depot.urls[name] ?? '').slice('sqlite:'.length), { timeout: 10_000 })
    holder.exec('BEGIN IMMEDIATE')
    return () => {
      if (!holder.open) return
      holder.exec('ROLLBACK')
      holder.close()
    }
  }

  test.each(['north', 'control'])(
    'that another process locks (%s) for two seconds waits for it',
    async (name) => {
      const trial = await makeTrial(sqlite, 'busy')
      const onEvent = afterChunks(3, () => {
        const release = hold(trial, name)
        setTimeout(release, 2_000)
      })
      expect((await trial.run({ onEvent })).state).toBe('complete')
      expect(await endState(trial.depot)).toEqual(await undisturbedEnd())
    },
    60_000,
  )

  test('that is locked for longer than it waits ends in time, and can be resumed', async () => {
    const trial = await makeTrial(sqlite, 'busy for long')
    let release: () => void = () => undefined
    const onEvent = afterChunks(3, () => (release = hold(trial, 'north')))
    expect(await givenUp(trial, { waitMs: 500, onEvent })).toBeLessThan(2 * ANSWER_MS + SLOW_MS)
    release()
    await requireCompletes(trial)
  }, 90_000)

  test('that can only be read says so, blames no record, and can be resumed', async () => {
    const trial = await makeTrial(sqlite, 'read only')
    const database = (trial.depot.urls['north'] ?? '').slice('sqlite:'.length)
    const north = { type: 'better-sqlite3', database, readonly: true }
    const startedAt = performance.now()
    await expect(runWith(trial, { north }, { waitMs: 500 })).rejects.toMatchObject({
      code: 'SY_RUN_INCOMPLETE',
      message: expect.stringMatching(/read-?only/),
    })
    expect(performance.now() - startedAt).toBeLessThan(ANSWER_MS + SLOW_MS)
    expect(await linesIn(trial.depot, 'north')).toBe(0)
    await requireCompletes(trial)
  }, 60_000)
})
