import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../../helpers/command'
import { ENGINES, sqliteAnd, type TestEngine } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'
import { openShop, shopUrls, withDead, type ShopUrls } from './shop'

/** The databases of the shipped config. */
interface CommandUrls extends ShopUrls {
  readonly stores: string
}

/** Runs `shardyard` on the databases of a shop. */
async function shardyard(urls: CommandUrls, ...args: string[]) {
  const names = ['users', 'products', 'orders', 'control'] as const
  const env = Object.fromEntries(names.map((name) => [`SHARDYARD_${name.toUpperCase()}_URL`, urls[name]]))
  const idle = { SHARDYARD_EVENTS_URL: urls.idle, SHARDYARD_STORES_URL: urls.stores }
  return runCommand(['shardyard', ...args], { cwd: await tempFolder('command'), env: { ...env, ...idle } })
}

async function newShop(engine: TestEngine): Promise<CommandUrls> {
  const { url } = await engine.createDatabase('command stores')
  return { ...(await shopUrls(engine, 'command')), stores: url }
}

describe.each(sqliteAnd('mysql'))('the admin commands on $name', (engine) => {
  test('migrate, show the status, find no drift, and then find it', async () => {
    const urls = await newShop(engine)
    expect(await shardyard(urls, 'check', 'schema')).toMatchObject({ code: 3 })
    const first = await shardyard(urls, 'migrate')
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toContain('Migrated "users": CreateUsers1763600000000')
    expect(await shardyard(urls, 'migrate')).toMatchObject({ code: 0, stdout: 'Every database is up to date.\n' })
    const status = await shardyard(urls, 'migrate', 'status', '--json')
    expect(JSON.parse(status.stdout).map(({ state }: { state: string }) => state)).toEqual(Array(28).fill('applied'))
    expect(await shardyard(urls, 'check', 'schema')).toMatchObject({ code: 0 })
    const cluster = await openShop(urls)
    await cluster.database('users').query('ALTER TABLE users ADD nickname varchar(20)')
    const drift = await shardyard(urls, 'check', 'schema', '--database', 'users')
    expect(drift).toMatchObject({ code: 3, stdout: expect.stringContaining('users.nickname is not in the entity') })
  })

  test('end with 1 when a database is away', async () => {
    const whole = await newShop(engine)
    const urls = { ...whole, ...(await withDead(engine, whole, 'orders')) }
    // A file that is no database refuses: waiting does not help, so the config is to be mended.
    const away = engine.name === 'sqlite' ? 2 : 1
    expect(await shardyard(urls, 'migrate')).toMatchObject({ code: away, stderr: expect.stringContaining('"orders"') })
    expect(await shardyard(urls, 'migrate', 'status')).toMatchObject({ code: 1 })
    expect(await shardyard(urls, 'check', 'schema', '--database', 'orders')).toMatchObject({ code: 1 })
  })
})

test('the admin commands refuse flags and names that do not exist with 2', async () => {
  const [sqlite] = ENGINES
  if (sqlite === undefined) throw new Error('No engine runs.')
  const urls = await newShop(sqlite)
  for (const args of [
    ['migrate', '--nonsense'],
    ['migrate', 'status', '--dry-run'],
    ['migrate', '--database', 'nowhere'],
    ['migrate', 'generate', 'x'],
    ['check'],
  ]) {
    expect(await shardyard(urls, ...args)).toMatchObject({ code: 2 })
  }
})

test('migrate generate writes into the folder that is named', async () => {
  const [sqlite] = ENGINES
  if (sqlite === undefined) throw new Error('No engine runs.')
  const urls = await newShop(sqlite)
  const folder = join(await tempFolder('generated'), 'migrations')
  expect(await shardyard(urls, 'migrate', 'generate', 'early', '--folder', folder)).toMatchObject({ code: 3 })
  await shardyard(urls, 'migrate')
  const cluster = await openShop(urls)
  await cluster.database('users').query('ALTER TABLE users ADD nickname varchar(20)')
  const result = await shardyard(urls, 'migrate', 'generate', 'drop-nickname', '--folder', folder)
  expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('users.nickname is not in the entity') })
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^\d{13}-drop-nickname\.ts$/)])
})
