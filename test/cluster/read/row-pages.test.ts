import * as fc from 'fast-check'
import { Cluster, defineCluster, place } from 'shardyard'
import { rowPages, type RowPagesOptions } from 'shardyard/src/cluster/read/row-pages'
import { EntitySchema } from 'typeorm'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { optionsFor } from '../store'

interface Reading {
  station: string
  takenAt: Date
  number: string
  price: string
  level: number | null
  precise: Date
  removedAt?: Date | null
}

const ReadingSchema = new EntitySchema<Reading>({
  name: 'Reading',
  tableName: 'readings',
  columns: {
    station: { type: 'varchar', length: 40, primary: true, name: 'station_name' },
    takenAt: { type: 'datetime', precision: 3, primary: true },
    number: { type: 'bigint' },
    price: { type: 'decimal', precision: 12, scale: 2 },
    level: { type: 'integer', nullable: true },
    precise: { type: 'datetime', precision: 6 },
    removedAt: { type: 'datetime', nullable: true, deleteDate: true },
  },
})

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms)
const reading = (station: string, ms: number, rest: Partial<Reading> = {}): Reading => ({
  station,
  takenAt: at(ms),
  number: '9007199254740993',
  price: '0.10',
  level: null,
  precise: at(0),
  ...rest,
})

async function openReadings(engine: TestEngine) {
  const { url } = await engine.createDatabase('row pages')
  const databases = { main: optionsFor(engine, url) }
  const cluster = await Cluster.open(defineCluster({ databases, placement: [place(ReadingSchema, 'main')] }))
  removeAtEnd(() => cluster.close())
  await (await cluster.connect('main')).synchronize()
  return cluster
}

type Name = keyof Reading

async function read(cluster: Cluster, options: RowPagesOptions<Reading, Name>) {
  const pages: Pick<Reading, Name>[][] = []
  for await (const page of rowPages<Reading, Name>(cluster, ReadingSchema, options)) pages.push(page)
  return pages
}

const stationsOf = (pages: readonly Pick<Reading, Name>[][]) => pages.map((page) => page.map((row) => row.station))

