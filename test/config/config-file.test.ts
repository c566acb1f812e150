import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand, type CommandResult } from '../helpers/command'
import { tempFolder } from '../helpers/temp'

const DIST = join(__dirname, '../../dist')

async function run(
  name: string,
  content: string | undefined,
  args: readonly string[] = [],
): Promise<CommandResult & { left: string[] }> {
  const cwd = await tempFolder('config')
  if (content !== undefined) await writeFile(join(cwd, name), content)
  const result = await runCommand(['simulate-insertions', '--threads', '2', '--config', name, ...args], { cwd })
  return { ...result, left: (await readdir(cwd)).filter((file) => file !== name) }
}

/** A config file that places the shop's entities as told. */
function config({
  placement = `place(User, 'a')`,
  databases = `{ a: 'sqlite:own/a.db', control: 'sqlite:own/control.db' }`,
  extra = '',
} = {}): string {
  return `
    const { defineCluster, place } = require(${JSON.stringify(join(DIST, 'src/index.js'))})
    const { User, Product, Order } = require(${JSON.stringify(join(DIST, 'entities/index.js'))})
    const { migrations } = require(${JSON.stringify(join(DIST, 'entities/migrations/index.js'))})
    const placedIn = (text) => migrations.filter(({ entities }) => entities.every(({ name }) => text.includes(name)))
    module.exports = defineCluster({ databases: ${databases}, placement: [${placement}], migrations: placedIn("${placement.replaceAll('"', '')}"), ${extra} })`
}

const BROKEN: readonly [what: string, name: string, content: string | undefined, says: RegExp][] = [
  ['is missing', 'config.js', undefined, /there is no such file/],
  ['is TypeScript', 'config.ts', 'export default {}', /TypeScript.*Compile it/],
  ['has a syntax error', 'config.js', 'module.exports =\n{', /cannot be imported: line 2 of config\.js: Unexpected/],
  ['has a syntax error and is a module', 'config.mjs', 'export default {', /cannot be imported: .*Unexpected/],
  [
    'imports a name that is not there',
    'config.mjs',
    '\nimport { nothing } from "node:fs"',
    /cannot be imported: line 2 of config\.mjs: .*nothing/,
  ],
  ['is JSON that throws a SyntaxError', 'config.cjs', 'JSON.parse("{")', /cannot be imported: [^:]*JSON/],
  ['throws', 'config.cjs', 'throw new Error("no luck\\nat all")', /cannot be imported: no luck/],
  ['throws what is no error', 'config.cjs', 'throw null', /cannot be imported/],
  [
    'imports what is not there',
    'config.mjs',
    'import "nowhere-to-be-found"',
    /cannot be imported: .*nowhere-to-be-found/,
  ],
  ['has no default export', 'config.mjs', 'export const a = 1', /default export is no cluster definition/],
  [
    'exports something else',
    'config.cjs',
    'module.exports = { databases: {} }',
    /default export is no cluster definition/,
  ],
  ['exports null', 'config.cjs', 'module.exports = null', /default export is no cluster definition/],
  [
    'places an entity in an unknown database',
    'config.cjs',
    config({ placement: `place(User, 'nowhere')` }),
    /"nowhere"/,
  ],
  ['places an entity twice', 'config.cjs', config({ placement: `place(User, 'a'), place(User, 'control')` }), /User/],
  [
    'has a database without an engine',
    'config.cjs',
    config({ databases: `{ a: 'oops', control: 'sqlite:c.db' }` }),
    /"a".*no engine/,
  ],
  ['has no simulation data', 'config.cjs', config(), /no simulation data.*--data/],
  ['is a folder', '.', undefined, /Config file/],
]

async function recordsFile(
  records: readonly object[] = [{ entity: 'User', id: 1, name: 'Ann', email: 'ann@example.com' }],
) {
  const file = join(await tempFolder('records'), 'records.json')
  await writeFile(file, JSON.stringify(records))
  return file
}

