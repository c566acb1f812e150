import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse as parseCsv } from 'csv-parse/sync'
import { parse as parseHtml, type DefaultTreeAdapterTypes } from 'parse5'
import readExcel from 'read-excel-file/node'
import { Cluster, defineCluster, generateFile, ingest, samplesOf, writeReport, type ClusterDefinition } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { definition } from 'shardyard/config'
import { reports } from 'shardyard/config/reports/index'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'
import { openShipped } from '../../pipeline/reports/shipped'

const [sqlite] = ENGINES as readonly [TestEngine]

interface Said {
  readonly figures: readonly (readonly [name: string, value: string])[]
  readonly rows: Readonly<Record<string, number>>
}

let cluster: Cluster
let folder: string

beforeAll(async () => {
  cluster = await openShipped(sqlite, 'formats', [])
  folder = await tempFolder('formats')
  await cluster.repository(User).insert({ id: 1, name: 'Ada', email: 'ada@example.com' })
  await cluster.repository(Product).insert({ id: 1, name: 'Lamp', price: '1234.50' })
  await cluster.repository(Order).insert({ id: 1, userId: 1, productId: 1, quantity: 3 })
  for (const entity of ['Event', 'Transaction', 'Metric']) {
    const file = join(folder, `${entity}.csv`)
    await generateFile(samplesOf(definition, entity), file, { count: 120 })
    await ingest(cluster, [file], { into: entity })
  }
}, 60_000)

async function write(report: string, format: 'pdf' | 'html' | 'csv' | 'json' | 'ndjson' | 'xlsx', table?: string) {
  const output = join(folder, `${report}.${table ?? ''}.${format}`)
  await writeReport(cluster, { report, format, output, ...(table === undefined ? {} : { table }) })
  return output
}

/** Figures and the numbers of rows, as the JSON file has them. */
async function saidInJson(report: string): Promise<Said & { readonly labels: readonly string[] }> {
  const json = JSON.parse(await readFile(await write(report, 'json'), 'utf8')) as {
    figures: Record<string, { value: unknown; label: string }>
    tables: Record<string, { rows: unknown[] }>
  }
  const figures = Object.entries(json.figures)
  return {
    figures: figures.map(([name, { value }]) => [name, plain(value)] as const),
    labels: figures.map(([, { label }]) => label),
    rows: Object.fromEntries(Object.entries(json.tables).map(([name, { rows }]) => [name, rows.length])),
  }
}

/** A value without what formats spell in their own way: the zeros at the end of a number. */
function plain(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value)
  return /^-?\d+(\.\d+)?$/.test(text) ? String(Number(text)) : text
}

function textOf(node: DefaultTreeAdapterTypes.Node): string {
  if ('value' in node) return node.value
  return 'childNodes' in node ? node.childNodes.map(textOf).join(' ') : ''
}

/** A number as people read it, in any number of decimals that keeps it. */
function printed(value: string, text: string): boolean {
  const number = Number(value)
  const forms = [0, 1, 2, 3, 4, 6].flatMap((digits) => [
    number.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    `${(number * 100).toFixed(digits)}%`,
  ])
  return forms.some((form) => text.includes(form))
}

describe.each(reports.map(({ name }) => [name] as const))('the report %s', (name) => {
  test('holds the same figures and rows in CSV, NDJSON and JSON', async () => {
    const said = await saidInJson(name)
    const csv = parseCsv(await readFile(await write(name, 'csv', 'figures'), 'utf8')) as string[][]
    expect(csv.slice(1).map(([figure, value]) => [figure, plain(value)])).toEqual(said.figures)
    const lines = (await readFile(await write(name, 'ndjson', 'figures'), 'utf8')).trim().split('\n')
    const objects = lines
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { name: string; value: unknown })
    expect(objects.map((figure) => [figure.name, plain(figure.value)])).toEqual(said.figures)
    for (const [table, rows] of Object.entries(said.rows)) {
      const cells = parseCsv(await readFile(await write(name, 'csv', table), 'utf8')) as string[][]
      expect([table, cells.length - 1]).toEqual([table, rows])
    }
  })

  test('holds them in XLSX, where each table is a sheet', async () => {
    const said = await saidInJson(name)
    const sheets = await readExcel(await write(name, 'xlsx'))
    const cells = sheets.flatMap(({ data }) => data.flat()).map((cell) => plain(cell instanceof Date ? '' : cell))
    for (const label of said.labels) expect(cells).toContain(label)
    for (const [, value] of said.figures.filter(([, text]) => /^-?\d+(\.\d+)?$/.test(text)))
      expect(cells).toContain(value)
    const lengths = sheets.slice(1).map(({ data }) => data.length - 1)
    expect(lengths).toEqual(Object.values(said.rows))
  })

  test.each(['pdf', 'html'] as const)('prints them for people as %s', async (format) => {
    const said = await saidInJson(name)
    const file = await write(name, format)
    const pdftotext = process.env['SHARDYARD_TEST_PDFTOTEXT'] ?? 'pdftotext'
    const text =
      format === 'pdf'
        ? execFileSync(pdftotext, ['-layout', file, '-'], { encoding: 'utf8' })
        : textOf(parseHtml(await readFile(file, 'utf8')))
    for (const label of said.labels) expect(text.replaceAll(/\s+/g, ' ')).toContain(label)
    const numbers = said.figures.filter(([, value]) => /^-?\d+(\.\d+)?$/.test(value))
    expect(numbers.filter(([, value]) => !printed(value, text))).toEqual([])
  })
})

/** Without tables there are no runs, which is what these say then. */
const OF_RUNS: readonly string[] = ['run', 'rejects', 'refusals']

test.each(reports.map(({ name }) => [name] as const).filter(([name]) => !OF_RUNS.includes(name)))(
  'the report %s of databases without tables says what to run',
  async (report) => {
    const shipped = definition as ClusterDefinition
    const empty = await Cluster.open(defineCluster({ ...shipped, databases: await freshUrls() }))
    removeAtEnd(() => empty.close())
    const output = join(folder, 'none.json')
    await expect(writeReport(empty, { report, format: 'json', output })).rejects.toMatchObject({
      code: 'SY_SCHEMA_DRIFT',
      message: expect.stringContaining('shardyard migrate'),
    })
  },
)

async function freshUrls(): Promise<Record<string, string>> {
  const names = Object.keys(definition.databases)
  const made = names.map(async (name) => [name, (await sqlite.createDatabase(`empty ${name}`)).url] as const)
  return Object.fromEntries(await Promise.all(made))
}
