import * as fc from 'fast-check'
import { In } from 'typeorm'
import { BusinessHours, Store, StoreDay, StoreStatus } from 'shardyard/entities'
import { ENGINES, type TestEngine } from '../../../helpers/engines'
import { openStores, rollUp, tableOf, uptimeReport, type StoresCluster } from './stores'

const [sqlite] = ENGINES as readonly [TestEngine]
const MINUTE = 60_000
const DAY = 86_400_000
/** Five weeks that end with the night of a change of the clocks in Chicago in their midst. */
const NOW = Date.parse('2025-03-20T15:45:12.345Z')

const poll = (storeId: string, ago: number, isActive: boolean) => ({
  storeId,
  timestamp: new Date(NOW - ago),
  status: isActive ? 'active' : 'inactive',
})

/** The same from roll-ups and from polls. */
async function expectSame(cluster: StoresCluster, now?: Date): Promise<void> {
  const options = { weeks: 5, ...(now === undefined ? {} : { now }) }
  const fromPolls = await uptimeReport(cluster, { ...options, source: 'polls' })
  const fromRollUps = await uptimeReport(cluster, { ...options, source: 'roll-ups' })
  expect(JSON.stringify(fromRollUps)).toBe(JSON.stringify(fromPolls))
}

/** Some stores with hours in two zones, and polls some hours apart. */
async function fill(cluster: StoresCluster): Promise<void> {
  const stores = ['a', 'b', 'c', 'young']
  await cluster.load(Store, [{ storeId: 'b', timezone: 'Australia/Lord_Howe' }])
  await cluster.load(
    BusinessHours,
    [0, 2, 4, 6].flatMap((dayOfWeek) =>
      ['b', 'c'].map((storeId) => ({ storeId, dayOfWeek, startTimeLocal: '18:30:00', endTimeLocal: '02:15:00' })),
    ),
  )
  await cluster.load(
    StoreStatus,
    stores.flatMap((storeId, index) =>
      Array.from({ length: 200 }, (_, at) =>
        poll(storeId, at * (storeId === 'young' ? 0.5 : 5) * 3_600_000 + index * 777, (at * 7 + index) % 5 < 3),
      ),
    ),
  )
}

describe.each(ENGINES)('the roll-up of stores on $name', (engine) => {
  test('gives the report that the polls give, and changes nothing when it runs again', async () => {
    const cluster = await openStores(engine, 'roll-up')
    await fill(cluster)
    const { rows } = await rollUp(cluster)
    expect(rows).toBeGreaterThan(100)
    const days = await cluster.repository(StoreDay).count()
    expect(rows).toBe(days)
    await expectSame(cluster)
    expect(await rollUp(cluster)).toMatchObject({ rows: 0 })
    expect(await rollUp(cluster, true)).toMatchObject({ rows: days })
    expect(await cluster.repository(StoreDay).count()).toBe(days)
  })

  test('is gone on from when days have passed, and the days that late polls touch are computed again', async () => {
    const cluster = await openStores(engine, 'roll-up')
    await fill(cluster)
    await rollUp(cluster)
    await cluster.load(StoreStatus, [
      poll('a', -3 * DAY, true),
      poll('c', 10 * DAY + 1, false),
      poll('c', 9.4 * DAY, true),
    ])
    await expectSame(cluster)
    const { rows } = await rollUp(cluster)
    // Three days of four stores, and ten more of the one whose polls were late.
    expect(rows).toBe(4 * 3 + 10)
    await expectSame(cluster)
    expect(await rollUp(cluster)).toMatchObject({ rows: 0 })
  })

  test('does not stand for a store whose hours have changed, until it has run again', async () => {
    const cluster = await openStores(engine, 'roll-up')
    await fill(cluster)
    await rollUp(cluster)
    await cluster.repository(BusinessHours).update({ storeId: 'b', dayOfWeek: 2 }, { endTimeLocal: '04:00:00' })
    await cluster.repository(Store).save({ storeId: 'c', timezone: 'Asia/Kolkata' })
    await expectSame(cluster)
    expect((await rollUp(cluster)).rows).toBeGreaterThan(20)
    await expectSame(cluster)
  })

  test('begins anew when polls are gone', async () => {
    const cluster = await openStores(engine, 'roll-up')
    await fill(cluster)
    const { rows } = await rollUp(cluster)
    await cluster
      .repository(StoreStatus)
      .delete({ storeId: 'a', status: 'active', timestamp: new Date(NOW - 3 * 5 * 3_600_000) })
    const [first] = await cluster
      .repository(StoreStatus)
      .find({ where: { storeId: 'a' }, order: { id: 'ASC' }, skip: 20, take: 1 })
    await cluster.repository(StoreStatus).delete({ id: first?.id ?? 0 })
    expect((await rollUp(cluster)).rows).toBe(rows)
    await expectSame(cluster)
  })
})

test('a store that has lost its polls is told of as one that never had any', async () => {
  const cluster = await openStores(sqlite)
  await fill(cluster)
  await rollUp(cluster)
  for (const storeId of ['b', undefined]) {
    await cluster
      .repository(StoreStatus)
      .delete(storeId === undefined ? { status: In(['active', 'inactive']) } : { storeId })
    await rollUp(cluster)
    await expectSame(cluster, new Date(NOW))
  }
})

const polls = fc.array(
  fc.record({
    store: fc.constantFrom('a', 'b', 'c'),
    ago: fc.oneof(
      fc.integer({ min: 0, max: 40 * 1440 * MINUTE }),
      fc.integer({ min: 0, max: 40 }).map((days) => (NOW % DAY) + days * DAY),
    ),
    isActive: fc.boolean(),
  }),
  { maxLength: 30 },
)

test('whatever comes between two roll-ups, a report from them says what the polls say', async () => {
  const cluster = await openStores(sqlite, 'roll-up property')
  await cluster.load(
    BusinessHours,
    [1, 3, 5].map((dayOfWeek) => ({ storeId: 'a', dayOfWeek, startTimeLocal: '20:00:00', endTimeLocal: '03:00:00' })),
  )
  await fc.assert(
    fc.asyncProperty(polls, polls, fc.integer({ min: 0, max: 20 * 1440 }), async (early, late, before) => {
      await cluster.repository(StoreStatus).clear()
      const rows = (drawn: typeof early) => drawn.map(({ store, ago, isActive }) => poll(store, ago, isActive))
      await cluster.load(StoreStatus, rows(early), { onConflict: 'ignore' })
      await rollUp(cluster)
      await cluster.load(StoreStatus, rows(late), { onConflict: 'ignore' })
      await expectSame(cluster)
      await rollUp(cluster)
      await expectSame(cluster)
      await expectSame(cluster, new Date(NOW - before * MINUTE))
    }),
    { numRuns: 12 },
  )
})

test('the long table tells of all its weeks', async () => {
  const cluster = await openStores(sqlite)
  await cluster.load(StoreStatus, [poll('a', 14 * DAY, true), poll('a', DAY, false), poll('a', 0, false)])
  const model = await uptimeReport(cluster, { weeks: 4 })
  expect(tableOf(model, 'weeks')).toEqual([['a', 27 * 24, 24, 27 / 28]])
})
