import { existsSync } from 'node:fs'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { ENGINES, type TestEngine } from './engines'
import { tempFolder } from './temp'

function optionsOf(engine: TestEngine, url: string): DataSourceOptions {
  if (engine.name !== 'sqlite') return { type: engine.name, url }
  if (engine.driver === 'better-sqlite3') return { type: engine.driver, database: pathOf(url) }
  // @ts-expect-error TypeORM 1.x, whose types these are, no longer knows the sqlite3 driver
  return { type: 'sqlite', database: pathOf(url) }
}

function pathOf(url: string): string {
  return url.slice(url.indexOf(':') + 1)
}

const COUNT_TABLES = {
  sqlite: `SELECT count(*) AS count FROM sqlite_master WHERE type = 'table'`,
  postgres: `SELECT count(*) AS count FROM information_schema.tables WHERE table_schema = 'public'`,
  mysql: 'SELECT count(*) AS count FROM information_schema.tables WHERE table_schema = database()',
}

async function createTable(engine: TestEngine, url: string): Promise<number> {
  const source = await new DataSource(optionsOf(engine, url)).initialize()
  await source.query('CREATE TABLE thing (id INTEGER PRIMARY KEY)')
  const [row] = await source.query(COUNT_TABLES[engine.name])
  await source.destroy()
  return Number(row.count)
}

describe.each(ENGINES)('a test database on $name', (engine) => {
  test('is empty and takes a table', async () => {
    const database = await engine.createDatabase('is empty')
    expect(await createTable(engine, database.url)).toBe(1)
    await database.drop()
  })

  test('shares nothing with another of the same label', async () => {
    const urls = await Promise.all([engine.createDatabase('twin'), engine.createDatabase('twin')])
    for (const { url } of urls) expect(await createTable(engine, url)).toBe(1)
  })
})

describe('a temporary folder', () => {
  let last: string

  test('exists during the test', async () => {
    last = await tempFolder()
    expect(existsSync(last)).toBe(true)
  })

  test('is gone in the next test', () => {
    expect(existsSync(last)).toBe(false)
  })
})

test('the TypeORM under test is the one of this variant', () => {
  const folder = process.env.SHARDYARD_TYPEORM === '0.3' ? 'typeorm03' : 'typeorm'
  expect(require.resolve('typeorm').split(/[\\/]/)).toContain(folder)
})
