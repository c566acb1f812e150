import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster, Server } from 'shardyard'
import { serve, type Ask } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'

interface Told {
  readonly id: string
  readonly state: string
  readonly file: { readonly sizeBytes: number; readonly sha256: string } | null
}

let cluster: Cluster
let server: Server
let ask: Ask
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  ;({ server, ask } = await serve(cluster))
  await addUser('ada')
})

const addUser = (name: string, asked = ask) =>
  asked({ method: 'POST', url: '/api/v1/entities/User', payload: { name, email: `${name}@example.com` } })

const QUALITY = { report: 'data-quality', format: 'json' }

async function made(payload: object, asked = ask): Promise<Told> {
  let told = (await asked({ method: 'POST', url: '/api/v1/reports', payload })).json() as Told
  while (told.state === 'pending' || told.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 50))
    told = (await asked(`/api/v1/reports/${told.id}`)).json() as Told
  }
  return told
}

const contentOf = (id: string, headers: Record<string, string> = {}, query = '') =>
  ask({ url: `/api/v1/reports/${id}/content${query}`, headers })

test('the catalog tells every report with its options', async () => {
  const { items, formats } = (await ask('/api/v1/reports/catalog')).json() as { items: object[]; formats: string[] }
  expect(items).toHaveLength(cluster.definition.reports.length)
  expect(formats).toEqual(['pdf', 'html', 'csv', 'json', 'ndjson', 'xlsx'])
  const option = { name: 'samples', type: 'integer', default: 3, required: false, choices: null, min: 0, max: 100 }
  expect(items).toContainEqual(
    expect.objectContaining({ name: 'rejects', options: expect.arrayContaining([expect.objectContaining(option)]) }),
  )
})

