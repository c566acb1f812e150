import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ingest, type Cluster } from 'shardyard'
import { loadRecords } from 'shardyard/src/pipeline/runs/load-records'
import { serve, type Ask } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'

const CSV = ['name,email', 'Ada,ada@example.com', 'Ada,ada@example.com', 'Bob,nobody', '', 'Cy,cy@example.com'].join(
  '\n',
)

interface RunTold {
  readonly id: string
  readonly counts: object
}

let cluster: Cluster
let folder: string
let ask: Ask
let ingestion: string
let simulation: string
beforeAll(async () => {
  ;({ cluster, folder } = await openShippedCluster())
  const file = join(folder, 'users.csv')
  await writeFile(file, CSV)
  ingestion = (await ingest(cluster, [file], { into: 'User' })).id
  const source = cluster.definition.simulation?.sample()
  if (source === undefined) throw new Error('There is no sample.')
  simulation = (await loadRecords(cluster, source, { threads: 2 })).id
  ask = (await serve(cluster, { concurrency: 0 })).ask
})

const list = async (query: string) =>
  (await ask(`/api/v1/runs${query}`)).json() as { items: RunTold[]; next: string | null }

test('runs are listed, the latest first, by kind and state, page by page', async () => {
  const all = await list('')
  expect(all.items.map(({ id }) => id)).toEqual([simulation, ingestion])
  expect(all.items[1]).toMatchObject({
    kind: 'ingestion',
    entity: 'User',
    state: 'complete',
    records: 6,
    counts: { accepted: 2, rejected: 1, duplicate: 1, blank: 1, header: 1 },
    successRate: 0.75,
    isBalanced: true,
    missing: [],
  })
  expect((await list('?kind=simulation')).items.map(({ id }) => id)).toEqual([simulation])
  expect((await list('?state=running')).items).toEqual([])
  const first = await list('?limit=1')
  expect(first.items.map(({ id }) => id)).toEqual([simulation])
  const second = await list(`?limit=1&after=${first.next}`)
  expect([second.items.map(({ id }) => id), second.next]).toEqual([[ingestion], null])
  expect((await ask(`/api/v1/runs?kind=ingestion&after=${first.next}`)).statusCode).toBe(400)
})

test('an ingestion tells its files, databases and reasons', async () => {
  const told = (await ask(`/api/v1/runs/${ingestion}`)).json()
  expect(told).toMatchObject({ dedupe: 'raw', ledger: 'full', isBalanced: true })
  expect(told).toMatchObject({ files: [{ records: 6, counts: { accepted: 2 }, sizeBytes: CSV.length }] })
  expect(told).toMatchObject({ reasons: [{ code: 'INVALID_EMAIL', field: 'email', count: 1 }] })
  expect(told).toMatchObject({ databases: [{ database: 'users' }, { database: 'control' }] })
})

test('a simulation tells the same of itself, from its ledger, as often as it is asked', async () => {
  const told = async () => (await ask(`/api/v1/runs/${simulation}`)).json() as RunTold & { databases: object[] }
  const first = await told()
  expect(first).toMatchObject({
    kind: 'simulation',
    entity: null,
    dedupe: null,
    files: [],
    records: 30,
    isBalanced: true,
  })
  expect(first.databases.map((one) => (one as { database: string }).database)).toEqual(['users', 'products', 'orders'])
  expect(await told()).toEqual(first)
  const unknown = await ask('/api/v1/runs/mzzzzzzz0000')
  expect(unknown.json()).toMatchObject({ status: 404, code: 'SY_RUN_UNKNOWN' })
})

test('the summary adds up the records of all runs', async () => {
  const { items } = await list('')
  const sum = (name: string) => items.reduce((all, { counts }) => all + (counts as Record<string, number>)[name]!, 0)
  const summary = (await ask('/api/v1/summary')).json()
  expect(summary).toMatchObject({
    runs: { running: 0, complete: 2, incomplete: 0 },
    counts: { accepted: sum('accepted'), rejected: sum('rejected'), duplicate: sum('duplicate') },
    jobs: { pending: 0 },
  })
})

test('a line of a file leads to its row, and the row back to the line', async () => {
  const [trace] = (await ask(`/api/v1/runs/${ingestion}/trace?line=2`)).json() as { rowId: string; outcome: string }[]
  expect(trace).toMatchObject({ outcome: 'accepted', raw: 'Ada,ada@example.com', row: { name: 'Ada' } })
  const back = (await ask(`/api/v1/entities/User/${trace?.rowId}/trace`)).json()
  expect(back).toMatchObject([{ run: ingestion, line: 2, entity: 'User' }])
  expect((await ask(`/api/v1/runs/${ingestion}/trace?line=99`)).json()).toEqual([])
  expect((await ask(`/api/v1/runs/${ingestion}/trace?file=7&line=2`)).json()).toEqual([])
  expect((await ask(`/api/v1/runs/${simulation}/trace?line=2`)).statusCode).toBe(404)
})

test('runs are told while one of their databases is down, and say which', async () => {
  const { cluster: own, folder: place } = await openShippedCluster()
  const file = join(place, 'users.csv')
  await writeFile(file, CSV)
  const { id } = await ingest(own, [file], { into: 'User' })
  const { ask: asked } = await serve(own, { concurrency: 0 })
  await own.database('users').query('DROP TABLE shardyard_parts')
  const { items } = (await asked('/api/v1/runs')).json() as { items: object[] }
  expect(items).toMatchObject([{ id, missing: ['users'], isBalanced: null, counts: { accepted: 0 } }])
  expect((await asked('/api/v1/summary')).json()).toMatchObject({ missing: ['users'] })
})
