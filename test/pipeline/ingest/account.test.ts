import type { IngestAccount } from 'shardyard/src/pipeline/ingest/ingest-account'
import type { IngestOptions } from 'shardyard/src/pipeline/ingest/ingest-options'
import { ENGINES, sqliteAnd, type TestEngine } from '../../helpers/engines'
import { freshDepot, type OpenDepot } from './depot'
import { linesOf } from './end-state'
import { countsOf, expectedOf, madeFiles, type Expected, type MadeFile } from './made-file'

const [sqlite] = ENGINES as readonly [TestEngine]
const FILES = madeFiles(3)
const CSV = FILES[0] as MadeFile

/** Chunk sizes and threads; without threads this one does the work. */
const MANNERS: readonly (Partial<IngestOptions> & { readonly title: string })[] = [
  { title: 'this thread, one chunk' },
  { title: 'this thread, chunks of 200 bytes', chunkBytes: 200 },
  { title: '1 thread, chunks of 200 bytes', threads: 1, chunkBytes: 200 },
  { title: '2 threads, chunks of 4 KiB', threads: 2, chunkBytes: 4_096 },
  { title: '4 threads, chunks of a record', threads: 4, chunkBytes: 1 },
  { title: '4 threads, chunks of 200 bytes', threads: 4, chunkBytes: 200 },
  { title: '4 threads, one chunk', threads: 4, chunkBytes: 2 ** 20 },
]

async function ingestMade(depot: OpenDepot, file: MadeFile, options: Partial<IngestOptions> = {}) {
  const path = await depot.write(file.name, file.content)
  return depot.ingest([path], { ...file.options, ...options })
}

const nothing = () => ({ codes: new Set<string>(), bytes: new Set<string>() })

/** The lines of a run as the model tells them. */
async function settledOf(depot: OpenDepot, run?: string): Promise<Expected[]> {
  return (await linesOf(depot, run)).map(({ database, outcome, position, length, reasons }) => ({
    database,
    outcome,
    position,
    length,
    codes: reasons.map(({ code, field }) => `${code} ${field}`).toSorted(),
  }))
}

function codesOf(expected: readonly Expected[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const code of expected.flatMap(({ codes }) => codes)) counts[code] = (counts[code] ?? 0) + 1
  return counts
}

function requireBalance(account: IngestAccount): void {
  const sum = (counts: IngestAccount['counts']) => Object.values(counts).reduce((all, count) => all + count)
  const total = sum(account.counts)
  expect(account.files.map(({ records, counts }) => [records, sum(counts)])).toEqual(
    account.files.map(({ records }) => [records, records]),
  )
  expect(account.databases.reduce((all, { counts }) => all + sum(counts), 0)).toBe(total)
  expect(account.files.reduce((all, { records }) => all + records, 0)).toBe(total)
}

describe.each(sqliteAnd('postgres'))('the account on $name', (engine) => {
  test.each(FILES.map((file) => [file.name, file] as const))(
    'of %s is that of an independent count, by file, database, reason and line',
    async (_name, file) => {
      const depot = await freshDepot(engine, 'account')
      const expected = expectedOf(file, nothing())
      const account = await ingestMade(depot, file, { chunkBytes: 500 })
      const counts = countsOf(expected)
      const own = (database: string) => countsOf(expected.filter((line) => line.database === database))
      const { accepted = 0, rejected = 0, duplicate = 0 } = counts
      requireBalance(account)
      expect(account).toMatchObject({ state: 'complete', entity: 'Item', dedupe: 'raw', ledger: 'full', counts })
      expect(account.files).toMatchObject([{ records: file.records.length, sizeBytes: file.bytes.length, counts }])
      expect(account.databases).toMatchObject([
        { database: 'north', counts: own('north') },
        { database: 'control', counts: own('control') },
      ])
      expect(account.successRate).toBeCloseTo((accepted + duplicate) / (accepted + rejected + duplicate), 12)
      expect(Object.fromEntries(account.reasons.map(({ code, field, count }) => [`${code} ${field}`, count]))).toEqual(
        codesOf(expected),
      )
      expect(await settledOf(depot)).toEqual(expected)
      const rows = await depot.ask('north', 'SELECT code FROM items')
      expect(rows).toHaveLength(accepted)
    },
  )

  test('of several files in one run is that of each of them, and a record of the second knows the first', async () => {
    const depot = await freshDepot(engine, 'several files')
    const files = FILES.filter(({ options }) => Object.keys(options).length === 0)
    const stored = nothing()
    const paths = await Promise.all(files.map((file) => depot.write(file.name, file.content)))
    const expected = files.map((file) => expectedOf(file, stored))
    const account = await depot.ingest(paths, { threads: 3, chunkBytes: 1_000 })
    requireBalance(account)
    expect(account.files.map(({ counts }) => counts)).toEqual(expected.map(countsOf))
    expect(await settledOf(depot)).toEqual(expected.flat())
  })
})

describe('the account does not depend on', () => {
  test.each(MANNERS)('threads and chunks: $title', async ({ title: _title, ...options }) => {
    const depot = await freshDepot(sqlite, 'manner')
    const expected = expectedOf(CSV, nothing())
    const account = await ingestMade(depot, CSV, options)
    expect(account.counts).toEqual(countsOf(expected))
    expect(await settledOf(depot)).toEqual(expected)
  })

  test.each(ENGINES.slice(1))('threads and chunks, nor on $name', async (engine) => {
    const depot = await freshDepot(engine, 'manner')
    const expected = expectedOf(CSV, nothing())
    const account = await ingestMade(depot, CSV, { threads: 4, chunkBytes: 200 })
    expect(account.counts).toEqual(countsOf(expected))
    expect(await settledOf(depot)).toEqual(expected)
  })
})
