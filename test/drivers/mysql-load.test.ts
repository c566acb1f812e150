import * as fc from 'fast-check'
import type { Cluster } from 'shardyard'
import type { BulkRows, Connection } from 'shardyard/src/drivers/driver'
import { describeOn, openShelf } from '../cluster/store'
import { removeAtEnd } from '../helpers/cleanup'
import type { TestEngine } from '../helpers/engines'

const ROWS = 400

/** A connection that has learned that a table `t` of the given columns may be loaded, or not. */
async function openLoadable(
  engine: TestEngine,
  columns: string,
): Promise<{ cluster: Cluster<'main'>; db: Connection }> {
  const cluster = await openShelf(engine, 'load')
  const { driver } = cluster.member('main')
  const db = await driver.connect(driver.connectionSpec(cluster.database('main').options), () => 60_000)
  removeAtEnd(() => db.close().catch(() => undefined))
  await db.execute(`CREATE TABLE t (id bigint AUTO_INCREMENT PRIMARY KEY, first integer, ${columns})`)
  await store(db, { table: 't', columns: ['first'], values: many((row) => [row]) })
  await db.execute('DELETE FROM t')
  return { cluster, db }
}

async function store(db: Connection, bulk: BulkRows, late?: readonly unknown[]) {
  await db.begin()
  try {
    const result = await db.prepareInsert(bulk)(late)
    await db.commit()
    return result
  } catch (error) {
    await db.rollback()
    throw error
  }
}

const many = (valuesOf: (row: number) => unknown[]) => Array.from({ length: ROWS }, (_, row) => valuesOf(row)).flat()

async function countOf(db: Connection, statement: string): Promise<number> {
  return Number((await db.query(`SHOW SESSION STATUS LIKE 'Com_${statement}'`))[0]?.['Value'])
}

describeOn(['mysql'], 'many rows for MariaDB', (engine) => {
  test('are loaded, numbered in their order, with what comes late', async () => {
    const { db } = await openLoadable(engine, 'v text, w text')
    const before = await countOf(db, 'load')
    const { ids } = await store(db, { table: 't', columns: ['v'], values: many((row) => [`v${row}`]), numbered: 'id' })
    const late = Array.from({ length: ROWS }, (_, row) => (row % 3 === 0 ? null : `w\t${row}`))
    await store(
      db,
      { table: 't', columns: ['v', 'w'], values: many((row) => [`x${row}`, 'passed over']), late: 'w' },
      late,
    )
    expect((await countOf(db, 'load')) - before).toBe(2)
    const rows = await db.query('SELECT id, v, w FROM t ORDER BY id')
    expect(rows.slice(0, ROWS).map(({ id, v }) => [Number(id), v])).toEqual(ids.map((id, row) => [id, `v${row}`]))
    expect(rows.slice(ROWS).map(({ v, w }) => [v, w])).toEqual(late.map((w, row) => [`x${row}`, w]))
  })

  test('keep any text and any bytes, numbers, moments and NULL', async () => {
    const { db } = await openLoadable(engine, 'a longtext, b longblob, c double, d datetime(3), e decimal(12, 2)')
    const unit = fc.oneof(fc.constantFrom(...`'"\\\t\n\r\0N.,;0x`), fc.string({ unit: 'binary', maxLength: 1 }))
    const text = fc.array(unit, { maxLength: 8 }).map((parts) => parts.join('').toWellFormed())
    const moment = fc.date({ noInvalidDate: true, min: new Date('1000-01-02'), max: new Date('9999-12-30') })
    // The server itself misreads the last digit of some others, also in INSERT.
    const double = fc.integer().map((eighths) => eighths / 8)
    const cells = fc.tuple(
      fc.option(text),
      fc.option(fc.uint8Array({ maxLength: 8 })),
      fc.option(double),
      fc.option(moment),
      fc.constantFrom('0.00', '-12.34', '9999999999.99'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(cells, { minLength: ROWS, maxLength: ROWS }), async (given) => {
        await db.execute('DELETE FROM t')
        const before = await countOf(db, 'load')
        await store(db, { table: 't', columns: ['a', 'b', 'c', 'd', 'e'], values: given.flat() })
        expect((await countOf(db, 'load')) - before).toBe(1)
        const stored = await db.query('SELECT a, b, c, d, e FROM t ORDER BY id')
        const bytesOf = (value: unknown) => (value === null ? null : [...(value as Uint8Array)])
        expect(stored.map(({ a, b, c, d, e }) => [a, bytesOf(b), c, d, e])).toEqual(
          given.map(([a, b, c, d, e]) => [a, bytesOf(b), c, d, e]),
        )
      }),
      { numRuns: 10 },
    )
  })

  test.each([
    ['a value that is taken', 'v varchar(20) UNIQUE', (row: number) => `v${row === 300 ? 7 : row}`],
    ['a text that is too long', 'v varchar(20)', (row: number) => 'v'.repeat(row === 300 ? 21 : 5)],
    ['a value that a rule refuses', 'v integer CHECK (v >= 0)', (row: number) => (row === 300 ? -1 : row)],
    ['a NULL where none may be', 'v integer NOT NULL DEFAULT 1', (row: number) => (row === 300 ? null : row)],
    ['a word for a number', 'v integer', (row: number) => (row === 300 ? 'many' : '1')],
  ])('with %s are refused as INSERT refuses them, and leave nothing', async (_name, columns, valueOf) => {
    const { cluster, db } = await openLoadable(engine, columns)
    const { driver } = cluster.member('main')
    const bulk = { table: 't', columns: ['v'], values: many((row) => [valueOf(row)]) }
    const loaded = await store(db, bulk).catch((error: unknown) => driver.faultOf(error))
    const inserted = await store(db, { ...bulk, values: [valueOf(7), valueOf(300)] }).catch((error: unknown) =>
      driver.faultOf(error),
    )
    expect(loaded).toEqual(inserted)
    expect(loaded).toHaveProperty('kind')
    expect(await countOf(db, 'load')).toBe(1)
    expect(await db.query('SELECT v FROM t')).toEqual([])
  })

  test('that fit but for a note are stored, as INSERT stores them', async () => {
    const { db } = await openLoadable(engine, 'v decimal(6, 2)')
    await store(db, { table: 't', columns: ['v'], values: many(() => ['1.239']) })
    expect(await db.query('SELECT DISTINCT v FROM t')).toEqual([{ v: '1.24' }])
  })

  test('are inserted where a text means another value than a literal', async () => {
    const { db } = await openLoadable(engine, 'v bit(8)')
    const before = await countOf(db, 'load')
    await store(db, { table: 't', columns: ['v'], values: many(() => [5]) })
    expect(await db.query('SELECT DISTINCT v + 0 AS v FROM t')).toEqual([{ v: 5 }])
    expect(await countOf(db, 'load')).toBe(before)
  })

  test('are inserted once the server lets nothing be loaded any more', async () => {
    const { cluster, db } = await openLoadable(engine, 'v integer')
    const bulk = { table: 't', columns: ['v'], values: many((row) => [row]) }
    await cluster.database('main').query('SET GLOBAL local_infile = 0')
    try {
      await store(db, bulk)
      await store(db, bulk)
    } finally {
      await cluster.database('main').query('SET GLOBAL local_infile = 1')
    }
    expect(await db.query('SELECT v FROM t')).toHaveLength(2 * ROWS)
  })
})