test('a report is asked for, watched, listed and downloaded', async () => {
  const asked = await ask({ method: 'POST', url: '/api/v1/reports', payload: { report: 'sales', format: 'csv' } })
  expect([asked.statusCode, asked.headers['location']]).toEqual([202, `/api/v1/reports/${(asked.json() as Told).id}`])
  const told = await made({ report: 'sales', format: 'csv' })
  expect(told).toMatchObject({ state: 'complete', report: 'sales', format: 'csv', error: null })
  const content = await contentOf(told.id)
  expect(createHash('sha256').update(content.rawPayload).digest('hex')).toBe(told.file?.sha256)
  expect(content.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="sales.csv"; filename*=UTF-8''sales.csv`,
    'accept-ranges': 'bytes',
    etag: `"${told.file?.sha256}"`,
    'repr-digest': `sha-256=:${Buffer.from(told.file?.sha256 ?? '', 'hex').toString('base64')}:`,
    'x-content-type-options': 'nosniff',
  })
  const { items } = (await ask('/api/v1/reports?limit=200')).json() as { items: Told[] }
  expect(items.map(({ id }) => id)).toContain(told.id)
  await server.context.queue.enqueue({ kind: 'mail', data: {} }).then((id) => server.context.queue.cancel(id))
  expect(((await ask('/api/v1/reports?limit=1')).json() as { items: Told[] }).items).toMatchObject([
    { report: 'sales' },
  ])
})

test('what cannot be made is refused before a job is', async () => {
  const refused = async (payload: object) => {
    const { statusCode, body } = await ask({ method: 'POST', url: '/api/v1/reports', payload })
    return [statusCode, (JSON.parse(body) as { code: string }).code]
  }
  expect(await refused({ report: 'none', format: 'csv' })).toEqual([404, 'SY_REPORT_UNKNOWN'])
  expect(await refused({ report: 'sales', format: 'doc' })).toEqual([422, 'INVALID'])
  expect(await refused({ report: 'rejects', format: 'csv', options: { samples: 1e9 } })).toEqual([
    422,
    'SY_OPTION_INVALID',
  ])
  expect(await refused({ report: 'sales', format: 'pdf', table: 'x' })).toEqual([422, 'SY_OPTION_INVALID'])
  expect(await refused({ report: 'sales', format: 'csv', output: '/etc/passwd' })).toEqual([422, 'INVALID'])
})

test('ranges, validators and heads of a file are answered as HTTP says', async () => {
  const { id, file } = await made(QUALITY)
  const size = file?.sizeBytes ?? 0
  const etag = `"${file?.sha256}"`
  const whole = (await contentOf(id)).body
  const part = async (range: string, headers = {}) => {
    const { statusCode, body, headers: told } = await contentOf(id, { range, ...headers })
    return [statusCode, statusCode === 416 ? '' : body, told['content-range']]
  }
  expect(await part('bytes=0-4')).toEqual([206, whole.slice(0, 5), `bytes 0-4/${size}`])
  expect(await part(`bytes=${size - 3}-`)).toEqual([206, whole.slice(-3), `bytes ${size - 3}-${size - 1}/${size}`])
  expect(await part('bytes=-3')).toEqual([206, whole.slice(-3), `bytes ${size - 3}-${size - 1}/${size}`])
  expect(await part(`bytes=5-${size * 9}`)).toEqual([206, whole.slice(5), `bytes 5-${size - 1}/${size}`])
  expect(await part(`bytes=${size}-`)).toEqual([416, '', `bytes */${size}`])
  expect(await part('bytes=-0')).toEqual([416, '', `bytes */${size}`])
  for (const range of ['bytes=5-2', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=-']) {
    expect(await part(range)).toEqual([200, whole, undefined])
  }
  expect(await part('bytes=0-4', { 'if-range': etag })).toEqual([206, whole.slice(0, 5), `bytes 0-4/${size}`])
  expect(await part('bytes=0-4', { 'if-range': '"other"' })).toEqual([200, whole, undefined])
  expect((await contentOf(id, { 'if-none-match': etag })).statusCode).toBe(304)
  const head = await ask({ method: 'HEAD', url: `/api/v1/reports/${id}/content` })
  expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([200, '', String(size)])
})

test('HTML is shown in a sandbox; other formats are always saved', async () => {
  const { id } = await made({ ...QUALITY, format: 'html' })
  const shown = await contentOf(id, {}, '?inline=true')
  expect(shown.headers['content-disposition']).toMatch(/^inline;/)
  expect(shown.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none';/)
  expect((await contentOf(id)).headers['content-disposition']).toMatch(/^attachment;/)
  const json = await made(QUALITY)
  expect((await contentOf(json.id, {}, '?inline=true')).headers['content-disposition']).toMatch(/^attachment;/)
})

test('a report that is not ready, has failed, lost its file or never was says so', async () => {
  const { server: idle, ask: asked } = await serve(cluster, { concurrency: 0, cache: 'off' })
  const { id } = (await asked({ method: 'POST', url: '/api/v1/reports', payload: QUALITY })).json() as Told
  await idle.context.queue.cancel(id)
  const cancelled = await asked(`/api/v1/reports/${id}/content`)
  expect([cancelled.statusCode, cancelled.headers['retry-after']]).toEqual([409, undefined])
  const job = await idle.context.queue.enqueue({ kind: 'mail', data: {} })
  expect((await asked(`/api/v1/reports/${job}/content`)).json()).toMatchObject({ status: 404, code: 'SY_JOB_UNKNOWN' })
  expect((await asked(`/api/v1/reports/${job}`)).statusCode).toBe(404)
  await idle.context.queue.cancel(job)
  const told = await made({ report: 'metrics', format: 'csv' })
  await rm(join(server.context.files.folder, told.id), { recursive: true })
  expect((await contentOf(told.id)).json()).toMatchObject({ status: 410, code: 'SY_FILE_DAMAGED' })
  expect((await made({ report: 'metrics', format: 'csv' })).id).not.toBe(told.id)
})

test('the same report of the same data is made once, and anew when the data has changed', async () => {
  const { ask: uncached } = await serve(cluster, { cache: 'off' })
  const first = await made(QUALITY)
  expect((await made(QUALITY)).id).toBe(first.id)
  expect((await made({ ...QUALITY, format: 'ndjson' })).id).not.toBe(first.id)
  const plain = await made(QUALITY, uncached)
  expect([plain.id === first.id, plain.file?.sha256]).toEqual([false, first.file?.sha256])
  await addUser('bob')
  const second = await made(QUALITY)
  expect(second.id).not.toBe(first.id)
  expect(second.file?.sha256).not.toBe(first.file?.sha256)
  expect((await made(QUALITY, uncached)).file?.sha256).toBe(second.file?.sha256)
})
