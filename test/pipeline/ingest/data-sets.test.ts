import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ask, type Row } from '../../commands/shop'
import { runCommand } from '../../helpers/command'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'

const [sqlite] = ENGINES as readonly [TestEngine]
const DATA = resolve(__dirname, '../../../../shared/data')
const ENTITIES = join(__dirname, '../../fixtures/ingest/data-sets.cjs')

/** Skipped by name where the data sets are not. */
const testWith = (folder: string) => (existsSync(join(DATA, folder)) ? test : test.skip)

interface Account {
  readonly run: string
  readonly state: string
  readonly counts: Readonly<Record<string, number>>
  readonly files: readonly { readonly records: number; readonly counts: Readonly<Record<string, number>> }[]
  readonly reasons: readonly { readonly code: string; readonly field: string; readonly count: number }[]
}

/** Runs the command over files of a data set in a database of its own. */
async function ingestSet(files: readonly string[], into: string) {
  const urls = {
    main: (await sqlite.createDatabase(`${into} main`)).url,
    control: (await sqlite.createDatabase(`${into} control`)).url,
  }
  const folder = await tempFolder('data-set')
  const config = join(folder, 'config.cjs')
  await writeFile(
    config,
    `module.exports = require(${JSON.stringify(ENTITIES)}).dataSets(${JSON.stringify({ urls })})\n`,
  )
  const run = async (): Promise<Account> => {
    const args = ['shardyard', 'ingest', ...files, '--into', into, '--config', config, '--json']
    const { code, stdout, stderr } = await runCommand(args, { cwd: folder, timeoutMs: 150_000 })
    if (code !== 0) throw new Error(`Exit code ${code}\n${stderr}`)
    return JSON.parse(stdout) as Account
  }
  const query = (sql: string): Promise<Row[]> => ask(sqlite, urls.main, sql)
  return { account: await run(), run, query }
}

function codesOf({ reasons }: Account): Record<string, number> {
  return Object.fromEntries(reasons.map(({ code, field, count }) => [`${code} ${field}`, count]))
}

testWith('electronics-sales-2019')(
  'the sales of a year are stored once each, and every line of their twelve files is accounted for',
  async () => {
    const folder = join(DATA, 'electronics-sales-2019')
    const files = readdirSync(folder).filter((name) => name.endsWith('.csv'))
    const { account, query } = await ingestSet(
      files.map((name) => join(folder, name)),
      'Sale',
    )
    expect(files).toHaveLength(12)
    expect(account.state).toBe('complete')
    expect(account.counts).toEqual({
      accepted: 185_686,
      rejected: 0,
      duplicate: 264,
      blank: 545,
      header: 12 + 355,
    })
    // A line of these files is a record: no field of theirs has a line end.
    const lines = files.map((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').length)
    expect(account.files.map(({ records }) => records)).toEqual(lines)
    expect(lines.reduce((sum, count) => sum + count - 1, 0)).toBe(186_850)
    const [sum] = await query(
      'SELECT count(*) AS count, sum(CAST(round(priceEach * 100) AS INTEGER) * quantityOrdered) AS cents FROM sales',
    )
    expect(sum).toEqual({ count: 185_686, cents: 3_446_553_794 })
  },
  180_000,
)

testWith('dirty-cafe-sales')(
  'the words ERROR and UNKNOWN of a café cost the sales that need a value there, and each of them is told',
  async () => {
    const file = join(DATA, 'dirty-cafe-sales/dirty_cafe_sales.csv')
    const { account, run, query } = await ingestSet([file], 'CafeSale')
    const rows = readFileSync(file, 'utf8')
      .trimEnd()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(','))
    const isNothing = (value = '') => ['', 'ERROR', 'UNKNOWN'].includes(value)
    const isWhole = (row: readonly string[]) => [1, 2, 4].every((column) => !isNothing(row[column]))
    const nothings = (column: number) => rows.filter((row) => isNothing(row[column])).length
    const whole = rows.filter(isWhole)
    const distinct = new Set(whole.map((row) => row.join()))
    expect(account.counts).toEqual({
      accepted: distinct.size,
      rejected: rows.length - whole.length,
      duplicate: whole.length - distinct.size,
      blank: 0,
      header: 1,
    })
    expect(codesOf(account)).toEqual({
      'EMPTY item': nothings(1),
      'MISSING quantity': nothings(2),
      'MISSING totalSpent': nothings(4),
    })
    const cents = [...distinct].reduce((sum, row) => sum + Math.round(Number(row.split(',')[4]) * 100), 0)
    expect(await query('SELECT sum(CAST(round(totalSpent * 100) AS INTEGER)) AS cents FROM cafe_sales')).toEqual([
      { cents },
    ])
    expect((await run()).counts).toMatchObject({ accepted: 0, duplicate: whole.length })
  },
  120_000,
)

describe('a catalogue in JSON', () => {
  const read = (name: string) => JSON.parse(readFileSync(join(DATA, 'dummyjson', name), 'utf8')) as Row[]
  const inner = (row: Row, ...path: readonly string[]) =>
    path.reduce<unknown>((value, name) => (value as Row)[name], row)

  testWith('dummyjson')('gives its products, with values from deep inside and those too dear refused', async () => {
    const { account, query } = await ingestSet([join(DATA, 'dummyjson/products.json')], 'Ware')
    const products = read('products.json')
    const dear = products.filter(({ price }) => Number(price) > 9_999.99)
    const kept = products.filter((product) => !dear.includes(product))
    expect(account.counts).toMatchObject({ accepted: kept.length, rejected: dear.length, duplicate: 0 })
    expect(codesOf(account)).toEqual({ 'TOO_HIGH price': dear.length })
    const rows = await query('SELECT sku, name, price, width, addedAt FROM wares ORDER BY sku')
    const expected = kept.map((product) => ({
      sku: product['sku'],
      name: String(product['title']).trim(),
      price: product['price'],
      width: inner(product, 'dimensions', 'width'),
      addedAt: String(inner(product, 'meta', 'createdAt'))
        .replace('T', ' ')
        .replace('Z', ''),
    }))
    expect(rows).toEqual(expected.toSorted((a, b) => (String(a.sku) < String(b.sku) ? -1 : 1)))
  })

  testWith('dummyjson')('gives its customers, but those whose day of birth is written another way', async () => {
    const { account, query } = await ingestSet([join(DATA, 'dummyjson/users.json')], 'Person')
    const users = read('users.json')
    const readable = users.filter(({ birthDate }) => /^\d{4}-\d\d-\d\d$/.test(String(birthDate)))
    expect(readable.length).toBeGreaterThan(0)
    expect(account.counts).toMatchObject({ accepted: readable.length, rejected: users.length - readable.length })
    expect(codesOf(account)).toEqual({ 'NOT_A_DATE birthDate': users.length - readable.length })
    const rows = await query('SELECT email, city FROM persons ORDER BY email')
    const expected = readable.map((user) => ({ email: user['email'], city: inner(user, 'address', 'city') }))
    expect(rows).toEqual(expected.toSorted((a, b) => (String(a.email) < String(b.email) ? -1 : 1)))
  })
})
