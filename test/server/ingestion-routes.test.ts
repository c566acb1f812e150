import { randomUUID } from 'node:crypto'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineServer, type Cluster } from 'shardyard'
import { Product } from 'shardyard/entities'
import { serve } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'
import { tempFolder } from '../helpers/temp'
import { load, settled, upload, type Loading, type Told } from './loading'

let cluster: Cluster
let inbox: string
/** Stores jobs and leaves them. */
let idle: Loading
beforeAll(async () => {
  inbox = await tempFolder('inbox')
  cluster = (await openShippedCluster({ server: defineServer({ roots: { inbox } }) })).cluster
  idle = await serve(cluster, { concurrency: 0 })
})

/** Three products, one without a price, and one that is there twice. */
const productsOf = (tag: string) =>
  `name,price\n${tag} tea,1.50\n${tag} salt,\n${tag} rice,2.25\n${tag} rice,2.25\n${tag} oil,cheap\n`

const ingest = async (loading: Loading, more: object = {}): Promise<Told> => {
  const id = await upload(loading, productsOf(randomUUID().slice(0, 8)), 'products.csv')
  return load(loading, '/api/v1/ingestions', { source: { upload: id }, into: 'Product', dedupe: 'canonical', ...more })
}

test('without the wish to wait the answer is the job that was stored', async () => {
  const { ask, server } = idle
  const source = { upload: await upload(idle, productsOf('later')) }
  const response = await ask({ method: 'POST', url: '/api/v1/ingestions', payload: { source, into: 'Product' } })
  const { id } = response.json() as Told
  expect([response.statusCode, response.headers['location'], response.headers['retry-after']]).toEqual([
    202,
    `/api/v1/ingestions/${id}`,
    '1',
  ])
  expect(response.json()).toMatchObject({ state: 'pending', run: null, progress: null, counts: null, startedAt: null })
  const rejects = await ask(`/api/v1/ingestions/${id}/rejects`)
  expect([rejects.statusCode, rejects.headers['retry-after'], rejects.json()]).toMatchObject([
    409,
    '1',
    { code: 'CONFLICT' },
  ])
  const cancelled = await ask({ method: 'POST', url: `/api/v1/ingestions/${id}/cancel` })
  expect([cancelled.statusCode, cancelled.json()]).toMatchObject([202, { state: 'cancelled' }])
  const resumed = await ask({ method: 'POST', url: `/api/v1/ingestions/${id}/resume` })
  expect([resumed.statusCode, resumed.json()]).toMatchObject([202, { state: 'pending' }])
  expect((await ask({ method: 'POST', url: `/api/v1/ingestions/${id}/resume` })).json()).toMatchObject({
    status: 409,
    code: 'SY_JOB_STATE',
  })
  await server.context.queue.cancel(id)
})

test.each<[string, object, object]>([
  ['an entity that is not placed', { into: 'Nothing' }, { code: 'SY_ENTITY_UNKNOWN' }],
  ['an upload that is not there', { source: { upload: 'u0' } }, { status: 404, code: 'SY_UPLOAD_UNKNOWN' }],
  ['an unknown root', { source: { root: 'outbox', path: 'a.csv' } }, { status: 422, code: 'SY_OPTION_INVALID' }],
  ['two sources', { source: { upload: 'u0', root: 'inbox', path: 'a' } }, { status: 422, code: 'INVALID' }],
  ['a source that is a URL', { source: 'http://169.254.169.254/' }, { status: 422, code: 'INVALID' }],
  ['a member that nobody knows', { intoo: 'Product' }, { status: 422, code: 'INVALID' }],
  ['an unknown time zone', { zone: 'Mars/Base' }, { status: 422, code: 'SY_OPTION_INVALID' }],
  ['an unknown encoding', { encoding: 'utf-7' }, { status: 422 }],
  ['a share of rejects above all', { maxRejects: '200%' }, { status: 422, code: 'SY_OPTION_INVALID' }],
])('%s is refused before anything is stored', async (_, wrong, problem) => {
  const source = { upload: await upload(idle, productsOf('refused')) }
  const before = (await idle.server.context.queue.counts()).pending
  const answer = await load(idle, '/api/v1/ingestions', { source, into: 'Product', ...wrong })
  expect(answer).toMatchObject(problem)
  expect((await idle.server.context.queue.counts()).pending).toBe(before)
})

test('a request that is sent again with its Idempotency-Key stores one job', async () => {
  const source = { upload: await upload(idle, productsOf('once')) }
  const post = () =>
    idle.ask({
      method: 'POST',
      url: '/api/v1/ingestions',
      headers: { 'idempotency-key': '"once"' },
      payload: { source, into: 'Product' },
    })
  const [first, second] = [await post(), await post()]
  expect([second.statusCode, second.body]).toEqual([202, first.body])
  await idle.server.context.queue.cancel((first.json() as Told).id)
})

