import { appendFile, truncate, utimes, writeFile } from 'node:fs/promises'
import type { IngestEvent } from 'shardyard/src/pipeline/ingest/ingest-options'
import { ENGINES, sqliteAnd, sqliteOrAll, type TestEngine } from '../../helpers/engines'
import { startIngest } from './child'
import { freshDepot, type OpenDepot } from './depot'
import { endState, linesOf } from './end-state'
import { madeFiles } from './made-file'

const [sqlite] = ENGINES as readonly [TestEngine]
const [csv] = madeFiles(4)
const CHUNKS = { chunkBytes: 300 }
const HEADER = 'code,title,price\n'
const items = (count: number) => Array.from({ length: count }, (_, index) => `k${index},Lamp,1\n`).join('')

/** Calls `act` once, when the first chunk is settled. */
function atProgress(act: () => Promise<void> | void): (event: IngestEvent) => void {
  let isOver = false
  return ({ kind }) => {
    if (kind !== 'progress' || isOver) return
    isOver = true
    void act()
  }
}

async function undisturbed(engine: TestEngine): Promise<Awaited<ReturnType<typeof endState>>> {
  const depot = await freshDepot(engine, 'undisturbed')
  await depot.ingest([await depot.write('a.csv', csv?.content ?? '')], CHUNKS)
  return endState(depot)
}

const openRun = async (depot: OpenDepot) => (await depot.ask('control', 'SELECT id, state FROM shardyard_runs'))[0]

describe.each(sqliteAnd('postgres'))('an ingestion that is stopped on $name', (engine) => {
  test.each([undefined, 2])('(by its caller, threads: %s) is resumed by the same call', async (threads) => {
    const depot = await freshDepot(engine, 'stopped')
    const file = await depot.write('a.csv', csv?.content ?? '')
    const stop = new AbortController()
    const options = { ...CHUNKS, ...(threads === undefined ? {} : { threads }) }
    const onEvent = atProgress(() => stop.abort())
    await expect(depot.ingest([file], { ...options, onEvent, signal: stop.signal })).rejects.toMatchObject({
      code: 'SY_INTERRUPTED',
      message: expect.stringMatching(/^Run \w+ was interrupted\. The same command resumes it\.$/),
    })
    const run = await openRun(depot)
    expect(run).toMatchObject({ state: 'interrupted' })
    expect((await depot.ingest([file], options)).id).toBe(run?.['id'])
    expect(await endState(depot)).toEqual(await undisturbed(engine))
  })

  test.each([
    ['a number', 5, 1_000],
    ['a share', '10%', '100%'],
  ] as const)('(by too many rejects, %s) goes on with a higher limit', async (_what, maxRejects, higher) => {
    const depot = await freshDepot(engine, 'rejects')
    const file = await depot.write('a.csv', csv?.content ?? '')
    await expect(depot.ingest([file], { ...CHUNKS, maxRejects })).rejects.toMatchObject({
      code: 'SY_TOO_MANY_REJECTS',
      message: expect.stringMatching(/^Run \w+ was stopped: \d+ of its \d+ records are rejected/),
    })
    const run = await openRun(depot)
    expect(run).toMatchObject({ state: 'incomplete' })
    const account = await depot.ingest([file], { ...CHUNKS, maxRejects: higher })
    expect(account).toMatchObject({ id: run?.['id'], state: 'complete' })
    expect(await endState(depot)).toEqual(await undisturbed(engine))
  })
})

describe('a limit of rejects', () => {
  test.each([
    [2, true],
    ['2', true],
    ['25%', true],
    [1, false],
    ['24%', false],
    [0, false],
    ['0%', false],
  ] as const)('of %s for 2 rejects among 8 records holds: %s', async (maxRejects, holds) => {
    const depot = await freshDepot(sqlite, 'limit')
    const file = await depot.write('a.csv', `${HEADER}${items(5)}x,,1\ny,,1\n`)
    const end = depot.ingest([file], { maxRejects }).then(
      ({ state }) => state,
      ({ code }: { code: string }) => code,
    )
    expect(await end).toBe(holds ? 'complete' : 'SY_TOO_MANY_REJECTS')
  })

  test('counts what was rejected before the run was resumed, and does not let the same limit pass', async () => {
    const depot = await freshDepot(sqlite, 'limit again')
    const file = await depot.write('a.csv', csv?.content ?? '')
    for (let times = 0; times < 3; times++) {
      await expect(depot.ingest([file], { ...CHUNKS, maxRejects: 3 })).rejects.toMatchObject({
        code: 'SY_TOO_MANY_REJECTS',
      })
    }
    expect(await depot.ask('control', 'SELECT * FROM shardyard_runs')).toHaveLength(1)
  })
})

