import { createServer, type Cluster } from 'shardyard'
import { databaseFault } from 'shardyard/src/server/database-fault'
import { askerOf, serve, type Ask } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'
import { ENGINES } from '../helpers/engines'
import { tempFolder } from '../helpers/temp'
import { removeAtEnd } from '../helpers/cleanup'

let cluster: Cluster
let ask: Ask
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  const server = await createServer(cluster, { folder: await tempFolder('cluster'), concurrency: 0 })
  removeAtEnd(() => server.close())
  ask = askerOf(server)
})

test('the cluster tells its databases, what lives in them, and how their fields are', async () => {
  const told = (await ask('/api/v1/cluster')).json() as { entities: { name: string; fields: object[] }[] }
  expect(told).toMatchObject({ control: 'control', simulation: true, mayFail: false })
  expect(told).toMatchObject({ databases: expect.arrayContaining([expect.objectContaining({ entities: ['Order'] })]) })
  const field = (name: string) => expect.objectContaining({ name })
  expect(told.entities.find(({ name }) => name === 'Order')?.fields).toEqual([
    { name: 'id', type: 'integer', isKey: true, isGenerated: true, isNullable: false, references: null },
    { name: 'userId', type: 'integer', isKey: false, isGenerated: false, isNullable: false, references: 'User' },
    expect.objectContaining({ name: 'productId', references: 'Product' }),
    field('quantity'),
    expect.objectContaining({ name: 'createdAt', type: 'date-time', isGenerated: true }),
    field('updatedAt'),
  ])
  expect(JSON.stringify(told.entities)).toContain('{"name":"price","type":"decimal"')
})

test('health tells the state, the latency and the size of every database', async () => {
  const { items } = (await ask('/api/v1/cluster/health')).json() as { items: { sizeBytes: number }[] }
  expect(items).toHaveLength(cluster.databases.length)
  expect(items[0]).toMatchObject({ database: 'users', state: 'up', error: null, warnings: [] })
  const size = items[0]?.sizeBytes ?? 0
  expect(size).toBeGreaterThan(4_096)
  await cluster.load(cluster.definition.placement[0]?.entity as never, manyUsers(2_000) as never)
  const after = (await ask('/api/v1/cluster/health')).json() as { items: { sizeBytes: number }[] }
  expect(after.items[0]?.sizeBytes).toBeGreaterThan(size + 50_000)
})

test('a database that nobody has written is absent, and is not made by looking', async () => {
  const folder = await tempFolder('absent')
  const { cluster: own } = await openShippedCluster({}, { migrated: ['control'] })
  const { ask: asked } = await serve(own, { folder, concurrency: 0 })
  const summary = (await asked('/api/v1/summary')).json() as { entities: { rows: number | null }[] }
  expect(summary.entities.every(({ rows }) => rows === null)).toBe(true)
  const rows = await asked('/api/v1/entities/User')
  expect(rows.json()).toMatchObject({ status: 409, code: 'SY_SCHEMA_DRIFT' })
  const made = await asked({
    method: 'POST',
    url: '/api/v1/entities/Product',
    payload: { name: 'Lamp', price: '1.00' },
  })
  expect(made.json()).toMatchObject({ status: 409, code: 'SY_SCHEMA_DRIFT' })
  const { items } = (await asked('/api/v1/cluster/health')).json() as { items: { state: string; sizeBytes: null }[] }
  expect(items.filter(({ state }) => state === 'absent')).toHaveLength(cluster.databases.length - 1)
})

test('explain tells where a read goes, and refuses what is no field or value', async () => {
  const explain = (payload: object) => ask({ method: 'POST', url: '/api/v1/cluster/explain', payload })
  const told = (await explain({ entity: 'User', where: { email: 'a@b.c', createdAt: null } })).json()
  expect(told).toMatchObject({ entity: 'User', databases: ['users'], parameters: ['a@b.c'] })
  expect((told as { sql: { users: string } }).sql.users).toContain('"createdAt" IS NULL')
  expect((await explain({ entity: 'Nobody' })).json()).toMatchObject({ status: 404, code: 'SY_ENTITY_UNKNOWN' })
  const wrong = (await explain({ entity: 'User', where: { email: { $gt: '' }, 'id" OR 1=1': 1, id: '1;' } })).json()
  expect(wrong).toMatchObject({ status: 422, code: 'INVALID' })
  expect((wrong as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer)).toEqual([
    '#/where/email',
    '#/where/id" OR 1=1',
    '#/where/id',
  ])
})

test('the summary counts rows anew after every change, with the cache as without it', async () => {
  const { ask: uncached } = await serve(cluster, { concurrency: 0, cache: 'off' })
  const both = async () => [(await ask('/api/v1/summary')).body, (await uncached('/api/v1/summary')).body]
  for (let index = 0; index < 3; index++) {
    await ask({ method: 'POST', url: '/api/v1/entities/Product', payload: { name: `Lamp ${index}`, price: '1.00' } })
    const [cached, plain] = await both()
    expect(cached).toBe(plain)
    expect(JSON.parse(cached ?? '')).toMatchObject({
      entities: expect.arrayContaining([{ entity: 'Product', database: 'products', rows: index + 1 }]),
    })
    expect((await both())[0]).toBe(plain)
  }
})

function* manyUsers(count: number) {
  for (let index = 0; index < count; index++) yield { name: `User ${index}`, email: `user${index}@example.com` }
}

test('a database that is down is told as such, and keeps nobody from the others', async () => {
  const { cluster: own } = await openShippedCluster(
    {},
    { migrated: ['control', 'products'], urls: { users: 'postgres://ada:s3cret@127.0.0.1:1/users' } },
  )
  const { ask: asked } = await serve(own, { concurrency: 0 })
  const rows = await asked('/api/v1/entities/User')
  expect([rows.statusCode, rows.headers['retry-after'], rows.body.includes('s3cret')]).toEqual([503, '5', false])
  expect(rows.json()).toMatchObject({ code: 'SY_DATABASE_DOWN', detail: expect.stringContaining('"users"') })
  expect((await asked('/api/v1/entities/Product')).statusCode).toBe(200)
  const { entities } = (await asked('/api/v1/summary')).json() as { entities: object[] }
  expect(entities.slice(0, 2)).toMatchObject([
    { entity: 'User', rows: null },
    { entity: 'Product', rows: 0 },
  ])
  const health = await asked('/api/v1/cluster/health')
  const [users, products] = (health.json() as { items: object[] }).items
  expect([users, products]).toMatchObject([{ database: 'users', state: 'down' }, { state: 'up' }])
  expect(health.body).not.toContain('s3cret')
})

test('errors of clients are told as what they mean for the caller', async () => {
  const [postgres] = ENGINES.filter(({ name }) => name === 'postgres')
  if (postgres === undefined) return
  const { url } = await postgres.createDatabase('fault')
  const { cluster: own } = await openShippedCluster({}, { migrated: ['control'], urls: { users: url } })
  const told = async (sql: string) => {
    const error: unknown = await own
      .database('users')
      .query(sql)
      .catch((cause: unknown) => cause)
    return databaseFault(own, error)?.code
  }
  expect(await told('CREATE TABLE t (a int NOT NULL); INSERT INTO t VALUES (NULL)')).toBe('SY_VALIDATION_FAILED')
  expect(await told('SELEC 1')).toBeUndefined()
  expect(await told('SELECT pg_terminate_backend(pg_backend_pid())')).toBe('SY_DATABASE_DOWN')
  expect(databaseFault(own, Object.assign(new Error('no such file'), { code: 'ENOENT' }))).toBeUndefined()
})
