import { WaitSign } from 'shardyard/src/drivers/wait-sign'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { ingestAlone } from './child'
import { freshDepot, type OpenDepot } from './depot'
import { endState } from './end-state'
import { mixedCsv } from './failing'

const [sqlite] = ENGINES as readonly [TestEngine]
const RECORDS = 2_000
/** All of them in one chunk. */
const WHOLE = { chunkBytes: 2 ** 20 }
/** In chunks that are too small for slices. */
const UNSLICED = { chunkBytes: 2 ** 10 }

/** Waits for a database without a pause, as a process that posts events does. */
function keepWaitingFor({ urls }: OpenDepot, database: string): void {
  const sign = new WaitSign(urls[database]?.replace('sqlite:', '') ?? '')
  sign.raise()
  const timer = setInterval(() => sign.raise(), 3)
  removeAtEnd(async () => clearInterval(timer))
}

async function depotWithFile() {
  const depot = await freshDepot(sqlite, 'slices', { databases: ['north', 'south', 'control'] })
  return { depot, file: await depot.write('a.csv', mixedCsv(RECORDS)) }
}

const progressOf = async ({ ask }: OpenDepot) =>
  (await ask('north', 'SELECT next, settledTo, accepted FROM shardyard_parts'))[0]

test('a chunk for which others wait is written in slices, and ends as one that is written at once', async () => {
  const [own, other] = [await depotWithFile(), await depotWithFile()]
  await own.depot.ingest([own.file], UNSLICED)
  keepWaitingFor(other.depot, 'north')
  const account = await other.depot.ingest([other.file], WHOLE)
  expect(account.state).toBe('complete')
  expect(await endState(other.depot)).toEqual(await endState(own.depot))
  expect(await progressOf(other.depot)).toMatchObject({ next: 1, settledTo: 0 })
  const perThread = account.perThread.map(({ counts }) => counts)
  expect(perThread).toEqual([account.counts])
})

test.each([
  ['committed', 'full'],
  ['rows-written', 'full'],
  ['committed', 'rejects'],
] as const)(
  'killed between two slices (%s, ledger %s) it goes on with the next one, in slices of another size',
  async (point, ledger) => {
    const [own, other] = [await depotWithFile(), await depotWithFile()]
    await own.depot.ingest([own.file], { ...UNSLICED, ledger })
    const options = { ...WHOLE, ledger }
    keepWaitingFor(other.depot, 'north')
    const { signal } = await ingestAlone(other.depot, [other.file], { ...options, faults: `${point}=kill@5` })
    expect(signal).toBe('SIGKILL')
    const half = await progressOf(other.depot)
    // The first slice of the next attempt, which knows nothing of its speed yet, ends before this place.
    expect(Number(half?.['settledTo'])).toBeGreaterThan(100)
    expect(half).toMatchObject({ next: 0 })
    await other.depot.ingest([other.file], options)
    expect(await endState(other.depot)).toEqual(await endState(own.depot))
  },
)
