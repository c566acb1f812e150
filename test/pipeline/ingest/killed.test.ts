import { sqliteAnd, type TestEngine } from '../../helpers/engines'
import { ingestAlone, type ChildOptions } from './child'
import { freshDepot, type OpenDepot } from './depot'
import { endState } from './end-state'
import { madeFiles } from './made-file'

const [csv, , , , , ndjson] = madeFiles(1)
const CHUNKS = { chunkBytes: 150 }

/** Each named point, at one of the first times or a later one. */
const POINTS = [
  ['chunk=kill@3', 2],
  ['chunk-read=kill@6', 1],
  ['part-read=kill@5', 2],
  ['rows-written=kill', 1],
  ['lines-written=kill@4', 1],
  ['before-commit=kill@7', 1],
  ['committed=kill@8', 1],
] as const

async function depotWithFiles(engine: TestEngine, label: string) {
  const depot = await freshDepot(engine, label, { databases: ['north', 'south', 'control'] })
  const files = await Promise.all([csv, ndjson].map((file) => depot.write(file?.name ?? '', file?.content ?? '')))
  return { depot, files }
}

const undisturbed = new Map<string, ReturnType<typeof endState>>()

function endWithoutKills(engine: TestEngine): ReturnType<typeof endState> {
  const run = async () => {
    const { depot, files } = await depotWithFiles(engine, 'undisturbed')
    await depot.ingest(files, CHUNKS)
    return endState(depot)
  }
  const end = undisturbed.get(engine.name) ?? run()
  undisturbed.set(engine.name, end)
  return end
}

async function killAt(depot: OpenDepot, files: readonly string[], options: ChildOptions): Promise<void> {
  const { signal } = await ingestAlone(depot, files, { ...CHUNKS, ...options })
  expect({ faults: options.faults, signal }).toEqual({ faults: options.faults, signal: 'SIGKILL' })
}

const runIds = async (depot: OpenDepot) =>
  (await depot.ask('control', 'SELECT id FROM shardyard_runs ORDER BY id')).map(({ id }) => id)

/** Every point on one engine, two on the others: the crash runs kill at all of them on all. */
const pointsFor = ({ name }: TestEngine) => (name === 'sqlite' ? POINTS : [POINTS[3], POINTS[6]])

describe.each(sqliteAnd('mysql'))('an ingestion that is killed on $name', (engine) => {
  test.each(pointsFor(engine))('(%s, %i threads) ends undisturbed when it is run again', async (faults, threads) => {
    const { depot, files } = await depotWithFiles(engine, 'killed')
    await killAt(depot, files, { faults, threads })
    const [run] = await runIds(depot)
    const account = await depot.ingest(files, CHUNKS)
    expect([account.id, account.state]).toEqual([run, 'complete'])
    expect(await endState(depot)).toEqual(await endWithoutKills(engine))
  })

  test('again and again, with other threads, keeps its run, ends undisturbed, and a rerun adds nothing', async () => {
    const { depot, files } = await depotWithFiles(engine, 'killed often')
    for (const [faults, threads] of [
      ['committed=kill', 2],
      ['before-commit=kill@2', 1],
    ] as const) {
      await killAt(depot, files, { faults, threads })
    }
    const end = await ingestAlone(depot, files, { ...CHUNKS, threads: 2 })
    expect([end.code, [end.answer.id]]).toEqual([0, await runIds(depot)])
    const state = await endState(depot)
    expect(state).toEqual(await endWithoutKills(engine))
    const again = await depot.ingest(files, CHUNKS)
    expect(again.counts).toMatchObject({
      accepted: 0,
      rejected: end.answer.counts?.['rejected'],
      duplicate: (end.answer.counts?.['accepted'] ?? 0) + (end.answer.counts?.['duplicate'] ?? 0),
    })
    const after = await endState(depot)
    for (const kind of ['items', 'hashes']) {
      for (const database of ['north', 'south']) {
        expect(after[`${kind} of ${database}`]).toEqual(state[`${kind} of ${database}`])
      }
    }
  })
})
