import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ingest } from 'shardyard/src/pipeline/ingest/ingest'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { OwnPostgres, POSTGRES_BINARIES } from '../../helpers/own-postgres'
import { makeDepot, openDepot } from './depot'
import { endState } from './end-state'
import { afterChunks, CHUNK_BYTES, mixedCsv, RECORDS, undisturbedEnd } from './failing'

const postgres = ENGINES.find(({ name }) => name === 'postgres') as TestEngine
const tested = POSTGRES_BINARIES === undefined ? test.skip : test

tested.each([
  ['rows', 'north'],
  ['control', 'control'],
] as const)(
  `A PostgreSQL server of the %s that is stopped at once in the middle loses and doubles nothing${
    POSTGRES_BINARIES === undefined ? ' (skipped: no PostgreSQL server to start here)' : ''
  }`,
  async (_, name) => {
    const server = await OwnPostgres.open()
    const made = await makeDepot(postgres, 'crash')
    const depot = { ...made, urls: { ...made.urls, [name]: server.url } }
    const cluster = await openDepot(depot)
    const file = join(depot.folder, 'a.csv')
    await writeFile(file, mixedCsv(RECORDS))
    const crashes: Promise<void>[] = []
    const onEvent = afterChunks(3, () => crashes.push(server.crash()))
    const options = { into: 'Item', chunkBytes: CHUNK_BYTES, waitMs: 60_000, onEvent }
    expect((await ingest(cluster, [file], options)).state).toBe('complete')
    await Promise.all(crashes)
    expect(crashes).toHaveLength(1)
    expect(await endState(depot)).toEqual(await undisturbedEnd())
  },
  180_000,
)