describe.each(ENGINES)('rows read in pages on $name', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await openReadings(engine)
  })

  /** Puts these rows in the place of those before. */
  async function fill(rows: readonly Reading[]): Promise<void> {
    await cluster.repository(ReadingSchema).clear()
    if (rows.length > 0) await cluster.repository(ReadingSchema).insert(rows.map((row) => ({ ...row })))
  }

  test('hold exact values as the class has them', async () => {
    const full = reading('north', 250, { price: '1234567890.99', level: -7 })
    await fill([full, reading('south', 0)])
    const columns = ['station', 'takenAt', 'number', 'price', 'level', 'precise'] as const
    expect(await read(cluster, { columns })).toEqual([[full, reading('south', 0)]])
  })

  test('come in the order of a composite key, each once, whatever the size of a page', async () => {
    const rows = ['b', 'a', 'c'].flatMap((station) => [3, 1, 2].map((ms) => reading(station, ms)))
    await fill(rows)
    const sorted = ['a', 'b', 'c'].flatMap((station) => [1, 2, 3].map((ms) => ({ station, takenAt: at(ms) })))
    for (const pageRows of [1, 2, 4, 9, 10]) {
      const pages = await read(cluster, { columns: ['station', 'takenAt'], pageRows })
      expect(pages.flat()).toEqual(sorted)
      expect(pages.every((page) => page.length <= pageRows)).toBe(true)
    }
  })

  test('begin after a key, and after the first part of one', async () => {
    await fill([reading('a', 1), reading('a', 2), reading('b', 1), reading('c', 1)])
    const columns = ['station'] as const
    expect(stationsOf(await read(cluster, { columns, after: ['a', at(1)] }))).toEqual([['a', 'b', 'c']])
    expect(stationsOf(await read(cluster, { columns, after: ['a'] }))).toEqual([['b', 'c']])
    expect(await read(cluster, { columns, after: ['c', at(1)] })).toEqual([])
  })

  test('follow an order that is not unique without leaving a row out', async () => {
    const rows = Array.from({ length: 30 }, (_, index) => reading(`s${index}`, index, { number: String(index % 3) }))
    await fill(rows)
    const found = (await read(cluster, { columns: ['station', 'number'], orderBy: ['number'], pageRows: 4 })).flat()
    expect(found.map(({ number }) => number)).toEqual([...'0'.repeat(10), ...'1'.repeat(10), ...'2'.repeat(10)])
    expect(new Set(found.map(({ station }) => station)).size).toBe(30)
  })

  test('go on behind a moment that has more digits than a Date', async () => {
    await fill(['a', 'b', 'c'].map((station) => reading(station, 0)))
    for (const [index, station] of ['c', 'a', 'b'].entries()) {
      const moment = `2026-01-01 00:00:00.00050${index}`
      await cluster
        .database('main')
        .query(`UPDATE readings SET precise = '${moment}' WHERE station_name = '${station}'`)
    }
    const pages = await read(cluster, { columns: ['station'], orderBy: ['precise'], pageRows: 1 })
    expect(stationsOf(pages)).toEqual([['c'], ['a'], ['b']])
  })

  test('are in the same order on every engine when they are compared byte by byte', async () => {
    const names = ['ä', 'Z', 'a', '\u{1f600}', '\uff5e', 'B', 'é', '_']
    await fill(names.map((name, ms) => reading(`x${name}`, ms)))
    const pages = await read(cluster, { columns: ['station'], isByteOrder: true, pageRows: 3 })
    const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(pages.flat().map(({ station }) => station.slice(1))).toEqual(sorted)
  })

  test.each([
    ['station', '=', 'ab', ['ab']],
    ['station', '=', 'AB', []],
    ['station', 'in', ['ab', 'cd', "x' OR 1=1"], ['ab', 'cd']],
    ['station', 'in', [], []],
    ['station', '!=', 'ab', ['cd', 'ef']],
    ['takenAt', '>=', at(1), ['cd', 'ef']],
    ['takenAt', '<', at(1), ['ab']],
    ['takenAt', '=', at(1000), ['ef']],
    ['level', '=', null, ['ab', 'cd']],
    ['level', '!=', null, ['ef']],
    ['price', '<=', '0.10', ['ab', 'cd']],
  ] as const)('are those whose %s %s %j', async (column, is, value, expected) => {
    const rows = [reading('ab', 0), reading('cd', 1), reading('ef', 1000, { level: 1, price: '0.11' })]
    await fill(rows)
    const found = await read(cluster, { columns: ['station'], where: [[column, is, value]] })
    expect(stationsOf(found).flat()).toEqual(expected)
  })

  test('leave out what is deleted softly', async () => {
    await fill([reading('kept', 0), reading('gone', 0)])
    await cluster.repository(ReadingSchema).softDelete({ station: 'gone' })
    expect(stationsOf(await read(cluster, { columns: ['station'] }))).toEqual([['kept']])
  })

  test('of a table that was never made say what to run', async () => {
    const other = await openReadings(engine)
    await other.database('main').query('DROP TABLE readings')
    const pages = read(other, { columns: ['station'] })
    await expect(pages).rejects.toMatchObject({
      code: 'SY_SCHEMA_DRIFT',
      message: 'The database "main" has no table "readings". Run "shardyard migrate" first.',
    })
  })

  test('stop when they are told to', async () => {
    await fill([1, 2, 3].map((ms) => reading('a', ms)))
    const stop = new AbortController()
    const reader = rowPages(cluster, ReadingSchema, { columns: ['station'], pageRows: 1, signal: stop.signal })
    await reader.next()
    stop.abort()
    await expect(reader.next()).rejects.toThrow('aborted')
  })

  test('refuse an order that has nulls, and a column that is not there', async () => {
    await fill([])
    await expect(read(cluster, { columns: ['station'], orderBy: ['level'] })).rejects.toThrow('may be null')
    await expect(read(cluster, { columns: ['nothing' as Name] })).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
    await expect(read(cluster, { columns: ['station'], pageRows: 0 })).rejects.toThrow('`pageRows`')
  })

  test('are, for any rows and any page, those that sorting in memory gives', async () => {
    await fill([])
    const repository = cluster.repository(ReadingSchema)
    const key = fc.record({ station: fc.constantFrom('a', 'B', 'é', 'z'), ms: fc.integer({ min: 0, max: 2_000 }) })
    const keys = fc.uniqueArray(key, { minLength: 1, maxLength: 25, selector: ({ station, ms }) => station + ms })
    const property = fc.asyncProperty(keys, fc.integer({ min: 1, max: 7 }), async (some, pageRows) => {
      await repository.clear()
      await repository.insert(some.map(({ station, ms }) => reading(station, ms)))
      const pages = await read(cluster, {
        columns: ['station', 'takenAt'],
        orderBy: ['takenAt'],
        isByteOrder: true,
        pageRows,
      })
      const text = (station: string, ms: number) => `${String(ms).padStart(5, '0')} ${station}`
      const found = pages.flat().map(({ station, takenAt }) => text(station, takenAt.getTime() - at(0).getTime()))
      expect(found).toEqual(some.map(({ station, ms }) => text(station, ms)).toSorted())
    })
    await fc.assert(property, { numRuns: 10, seed: 7 })
  })
})
