import { createHash } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { readSheet } from 'read-excel-file/node'
import type { Cluster } from 'shardyard'
import { Product } from 'shardyard/entities'
import { serve } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'
import { load, upload, type Loading, type Told } from './loading'

let cluster: Cluster
let loading: Loading
let done: Told
let run: string
/** Of five products three are refused; one of them would be a formula in a spreadsheet, one is no record at all. */
const PRODUCTS = 'name,price\nTea,1.5\n=1+1,cheap\nSalt,\nRice,2.25,9\nOil,3\n'

beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  loading = await serve(cluster)
  const source = { upload: await upload(loading, PRODUCTS, 'products.csv') }
  done = await load(loading, '/api/v1/ingestions', { source, into: 'Product' })
  run = String(done['run'])
})

const get = (url: string) => loading.ask(`/api/v1${url}`)
interface RejectPage {
  readonly items: readonly { readonly line: number; readonly reasons: readonly { readonly code: string }[] }[]
  readonly next: string | null
}

test('rejects are told page by page, by the run and by the ingestion', async () => {
  expect(done).toMatchObject({ state: 'complete', counts: { accepted: 2, rejected: 3 } })
  const lines: number[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: RejectPage = (await get(`/runs/${run}/rejects?limit=2${next && `&after=${next}`}`)).json()
    lines.push(...page.items.map(({ line }) => line))
    next = page.next
  }
  expect(lines).toEqual([3, 4, 5])
  const all = (await get(`/ingestions/${done.id}/rejects`)).json() as RejectPage
  expect(all).toEqual((await get(`/runs/${run}/rejects`)).json())
  expect(all.items[0]).toMatchObject({ file: 'products.csv', record: { name: '=1+1', price: 'cheap' }, text: null })
  expect(all.items[2]).toMatchObject({ record: null, text: 'Rice,2.25,9' })
  const code = all.items[2]?.reasons[0]?.code
  expect(((await get(`/runs/${run}/rejects?code=${code}`)).json() as RejectPage).items).toEqual([all.items[2]])
})

test.each([
  ['/runs/nothing/rejects', 404, 'SY_RUN_UNKNOWN'],
  ['/ingestions/j0/rejects.csv', 404, 'SY_JOB_UNKNOWN'],
  ['/runs/latest/rejects?after=made-up', 400, 'REQUEST_INVALID'],
  ['/runs/latest/rejects?limit=0', 400, 'REQUEST_INVALID'],
  ['/runs/latest/rejects.pdf', 404, 'NOT_FOUND'],
])('%s is refused with %d', async (url, status, code) => {
  expect((await get(url)).json()).toMatchObject({ status, code })
})

test('a download in CSV is guarded against formulas, unless it is asked for raw', async () => {
  const response = await get(`/runs/${run}/rejects.csv`)
  expect(response.headers['content-disposition']).toBe(`attachment; filename="rejects-${run}.csv"`)
  const rows = parse(response.body, { columns: true }) as Readonly<Record<string, string>>[]
  expect(rows.map(({ name }) => name)).toEqual(["'=1+1", 'Salt', ''])
  const raw = parse((await get(`/runs/${run}/rejects.csv?raw=true`)).body, { columns: true }) as typeof rows
  expect(raw.map(({ name }) => name)).toEqual(['=1+1', 'Salt', ''])
})

test('a download in NDJSON ends with a record by which a cut one is known', async () => {
  const lines = (await get(`/ingestions/${done.id}/rejects.ndjson`)).body.trimEnd().split('\n')
  const end = JSON.parse(lines.pop() ?? '') as object
  const sha256 = createHash('sha256')
    .update(`${lines.join('\n')}\n`)
    .digest('hex')
  expect(end).toEqual({ _end: true, count: 3, sha256 })
})

test('downloads in JSON and XLSX hold the same rejects', async () => {
  const json = (await get(`/runs/${run}/rejects.json`)).json() as { reject_id: string; line: number }[]
  expect(json.map(({ line }) => line)).toEqual([3, 4, 5])
  const book = await readSheet((await get(`/runs/${run}/rejects.xlsx`)).rawPayload, 'rejects')
  const [header = [], ...rows] = book.slice(book.findIndex((row) => row.includes('reject_id')))
  expect(rows.map((row) => row[header.indexOf('reject_id')])).toEqual(json.map((one) => one.reject_id))
})

test('rejects are corrected, sent back and loaded; the list may keep its last record', async () => {
  const lines = (await get(`/runs/${run}/rejects.ndjson`)).body
  const corrected = lines
    .replace('"cheap"', '"4.5"')
    .replace('"price":""', '"price":"0.5"')
    .replace(/"raw":"[^"]*"/, '"record":{"name":"Rice","price":"2.25"}')
  const file = await upload(loading, corrected, 'corrected.ndjson')
  const redriven = await load(loading, `/api/v1/runs/${run}/redrive`, { upload: file })
  expect(redriven).toMatchObject({ state: 'complete', kind: 'redrive', into: 'Product', source: 'corrected.ndjson' })
  expect(redriven).toMatchObject({ counts: { accepted: 3, rejected: 0 }, isBalanced: true })
  expect(await cluster.repository(Product).countBy({ name: '=1+1' })).toBe(1)
  const foreign = await load(loading, `/api/v1/runs/${String(redriven['run'])}/redrive`, { upload: file })
  expect(foreign).toMatchObject({
    status: 422,
    code: 'SY_INPUT_INVALID',
    detail: expect.stringContaining('no rejects'),
  })
})

test('rejects that nobody has corrected are refused once more', async () => {
  const redriven = await load(loading, `/api/v1/ingestions/${done.id}/rejects/redrive`, {})
  expect(redriven).toMatchObject({
    state: 'complete',
    source: `rejects of run ${run}`,
    counts: { accepted: 0, rejected: 3 },
  })
})