test('a limit of rejects also holds for those of a chunk whose thread died when it was stored', async () => {
  const depot = await freshDepot(sqlite, 'untold')
  const file = await depot.write('a.csv', `${HEADER}${items(5)}x,,1\ny,,1\n${items(9).slice(50)}`)
  const options = { maxRejects: 1, threads: 1, chunkBytes: 70 }
  await expect(depot.ingest([file], { ...options, faults: 'committed=exit*1' })).rejects.toMatchObject({
    code: 'SY_TOO_MANY_REJECTS',
  })
})

describe('a file that is changed while it is read', () => {
  const CHANGES: readonly [what: string, change: (file: string) => Promise<void>][] = [
    ['grows', (file) => appendFile(file, items(3))],
    ['becomes shorter', (file) => truncate(file, 30)],
    ['is emptied', (file) => writeFile(file, '')],
    ['is touched', (file) => utimes(file, new Date(0), new Date(0))],
  ]

  describe.each([undefined, 2])('(threads: %s)', (threads) => {
    test.each(CHANGES)('and %s ends the run, which says so', async (_what, change) => {
      const depot = await freshDepot(sqlite, 'changed')
      const file = await depot.write('a.csv', HEADER + items(300))
      // The change is waited for, so that the run cannot be over before it.
      let changed = Promise.resolve()
      const onEvent = (event: IngestEvent) => {
        if (event.kind === 'started') changed = change(file)
      }
      const options = { onEvent, chunkBytes: 100, ...(threads === undefined ? {} : { threads }) }
      const end = depot.ingest([file], options)
      await expect(end).rejects.toMatchObject({
        code: 'SY_SOURCE_UNREADABLE',
        message: expect.stringContaining('a.csv" was changed while it was read'),
      })
      await changed
      expect(await openRun(depot)).toMatchObject({ state: 'incomplete' })
    })
  })
})

describe.each(sqliteOrAll())('a record at which a thread dies on $name', (engine) => {
  test('costs itself alone: two threads die, the others are stored', async () => {
    const depot = await freshDepot(engine, 'trap')
    const texts = ['one', 'two', 'exit', 'three', 'exit', 'four', 'five']
    const file = await depot.write('a.ndjson', texts.map((text) => `{"text":"${text}"}\n`).join(''))
    const account = await depot.ingest([file], { into: 'Trap', threads: 2, chunkBytes: 60 })
    expect(account).toMatchObject({
      state: 'complete',
      counts: { accepted: 5, rejected: 2, duplicate: 0 },
      reasons: [{ code: 'RECORD_KILLS_WORKER', field: '', count: 2 }],
    })
    const rows = await depot.ask('north', 'SELECT text FROM traps ORDER BY id')
    expect(rows.map(({ text }) => text)).toEqual(['one', 'two', 'three', 'four', 'five'])
    const killers = (await linesOf(depot)).filter(({ outcome }) => outcome === 'rejected')
    expect(killers.map(({ raw, database }) => `${database} ${raw.toString()}`)).toEqual([
      'control {"text":"exit"}',
      'control {"text":"exit"}',
    ])
  })
})

test('a record that takes a thread all its memory costs itself alone', async () => {
  const depot = await freshDepot(sqlite, 'memory')
  const file = await depot.write('a.ndjson', '{"text":"one"}\n{"text":"memory"}\n{"text":"two"}\n')
  const { end } = startIngest(depot, [file], { into: 'Trap', threads: 1 })
  expect((await end).answer).toMatchObject({
    state: 'complete',
    counts: { accepted: 2, rejected: 1 },
    reasons: [{ code: 'RECORD_KILLS_WORKER', field: '', count: 1 }],
  })
})

test.each(['chunk', 'chunk-read', 'part-read', 'rows-written', 'before-commit', 'committed'])(
  'a thread that dies once at "%s" is replaced, and nobody sees it',
  async (point) => {
    const depot = await freshDepot(sqlite, 'dies')
    const file = await depot.write('a.csv', csv?.content ?? '')
    const account = await depot.ingest([file], { ...CHUNKS, threads: 2, faults: `${point}:4=exit*1` })
    expect(account.state).toBe('complete')
    expect(await endState(depot)).toEqual(await undisturbed(sqlite))
  },
)