describe('a server that runs its jobs', () => {
  let loading: Loading
  beforeAll(async () => {
    loading = await serve(cluster)
  })

  test('an upload is ingested, and every record of it accounted for', async () => {
    const done = await ingest(loading)
    const counts = { accepted: 2, rejected: 2, duplicate: 1, blank: 0, header: 1 }
    expect(done).toMatchObject({ state: 'complete', kind: 'ingest', into: 'Product', source: 'products.csv', counts })
    expect(done).toMatchObject({ isBalanced: true, isDryRun: false, error: null, run: expect.any(String) })
    const shown = await loading.ask(`/api/v1/ingestions/${done.id}`)
    expect(shown.json()).toEqual(done)
    const etag = String(shown.headers['etag'])
    const again = await loading.ask({ url: `/api/v1/ingestions/${done.id}`, headers: { 'if-none-match': etag } })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    const { items } = (await loading.ask('/api/v1/ingestions?limit=1')).json() as { items: Told[] }
    expect(items).toEqual([done])
  })

  test('a dry run shows columns, mapping and first errors, and stores nothing', async () => {
    const before = await cluster.repository(Product).count()
    const done = await ingest(loading, { dryRun: true })
    expect(done).toMatchObject({ state: 'complete', isDryRun: true, run: null, counts: null, isBalanced: null })
    expect(done['preview']).toMatchObject({
      entity: 'Product',
      counts: { accepted: 2, rejected: 2, duplicate: 1 },
      files: [
        {
          names: {
            matches: [
              { name: 'name', property: 'name' },
              { name: 'price', property: 'price' },
            ],
          },
        },
      ],
      rejects: [{ file: 'products.csv', line: 3 }, { line: 6 }],
    })
    expect(await cluster.repository(Product).count()).toBe(before)
  })

  test('a file under a named root is ingested, and its place is not told', async () => {
    await mkdir(join(inbox, 'may'))
    await writeFile(join(inbox, 'may/products.csv'), productsOf('rooted'))
    await symlink(join(inbox, 'may/products.csv'), join(inbox, 'latest.csv'))
    const begin = (path: string) =>
      load(loading, '/api/v1/ingestions', { source: { root: 'inbox', path }, into: 'Product' })
    expect(await begin('may/products.csv')).toMatchObject({ source: 'inbox/may/products.csv', counts: { accepted: 2 } })
    expect(await begin('latest.csv')).toMatchObject({
      source: 'inbox/latest.csv',
      counts: { accepted: 0, duplicate: 3 },
    })
    const gone = await begin('june.csv')
    expect(gone).toMatchObject({ status: 422, code: 'SY_SOURCE_UNREADABLE' })
    expect(JSON.stringify(gone)).not.toContain(inbox)
  })

  test('an ingestion that is stopped for its rejects says so, and goes on with its run when it is resumed', async () => {
    const done = await ingest(loading, { maxRejects: 1 })
    expect(done).toMatchObject({ state: 'failed', error: { code: 'SY_TOO_MANY_REJECTS' }, isBalanced: null })
    expect(done).toMatchObject({ run: expect.any(String), counts: { rejected: 2 } })
    await loading.ask({ method: 'POST', url: `/api/v1/ingestions/${done.id}/resume` })
    const again = await settled(loading, `/api/v1/ingestions/${done.id}`)
    expect([again.state, again['run']]).toEqual(['failed', done['run']])
  })

  test('a server that is stopped hands its ingestion back, and the next one goes on with the run', async () => {
    const lines = Array.from({ length: 15_000 }, (_, index) => `handed,clicks,${index},2025-01-01T00:00:00Z\n`)
    const own = (await openShippedCluster()).cluster
    const first = await serve(own, { drainMs: 0, folder: inbox })
    const source = { upload: await upload(first, `client,metric,amount,timestamp\n${lines.join('')}`) }
    const response = await first.ask({ method: 'POST', url: '/api/v1/ingestions', payload: { source, into: 'Event' } })
    const { id } = response.json() as Told
    let run: unknown = null
    while (run === null) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      run = ((await first.ask(`/api/v1/ingestions/${id}`)).json() as Told)['run']
    }
    await first.server.close()
    const second = await serve(own, { folder: inbox })
    const done = await settled(second, `/api/v1/ingestions/${id}`)
    expect(done).toMatchObject({ state: 'complete', run, counts: { accepted: 15_000, duplicate: 0 } })
    expect(await second.server.context.queue.show(id)).toMatchObject({ fence: 2, crashes: 0, failures: 0 })
  })

  test('a simulation is run, and names its run', async () => {
    const { ask } = loading
    const stored = await ask({ method: 'POST', url: '/api/v1/simulations', payload: { threads: 2 } })
    const { id } = stored.json() as Told
    expect([stored.statusCode, stored.headers['location']]).toEqual([202, `/api/v1/simulations/${id}`])
    const told = await settled(loading, `/api/v1/simulations/${id}`)
    expect(told).toMatchObject({ state: 'complete', kind: 'simulation', run: expect.any(String) })
    const wrong = await ask({ method: 'POST', url: '/api/v1/simulations', payload: { invalid: 0.5 } })
    expect(wrong.json()).toMatchObject({ status: 422, code: 'SY_OPTION_INVALID' })
  })
})
