import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Cluster, ServerOptions } from 'shardyard'
import { serve } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'
import { formOf } from './loading'

let cluster: Cluster
const serving = new Map<string, ReturnType<typeof serve>>()
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  // One for each set of options, for the whole file.
  for (const options of [{}, SMALL, FULL]) {
    const served = serve(cluster, { concurrency: 0, ...options })
    serving.set(JSON.stringify(options), served)
    await served
  }
})

const SMALL = { uploadBytesMax: 1_000 }
const FULL = { freeBytesMin: 2 ** 52 }
const TEXT = 'name,price\nTea,1.5\n'
const sha256 = (content: string | Buffer, encoding: 'hex' | 'base64' = 'hex') =>
  createHash('sha256').update(content).digest(encoding)
const digest = (content: string | Buffer) => ({
  'content-digest': `sha-512=:AAAA:, sha-256=:${sha256(content, 'base64')}:`,
})

async function post(
  given: { payload: string | Buffer; headers?: object; query?: string },
  options: ServerOptions = {},
) {
  const { server, ask } = await (serving.get(JSON.stringify(options)) as ReturnType<typeof serve>)
  const { payload, headers = {}, query = '' } = given
  const folder = server.context.uploads.folder
  const filesNow = () => readdir(folder).catch(() => [] as string[])
  const before = await filesNow()
  const response = await ask({ method: 'POST', url: `/api/v1/uploads${query}`, payload, headers: { ...headers } })
  const files = (await filesNow()).filter((name) => !before.includes(name))
  return { ask, server, folder, response, body: response.json(), files }
}

test('a form with a file becomes an upload that can be shown and removed', async () => {
  const form = formOf(TEXT, '../tea list.csv')
  const { ask, response, body, folder } = await post({ ...form, headers: { ...form.headers, ...digest(form.payload) } })
  expect(response.statusCode).toBe(201)
  expect(body).toMatchObject({ name: 'tea list.csv', sha256: sha256(TEXT), sizeBytes: TEXT.length })
  expect(response.headers['location']).toBe(`/api/v1/uploads/${body.id}`)
  expect(await readFile(join(folder, `${body.id}.data`), 'utf8')).toBe(TEXT)
  expect((await ask(`/api/v1/uploads/${body.id}`)).json()).toEqual(body)
  expect((await ask({ method: 'DELETE', url: `/api/v1/uploads/${body.id}` })).statusCode).toBe(204)
  expect((await ask(`/api/v1/uploads/${body.id}`)).json()).toMatchObject({ status: 404, code: 'SY_UPLOAD_UNKNOWN' })
  expect((await readdir(folder)).filter((name) => name.startsWith(body.id))).toEqual([])
})

test.each([['application/json'], ['text/csv'], ['text/plain'], ['application/octet-stream']])(
  'a body of the type %s is taken as it is',
  async (type) => {
    const headers = { 'content-type': type, ...digest(TEXT) }
    const { body } = await post({ payload: TEXT, headers, query: '?name=tea.csv' })
    expect(body).toMatchObject({ name: 'tea.csv', sha256: sha256(TEXT), sizeBytes: TEXT.length })
  },
)

const LARGE = 'x'.repeat(2_000)

test.each<[string, Parameters<typeof post>[0], ServerOptions, object]>([
  [
    'a body that is not what was announced',
    { payload: TEXT, headers: digest('other') },
    {},
    { status: 400, code: 'DIGEST_MISMATCH' },
  ],
  [
    'a form that is not what was announced',
    { ...formOf(TEXT, 'a.csv'), headers: { ...formOf(TEXT, 'a.csv').headers, ...digest(TEXT) } },
    {},
    { status: 400, code: 'DIGEST_MISMATCH' },
  ],
  [
    'a digest of another length',
    { payload: TEXT, headers: { 'content-digest': 'sha-256=:AAAA:' } },
    {},
    { status: 400, code: 'REQUEST_INVALID' },
  ],
  ['a body that is too large', { payload: LARGE }, SMALL, { status: 413, code: 'BODY_TOO_LARGE' }],
  ['a form whose file is too large', formOf(LARGE, 'a.csv'), SMALL, { status: 413, code: 'BODY_TOO_LARGE' }],
  [
    'a form without a file',
    {
      payload: '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    },
    {},
    { status: 400, code: 'BODY_INVALID' },
  ],
  ['a form with another field', formOf(TEXT, 'a.csv', 'other'), {}, { status: 400, code: 'BODY_INVALID' }],
  [
    'a form that ends early',
    { payload: formOf(TEXT, 'a.csv').payload.subarray(0, -20), headers: formOf(TEXT, 'a.csv').headers },
    {},
    { status: 400, code: 'BODY_INVALID' },
  ],
  [
    'a form without a boundary',
    { payload: TEXT, headers: { 'content-type': 'multipart/form-data' } },
    {},
    { status: 400, code: 'BODY_INVALID' },
  ],
  ['a file that the disk has no room for', { payload: TEXT }, FULL, { status: 507, code: 'DISK_FULL' }],
])('%s is refused, and nothing of it is left', async (_, given, options, problem) => {
  const { body, files } = await post({ headers: { 'content-type': 'text/csv' }, ...given }, options)
  expect(body).toMatchObject(problem)
  expect(files).toEqual([])
})

test('who sends more than allowed hears so at once, over a real connection', async () => {
  const { server } = await (serving.get(JSON.stringify(SMALL)) as ReturnType<typeof serve>)
  const address = new URL(await server.listen({ port: 0 }))
  const socket = connect(Number(address.port), address.hostname)
  const head = 'POST /api/v1/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n'
  // The body goes on, but nothing more is sent.
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n7d0\r\n${LARGE}\r\n`)
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(answer).toContain('"code":"BODY_TOO_LARGE"')
})

test('an upload whose sender goes away, or falls silent, leaves nothing behind', async () => {
  const { server } = await serve(cluster, { concurrency: 0, requestMs: 300 })
  const address = new URL(await server.listen({ port: 0 }))
  const begin = () => {
    const socket = connect(Number(address.port), address.hostname)
    socket.write(
      'POST /api/v1/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\nbegin',
    )
    return socket
  }
  const [gone, silent] = [begin(), begin()]
  while ((await readdir(server.context.uploads.folder).catch(() => [])).length < 2) await pause(10)
  gone.destroy()
  await new Promise((resolve) => silent.on('error', resolve).on('close', resolve).resume())
  while ((await readdir(server.context.uploads.folder)).length > 0) await pause(10)
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
