import { inspect } from 'node:util'
import type { DataSourceOptions } from 'typeorm'
import { Cluster, defineCluster, env, place, type DatabaseConfig } from 'shardyard'
import { Product, User } from 'shardyard/entities'

async function openError(main: DatabaseConfig, environment: Record<string, string> = {}): Promise<unknown> {
  const definition = defineCluster({ databases: { main }, placement: [place(User, 'main')] })
  try {
    await using cluster = await Cluster.open(definition, { environment })
    return cluster
  } catch (error) {
    return error
  }
}

describe('a definition', () => {
  test('is frozen, and so is what it holds', () => {
    const placement = [place(User, 'main')]
    const definition = defineCluster({ databases: { main: 'sqlite::memory:' }, placement })
    placement.push(place(Product, 'main'))
    expect(definition.placement).toHaveLength(1)
    for (const part of [
      definition,
      definition.databases,
      definition.placement,
      definition.placement[0],
      definition.routers,
    ]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })

  test('opens nothing when it is made', () => {
    expect(() => defineCluster({ databases: { main: 'nonsense' }, placement: [] })).not.toThrow()
  })

  test.each([
    ['nothing', undefined, ['`databases` must be an object', '`placement` must be a list']],
    ['null', null, ['`databases` must be an object', '`placement` must be a list']],
    ['no placement', { databases: {} }, ['`placement` must be a list']],
    ['no databases', { placement: [] }, ['`databases` must be an object']],
    ['a placement that is no list', { databases: {}, placement: {} }, ['`placement` must be a list']],
    ['reports that are no list', { databases: {}, placement: [], reports: {} }, ['`reports` must be a list']],
    ['routers that are no list', { databases: {}, placement: [], routers: {} }, ['`routers` must be a list']],
  ])('of %s is refused with every mistake', (_, options, mistakes) => {
    expect(() => defineCluster(options as never)).toThrow(
      expect.objectContaining({
        code: 'SY_DEFINITION_INVALID',
        details: { mistakes: mistakes.map((mistake) => expect.stringContaining(mistake)) },
      }),
    )
  })

  test('takes the database named control for runs unless told otherwise', () => {
    const databases = { control: 'sqlite:a.db', other: 'sqlite:b.db' }
    expect(defineCluster({ databases, placement: [] }).control).toBe('control')
    expect(defineCluster({ databases, placement: [], control: 'other' }).control).toBe('other')
    expect(defineCluster({ databases: { other: 'sqlite:b.db' }, placement: [] }).control).toBeUndefined()
  })
})

describe('a database URL', () => {
  test.each([
    ['no scheme', 'data/users.db'],
    ['an unknown scheme', 'oracle://user:pass@host/db'],
    ['a scheme that only looks known', 'postgresx://host/db'],
    ['nothing', ''],
    ['no file', 'sqlite:'],
    ['no host', 'postgres:///db'],
    ['a broken port', 'postgres://host:port/db'],
    ['no database', 'mysql://host'],
    ['no slashes', 'mysql:host/db'],
  ])('with %s is refused with the name of the database and what to do', async (_, url) => {
    expect(await openError(url)).toMatchObject({
      code: 'SY_CONFIG_INVALID',
      message: expect.stringMatching(/^Database "main": .*(Use sqlite:FILE|expected|Invalid URL)/s),
      details: { database: 'main' },
    })
  })

  test.each([
    'oracle://user:s3cret@host/db',
    'oracle://user:s3c@s3cret@host/db',
    'oracle://me@corp:s3cret@host/db',
    'oracle:user:s3cret@host/db',
    'user:s3cret@host/db',
    'postgres://user:s3cret@host:port/db',
    'postgres://user:s3cret/@host:port/db',
    'postgres:user:s3cret@host/db',
    'mysql://user:s3cret@/db',
    'mysql://user:s3cret@host',
    'mysql://host?password=s3cret',
  ])('never shows its secret: %s', async (url) => {
    const error = await openError(env('URL', 'sqlite:x.db'), { URL: url })
    expect(error).toMatchObject({ code: 'SY_CONFIG_INVALID', message: expect.stringContaining('variable URL') })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('s3cret')
  })

  test('of TypeORM options with an unknown type is refused', async () => {
    const options = { type: 'oracle', password: 's3cret' } as DataSourceOptions
    const error = await openError(options)
    expect(error).toMatchObject({ code: 'SY_CONFIG_INVALID' })
    expect(inspect(error)).not.toContain('s3cret')
  })
})

describe('env()', () => {
  test('gives the variable, and the fallback when it is unset or empty', async () => {
    const definition = defineCluster({
      databases: { main: env('MAIN_URL', 'sqlite:fallback.db') },
      placement: [place(User, 'main')],
    })
    const addressWith = async (environment: Record<string, string>) => {
      await using cluster = await Cluster.open(definition, { environment })
      return cluster.member('main').address
    }
    expect(await addressWith({ MAIN_URL: 'sqlite:other.db' })).toBe('sqlite other.db')
    expect(await addressWith({ MAIN_URL: '' })).toBe('sqlite fallback.db')
    expect(await addressWith({})).toBe('sqlite fallback.db')
  })

  test('is read when the cluster opens, not before', async () => {
    const definition = defineCluster({ databases: { main: env('LATE_URL', 'sqlite:a.db') }, placement: [] })
    process.env.LATE_URL = 'postgres://user@host.example:6543/late'
    try {
      await using cluster = await Cluster.open(definition)
      expect(cluster.member('main').address).toBe('postgres host.example:6543/late')
    } finally {
      delete process.env.LATE_URL
    }
  })
})