describe('a config file that', () => {
  test.each(BROKEN)(
    '%s ends the command with 2 and says what to do, and makes nothing',
    async (_what, name, content, says) => {
      const { code, stdout, stderr, left } = await run(name, content)
      expect({ code, stdout, left }).toEqual({ code: 2, stdout: '', left: [] })
      expect(stderr).toMatch(says)
      expect(stderr).not.toMatch(/\n\s+at |node:internal|SY_/)
    },
  )

  test('places entities elsewhere is used instead of the shipped one', async () => {
    const cwd = await tempFolder('config')
    await writeFile(join(cwd, 'own.cjs'), config())
    const args = ['--config', 'own.cjs', '--data', await recordsFile(), '--json']
    const { code, stdout } = await runCommand(['simulate-insertions', ...args], { cwd })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ counts: { accepted: 1 }, entities: [{ entity: 'User', database: 'a' }] })
    expect((await readdir(join(cwd, 'own'))).filter((name) => name.endsWith('.db'))).toEqual(['a.db', 'control.db'])
    expect(await readdir(cwd)).not.toContain('data')
  })

  test('has no control database ends the command with 2 and says how to name one', async () => {
    const databases = `{ a: 'sqlite:own/a.db' }`
    const { code, stderr, left } = await run('config.cjs', config({ databases }), ['--data', await recordsFile()])
    expect({ code, left }).toEqual({ code: 2, left: [] })
    expect(stderr).toMatch(/no control database.*Define one named "control"/)
  })

  test('keeps its runs beside its data has strays and records in one ledger', async () => {
    const cwd = await tempFolder('config')
    await writeFile(join(cwd, 'own.cjs'), config({ databases: `{ a: 'sqlite:own/a.db' }`, extra: `control: 'a'` }))
    const user = { entity: 'User', id: 1, name: 'Ann', email: 'ann@example.com' }
    const args = ['--data', await recordsFile([user, { entity: 'user' }, { entity: '?' }, {}]), '--json']
    for (const counts of [
      { accepted: 1, rejected: 3 },
      { duplicate: 1, rejected: 3 },
    ]) {
      const { stdout } = await runCommand(['simulate-insertions', '--config', 'own.cjs', ...args], { cwd })
      expect(JSON.parse(stdout)).toMatchObject({ state: 'complete', counts })
    }
  })

  test('routes the records of an entity elsewhere has them counted there', async () => {
    const cwd = await tempFolder('config')
    const extra = `routers: [{ databaseForWrite: (entity) => (entity.name === 'Product' ? 'control' : undefined), databaseForRead: (entity) => (entity.name === 'Product' ? 'control' : undefined), allowMigrate: (database, entity) => (entity.name === 'Product' ? database === 'control' : undefined) }]`
    await writeFile(join(cwd, 'own.cjs'), config({ placement: `place(User, 'a'), place(Product, 'a')`, extra }))
    const data = await recordsFile([{ entity: 'Product', id: 1, name: 'Lamp', price: 1 }, { entity: 'Lamp' }])
    const args = ['simulate-insertions', '--config', 'own.cjs', '--data', data, '--json']
    const { stdout, stderr } = await runCommand(args, { cwd })
    expect(stderr).not.toContain('stopped')
    expect(JSON.parse(stdout)).toMatchObject({
      counts: { accepted: 1, rejected: 1 },
      entities: [{ database: 'control' }, { database: 'control' }],
    })
  })
})

describe('shardyard config', () => {
  test('prints addresses without passwords and whether they answer, and makes no file', async () => {
    const cwd = await tempFolder('config')
    const env = {
      SHARDYARD_USERS_URL: 'postgres://clerk:hunter2@127.0.0.1:1/shop',
      SHARDYARD_ORDERS_URL: 'mysql://clerk:hunter2@127.0.0.1:1/shop',
    }
    for (const args of [[], ['--json']]) {
      const { code, stdout, stderr } = await runCommand(['shardyard', 'config', ...args], { cwd, env })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(/postgres 127\.0\.0\.1:1\/shop/)
      expect(stdout).toMatch(/down/)
      expect(stdout).toMatch(/absent/)
      expect(stdout).not.toContain('hunter2')
    }
    expect(await readdir(cwd)).toEqual([])
  })

  test('tells which entities live where', async () => {
    const { stdout } = await runCommand(['shardyard', 'config', '--json'], { cwd: await tempFolder('config') })
    const { databases } = JSON.parse(stdout) as {
      databases: { name: string; entities: string[]; isControl: boolean }[]
    }
    expect(databases.map(({ name, entities, isControl }) => [name, entities, isControl])).toEqual([
      ['users', ['User'], false],
      ['products', ['Product'], false],
      ['orders', ['Order'], false],
      ['events', ['Event', 'Transaction', 'Metric'], false],
      ['stores', ['Store', 'BusinessHours', 'StoreStatus', 'StoreDay', 'StoreRollup', 'RollupMark'], false],
      ['control', [], true],
    ])
  })
})
