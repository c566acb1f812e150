import { execFile } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PlacedMigration } from 'shardyard'
import { migrations as shipped } from 'shardyard/entities/migrations/index'
import { checkSchema } from 'shardyard/src/pipeline/maintenance/check-schema'
import { generateMigration } from 'shardyard/src/pipeline/maintenance/generate-migration'
import { migrate } from 'shardyard/src/pipeline/maintenance/migrate'
import { revertMigration } from 'shardyard/src/pipeline/maintenance/revert-migration'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'
import { openShop, shopUrls, type ShopUrls } from './shop'

const ROOT = join(__dirname, '../../..')

/** A shop whose users have a column too many and whose products lack an index and a constraint. */
async function driftedShop(engine: TestEngine): Promise<ShopUrls> {
  const urls = await shopUrls(engine, 'generate')
  const cluster = await openShop(urls)
  await migrate(cluster)
  await cluster.database('users').query('ALTER TABLE users ADD nickname varchar(20)')
  if (engine.name !== 'sqlite') {
    await cluster.database('products').query('ALTER TABLE products DROP CONSTRAINT ck_products_price_too_low')
  }
  return urls
}

/** What the compiler says of the files of a folder that lies outside of any package. */
async function compile(folder: string): Promise<string> {
  const typeorm = join(ROOT, 'node_modules/typeorm')
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    module: 'nodenext',
    target: 'es2022',
    types: [],
    paths: { typeorm: [typeorm] },
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', folder])
  return stdout
}

describe.each(ENGINES)('generateMigration on $name', (engine) => {
  test('writes a migration that mends the drift, and whose way back restores it', async () => {
    const urls = await driftedShop(engine)
    const folder = await tempFolder('generate')
    const made = await generateMigration(await openShop(urls), 'Mend tables', {
      folder,
      language: 'cjs',
      entitiesFrom: join(ROOT, 'dist/entities/index.js'),
    })
    expect(made.map(({ entities }) => entities)).toEqual(
      engine.name === 'sqlite' ? [['User']] : [['User'], ['Product']],
    )
    const added = made.map(({ file, migration }) => (require(file) as Record<string, PlacedMigration>)[migration])
    const cluster = await openShop(urls, [...shipped, ...(added as PlacedMigration[])])
    expect(await migrate(cluster)).toEqual(made.map(({ database, migration }) => ({ database, migration })))
    const states = async () => (await checkSchema(cluster)).map(({ state }) => state)
    expect(await states()).toEqual(['matches', 'matches', 'matches', 'matches'])
    for (const _ of made) await revertMigration(cluster)
    expect(await states()).toEqual(['differs', engine.name === 'sqlite' ? 'matches' : 'differs', 'matches', 'matches'])
  })

  test('writes TypeScript that compiles', async () => {
    const urls = await driftedShop(engine)
    const folder = await tempFolder('generate')
    const [made] = await generateMigration(await openShop(urls), 'dropNickname', {
      folder,
      databases: ['users'],
      entitiesFrom: join(ROOT, 'dist/entities/index.js'),
    })
    expect(made?.file).toMatch(/\d{13}-drop-nickname\.ts$/)
    expect(made?.migration).toMatch(/^DropNickname\d{13}$/)
    await expect(compile(folder)).resolves.toBe('')
  })

  test('writes nothing where nothing differs', async () => {
    const cluster = await openShop(await shopUrls(engine, 'no difference'))
    await migrate(cluster)
    const folder = await tempFolder('generate')
    expect(await generateMigration(cluster, 'nothing', { folder })).toEqual([])
    expect(await readdir(folder)).toEqual([])
  })

  test('refuses while migrations are pending, and names without a word', async () => {
    const cluster = await openShop(await shopUrls(engine, 'pending'))
    const folder = await tempFolder('generate')
    await expect(generateMigration(cluster, 'early', { folder })).rejects.toMatchObject({ code: 'SY_SCHEMA_DRIFT' })
    await expect(generateMigration(cluster, '12', { folder })).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
  })
})
