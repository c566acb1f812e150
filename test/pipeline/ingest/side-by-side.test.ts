import { sqliteAnd } from '../../helpers/engines'
import { ingestAlone } from './child'
import { freshDepot } from './depot'
import { endState } from './end-state'
import { madeFiles } from './made-file'
import { requireOneRowEach } from './overlapping-files'

const [csv] = madeFiles(3)

describe.each(sqliteAnd('postgres'))('two processes at once on $name', (engine) => {
  test('with the same file: one waits, and each record is stored once', async () => {
    const depot = await freshDepot(engine, 'same file')
    const file = await depot.write('a.csv', csv?.content ?? '')
    const options = { chunkBytes: 100, threads: 1 }
    const ends = await Promise.all([ingestAlone(depot, [file], options), ingestAlone(depot, [file], options)])
    expect(ends.map(({ code }) => code)).toEqual([0, 0])
    expect(ends.map(({ stderr }) => stderr).toSorted()).toEqual(['', 'waiting for another process\n'])
    const alone = await freshDepot(engine, 'alone')
    for (let times = 0; times < 2; times++) {
      await alone.ingest([await alone.write('a.csv', csv?.content ?? '')], { chunkBytes: 100 })
    }
    expect(await endState(depot)).toEqual(await endState(alone))
  })

  test('with two files that share records: one row each', async () => {
    await requireOneRowEach(engine, 3)
  })
})
