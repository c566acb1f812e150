import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Cluster, defineCluster, ingest, migrate, place, type EntityClass } from 'shardyard'
import { BusinessHours, RollupMark, Store, StoreDay, StoreRollup, StoreStatus } from 'shardyard/entities'
import { storeMigrations } from 'shardyard/entities/migrations/index'
import { seededDraw } from 'shardyard/src/util/seeded-draw'
import { tableOf, uptimeReport } from '../config/reports/store-uptime/stores'
import { removeAtEnd } from '../helpers/cleanup'
import { runCommand } from '../helpers/command'
import { tempFolder } from '../helpers/temp'

const DATA = resolve(__dirname, '../../../shared/data/store-monitoring-2025')
/** Skipped by name where the data set is not. */
const testWithData = existsSync(DATA) ? test : test.skip

/** Fourteen polls of each store, some twelve hours apart, the same every time. */
function* pollsOf(stores: readonly string[], until: number): Iterable<Partial<StoreStatus>> {
  for (const [store, storeId] of stores.entries()) {
    for (let poll = 0; poll < 14; poll++) {
      const ago = (poll * 12 * 3_600 + (seededDraw(7, store, poll) % 36_000)) * 1_000
      const status = seededDraw(8, store, poll) % 3 === 0 ? 'inactive' : 'active'
      yield { storeId, timestamp: new Date(until - ago), status }
    }
  }
}

/** Databases where the shipped config has them, in a folder of their own. */
async function makeStores() {
  const folder = await tempFolder('stores')
  const at = (name: string) => `sqlite:${join(folder, `data/${name}.db`)}`
  const entities = [Store, BusinessHours, StoreStatus, StoreDay, StoreRollup, RollupMark]
  const cluster = await Cluster.open(
    defineCluster({
      databases: { stores: at('stores'), control: at('control') },
      placement: entities.map((entity) => place(entity, 'stores')),
      migrations: storeMigrations,
    }),
  )
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  return {
    folder,
    cluster,
    shardyard: (...args: string[]) => runCommand(['shardyard', ...args], { cwd: folder }),
    load: async (file: string, into: EntityClass) =>
      (await ingest(cluster, [file], { into, ledger: 'rejects' })).counts,
  }
}

test('the files of the stores go in once, in any order and spelling', async () => {
  const { folder, cluster, load, shardyard } = await makeStores()
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  const polls =
    '\ufeffstatus,timestamp_utc,store_id\r\ninactive,2023-01-25 11:30:00 UTC,8419537941919820732\r\nactive,2023-01-25 11:00:00.000001 UTC,8419537941919820732\r\n'
  const hours =
    'day,store_id,end_time_local,start_time_local\n2,8419537941919820733,17:00:00,09:00:00\n2,8419537941919820732,00:00:00,00:00:00\n'
  const files = [
    [await file('store_status.csv', polls), StoreStatus, 2],
    [await file('menu_hours.csv', hours), BusinessHours, 2],
    [await file('timezones.csv', 'store_id,timezone_str\n8419537941919820732,UTC\n'), Store, 1],
  ] as const
  for (const [path, into, count] of files) {
    expect(await load(path, into)).toMatchObject({ accepted: count, rejected: 0 })
    expect(await load(path, into)).toMatchObject({ accepted: 0, duplicate: count, rejected: 0 })
  }
  const again = await file(
    'hours-2.csv',
    'store_id,dayOfWeek,start_time_local,end_time_local\n8419537941919820733,2,9:00,17:00\n',
  )
  expect(await load(again, BusinessHours)).toMatchObject({ accepted: 0 })
  const now = new Date('2023-01-25T12:00:00Z')
  // The Wednesday has twelve hours by now in UTC; in Chicago it is six in the morning.
  expect(tableOf(await uptimeReport(cluster, { now }), 'stores')).toEqual([
    ['8419537941919820732', 30, 11.5, 23.5, 30, 0.5, 0.5],
    ['8419537941919820733', 0, 0, 0, 0, 0, 8],
  ])
  const rolled = await shardyard('rollup')
  expect(rolled).toMatchObject({
    code: 0,
    stdout: 'store-days: 0 rows written. 1 store is added up to 2023-01-24.\n',
  })
  expect(JSON.parse((await shardyard('rollup', 'store-days', '--json')).stdout)).toMatchObject([
    { name: 'store-days', rows: 0 },
  ])
  expect(await shardyard('rollup', 'nothing')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There are: store-days.'),
  })
})

testWithData(
  'all stores of the real data are told of, from their polls and from roll-ups alike',
  async () => {
    const { cluster, load, shardyard } = await makeStores()
    expect(await load(join(DATA, 'menu_hours.csv'), BusinessHours)).toMatchObject({ accepted: 35_457, rejected: 0 })
    expect(await load(join(DATA, 'timezones.csv'), Store)).toMatchObject({ accepted: 4_559, rejected: 0 })
    expect(await load(join(DATA, 'sample1000/store_status.csv'), StoreStatus)).toMatchObject({ accepted: 1_000 })
    const idsIn = (name: string) =>
      readFileSync(join(DATA, name), 'utf8')
        .split(/\r?\n/)
        .slice(1)
        .filter(Boolean)
        .map((line) => line.split(',')[0] ?? '')
    const ids = [
      ...new Set(['menu_hours.csv', 'timezones.csv', 'sample1000/store_status.csv'].flatMap(idsIn)),
    ].toSorted()
    const until = Date.parse('2024-10-14T23:55:30Z')
    await cluster.load(StoreStatus, pollsOf(ids.slice(0, 4_000), until))
    const rows = tableOf(await uptimeReport(cluster), 'stores')
    expect(rows.map(([id]) => id)).toEqual(ids)
    for (const [, upHour, upDay, upWeek, downHour, downDay, downWeek] of rows as unknown as number[][]) {
      expect(
        Math.min(upHour ?? -1, upDay ?? -1, upWeek ?? -1, downHour ?? -1, downDay ?? -1, downWeek ?? -1),
      ).toBeGreaterThanOrEqual(0)
      expect([
        (upHour ?? 0) + (downHour ?? 0) <= 60,
        (upDay ?? 0) + (downDay ?? 0) <= 24,
        (upWeek ?? 0) + (downWeek ?? 0) <= 168,
      ]).toEqual([true, true, true])
    }
    expect(await shardyard('rollup')).toMatchObject({ code: 0 })
    const of = (source: 'polls' | 'roll-ups') => uptimeReport(cluster, { weeks: 2, source })
    expect(JSON.stringify(await of('roll-ups'))).toBe(JSON.stringify(await of('polls')))
  },
  60_000,
)
