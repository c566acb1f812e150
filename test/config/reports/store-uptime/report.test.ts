import { BusinessHours, Store, StoreStatus } from 'shardyard/entities'
import { ENGINES, type TestEngine } from '../../../helpers/engines'
import { openStores, tableOf, textsOf, uptimeReport } from './stores'

const [sqlite] = ENGINES as readonly [TestEngine]
const NOW = new Date('2025-05-06T12:00:00Z')
const poll = (storeId: string, text: string, status = 'active') => ({ storeId, timestamp: new Date(text), status })

describe.each(ENGINES)('the report of stores on $name', (engine) => {
  test('has a line for every store, whatever it is known by', async () => {
    const cluster = await openStores(engine)
    await cluster.load(Store, [
      { storeId: '9007199254740993', timezone: 'America/New_York' },
      { storeId: 'zoned', timezone: 'Mars/Olympus' },
    ])
    const workdays = [0, 1].map((dayOfWeek) => ({ dayOfWeek, startTimeLocal: '09:00:00', endTimeLocal: '17:00:00' }))
    await cluster.load(
      BusinessHours,
      ['9007199254740993', 'Open'].flatMap((storeId) => workdays.map((row) => ({ storeId, ...row }))),
    )
    await cluster.load(StoreStatus, [
      poll('9007199254740993', '2025-04-01T00:00:00Z'),
      poll('open', '2025-05-06T11:00:00.000Z'),
      poll('open', '2025-05-06T11:30:00.000Z', 'inactive'),
      poll('open', NOW.toISOString(), 'inactive'),
    ])
    const model = await uptimeReport(cluster)
    expect(model.asOf).toEqual(NOW)
    expect(tableOf(model, 'stores')).toEqual([
      ['9007199254740993', 0, 8, 16, 0, 0, 0],
      ['Open', 0, 0, 0, 0, 8, 16],
      ['open', 30, 23.5, 167.5, 30, 0.5, 0.5],
      ['zoned', 0, 0, 0, 60, 24, 168],
    ])
    expect(textsOf(model)).toEqual([
      '2 stores are without a time zone, and taken to be in America/Chicago.',
      '1 store is with a time zone that is not known, and taken to be in America/Chicago.',
      '2 stores are without business hours, and taken to be open all the time.',
    ])
  })

  test('takes the last poll before a window for its beginning, however old it is', async () => {
    const cluster = await openStores(engine)
    await cluster.load(StoreStatus, [
      poll('long ago', '2024-04-01T00:00:00Z', 'inactive'),
      poll('long ago', '2025-05-06T11:30:00Z'),
      poll('just before', '2025-04-29T11:59:59.999Z', 'inactive'),
      poll('just before', '2025-04-29T12:00:00.001Z'),
      poll('at the edge', '2025-04-29T12:00:00Z', 'inactive'),
      poll('at the edge', '2025-05-06T11:30:00Z'),
    ])
    expect(tableOf(await uptimeReport(cluster, { now: NOW }), 'stores')).toEqual([
      ['at the edge', 30, 0.5, 0.5, 30, 23.5, 167.5],
      ['just before', 60, 24, 168, 0, 0, 0],
      ['long ago', 30, 0.5, 0.5, 30, 23.5, 167.5],
    ])
  })

  test('ends where it is told, and knows no later poll', async () => {
    const cluster = await openStores(engine)
    await cluster.load(StoreStatus, [
      poll('a', '2025-05-06T11:59:59.999Z'),
      poll('a', '2025-05-07T00:00:00Z', 'inactive'),
    ])
    const rows = async (now: Date) => tableOf(await uptimeReport(cluster, { now }), 'stores')
    expect(await rows(NOW)).toEqual([['a', 60, 24, 168, 0, 0, 0]])
    expect(await rows(new Date('2025-05-07T00:30:00Z'))).toEqual([['a', 30, 23.5, 167.5, 30, 0.5, 0.5]])
    expect(await rows(new Date('2025-05-06T11:59:59.998Z'))).toEqual([['a', 0, 0, 0, 60, 24, 168]])
  })
})

test('of two polls at one moment the one that says inactive counts', async () => {
  const cluster = await openStores(sqlite)
  await cluster.load(StoreStatus, [
    poll('a', '2025-05-06T11:00:00Z', 'inactive'),
    poll('a', '2025-05-06T11:00:00Z', 'active'),
  ])
  expect(tableOf(await uptimeReport(cluster, { now: NOW }), 'stores')).toEqual([['a', 0, 0, 0, 60, 24, 168]])
})

test('a report without polls says so', async () => {
  const cluster = await openStores(sqlite)
  await cluster.load(Store, [{ storeId: 'a', timezone: 'UTC' }])
  const model = await uptimeReport(cluster)
  expect(tableOf(model, 'stores')).toEqual([])
  expect(textsOf(model)).toEqual(['There is no poll yet, so there is no moment to tell of.'])
  expect(tableOf(await uptimeReport(cluster, { now: NOW }), 'stores')).toEqual([['a', 0, 0, 0, 60, 24, 168]])
})

test('rows that arrive by another program, in another notation, are read as well', async () => {
  const cluster = await openStores(sqlite)
  await cluster
    .database('stores')
    .query(
      `INSERT INTO store_statuses (storeId, timestamp, status) VALUES ('a', '2025-05-06 11:00:00', 'active'), ('a', '2025-05-06 11:30:00.000', 'inactive')`,
    )
  expect(tableOf(await uptimeReport(cluster, { now: NOW }), 'stores')).toEqual([['a', 30, 23.5, 167.5, 30, 0.5, 0.5]])
})
