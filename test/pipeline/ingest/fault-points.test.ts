import { sqliteAnd, type TestEngine } from '../../helpers/engines'
import { endState } from './end-state'
import { makeTrial, undisturbedEnd } from './failing'

const [sqlite, ...servers] = sqliteAnd('mysql') as readonly [TestEngine, ...TestEngine[]]

/** In the order in which a chunk passes them. */
const POINTS = ['chunk', 'chunk-read', 'part-read', 'rows-written', 'lines-written', 'before-commit', 'committed']
/** What happens there: both at each point in the crash runs, one after the other in turns in an ordinary run. */
const FAULTS = POINTS.flatMap((point, index) => {
  const actions = ['unavailable', 'throw']
  const isWhole = process.env['SHARDYARD_TEST_ENGINES'] === 'all'
  return actions.filter((_, at) => isWhole || at === index % 2).map((action) => [point, action] as const)
})
/** Five chunks or so. */
const CHUNK_BYTES = 2_000
const CALLS_MAX = 60

/** An ingestion at a point that fails, and the same call until it completes; answers how often it met a fault. */
async function metFaults(engine: TestEngine, faults: string): Promise<number> {
  const { depot, run } = await makeTrial(engine, 'points')
  let met = 0
  const onEvent = ({ kind }: { readonly kind: string }) => {
    if (kind === 'waiting-for-database') met += 1
  }
  const options = { chunkBytes: CHUNK_BYTES, onEvent }
  const first = await run({ ...options, faults }).catch((error: { readonly code?: string }) => error)
  if ('code' in first) {
    expect(first.code).toBe('SY_RUN_INCOMPLETE')
    met += 1
    expect((await run(options)).state).toBe('complete')
  }
  await depot.cluster.close()
  expect(await endState(depot)).toEqual(await undisturbedEnd())
  return met
}

describe('an ingestion into SQLite', () => {
  test.each(FAULTS)(
    'that fails at the 1st, 2nd … last pass of the point "%s" (%s) ends as one that is not disturbed',
    async (point, action) => {
      let calls = 1
      while ((await metFaults(sqlite, `${point}=${action}@${calls}-${calls}`)) > 0 && calls < CALLS_MAX) calls += 1
      // It has passed the point at least once for each chunk, and at last no more.
      expect(calls).toBeGreaterThan(4)
      expect(calls).toBeLessThan(CALLS_MAX)
    },
    120_000,
  )

  test.each(['1', '2', '3'])(
    'that fails by chance (seed %s) ends as one that is not disturbed',
    async (seed) => {
      process.env['SHARDYARD_FAULTS_SEED'] = seed
      try {
        const points = POINTS.slice(2).map((point) => `${point}=unavailable%20`)
        expect(await metFaults(sqlite, points.join(','))).toBeGreaterThan(0)
      } finally {
        delete process.env['SHARDYARD_FAULTS_SEED']
      }
    },
    60_000,
  )
})

describe.each(servers)('an ingestion into $name', (engine) => {
  test.each(['part-read', 'rows-written', 'before-commit', 'committed'])(
    'that fails at the point "%s" ends as one that is not disturbed',
    async (point) => {
      for (const action of ['unavailable', 'throw']) {
        expect(await metFaults(engine, `${point}=${action}@2-2`)).toBe(1)
      }
    },
    60_000,
  )
})
