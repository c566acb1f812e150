import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from 'shardyard'
import type { Connection, Driver, Fault } from 'shardyard/src/drivers/driver'
import { driverOf, engineOfType, engineOfUrl } from 'shardyard/src/drivers/registry'
import { describeOn, disposable, openShelf } from '../cluster/store'
import { removeAtEnd } from '../helpers/cleanup'
import { ENGINES } from '../helpers/engines'

/** A bare connection to a database with the shipped tables, as a worker thread has it. */
async function connect(cluster: Cluster<'main'>): Promise<{ driver: Driver; connection: Connection }> {
  const { driver } = cluster.member('main')
  const connection = await driver.connect(driver.connectionSpec(cluster.database('main').options), () => 60_000)
  removeAtEnd(() => connection.close().catch(() => undefined))
  return { driver, connection }
}

describe.each(ENGINES)('a bare connection on $name', (engine) => {
  const mark = (index: number) => (engine.name === 'postgres' ? `$${index}` : '?')
  const insertUser = `INSERT INTO users (name, email) VALUES (${mark(1)}, ${mark(2)})`

  test('stores what it commits and nothing that it rolls back', async () => {
    const cluster = await openShelf(engine, 'bare')
    const { connection } = await connect(cluster)
    await connection.begin()
    expect(await connection.execute(insertUser, ['Ada', 'ada@example.com'])).toBe(1)
    await connection.commit()
    await connection.begin()
    await connection.execute(insertUser, ['Bob', 'bob@example.com'])
    await connection.rollback()
    await connection.flush()
    expect(await connection.query('SELECT name FROM users')).toEqual([{ name: 'Ada' }])
    expect(await connection.execute(`UPDATE users SET name = ${mark(1)}`, ['Eve'])).toBe(1)
  })

  test('names the fault of a statement', async () => {
    const cluster = await openShelf(engine, 'faults')
    const { driver, connection } = await connect(cluster)
    const faultOf = async (sql: string, parameters: unknown[]): Promise<Fault> =>
      connection.execute(sql, parameters).then(
        () => ({ kind: 'other' }),
        (error: unknown) => driver.faultOf(error),
      )
    await connection.execute(insertUser, ['Ada', 'ada@example.com'])
    expect(await faultOf(insertUser, ['Bob', 'ada@example.com'])).toMatchObject({ kind: 'unique' })
    expect(await faultOf(insertUser, ['B', 'bob@example.com'])).toEqual({
      kind: 'check',
      constraint: 'ck_users_name_too_short',
    })
    expect(await faultOf(insertUser, [null, 'bob@example.com'])).toEqual({ kind: 'not-null', column: 'name' })
    expect((await faultOf(insertUser, ['x'.repeat(200), 'bob@example.com'])).kind).toMatch(/^(too-long|check)$/)
    expect(await faultOf('SELECT nonsense', [])).toEqual({ kind: 'other' })
  })

  test('answers the clock of the server in milliseconds', async () => {
    const cluster = await openShelf(engine, 'clock')
    const { driver, connection } = await connect(cluster)
    const [row] = await connection.query(`SELECT ${driver.dialect.nowMs} AS now`)
    expect(Math.abs(Number(row?.now) - Date.now())).toBeLessThan(5_000)
  })

  test('is described by plain data, which a worker thread can be handed', async () => {
    const cluster = await openShelf(engine, 'spec')
    const { driver } = cluster.member('main')
    const spec = driver.connectionSpec(cluster.database('main').options)
    expect(structuredClone(spec)).toEqual(spec)
    expect(spec).toMatchObject({ engine: engine.name, client: engine.driver })
  })

  test('may be rolled back and closed after it was closed', async () => {
    const cluster = await openShelf(engine, 'closed')
    const { connection } = await connect(cluster)
    await connection.begin()
    await connection.close()
    await expect(connection.rollback()).resolves.toBeUndefined()
  })
})

describeOn(['postgres', 'mysql'], 'a bare connection that the server drops', (engine) => {
  test('is an error of its next call and does not end the process', async () => {
    const cluster = await openShelf(engine, 'dropped')
    const { driver, connection } = await connect(cluster)
    const own = engine.name === 'postgres' ? 'SELECT pg_backend_pid() AS id' : 'SELECT connection_id() AS id'
    const [row] = await connection.query(own)
    await connection.begin()
    const kill = engine.name === 'postgres' ? 'SELECT pg_terminate_backend($1)' : 'KILL ?'
    await cluster.database('main').query(kill, [Number(row?.id)])
    await sleep(100)
    const error: unknown = await connection.commit().catch((reason: unknown) => reason)
    expect(driver.faultOf(error)).toEqual({ kind: 'unavailable' })
    await expect(connection.rollback()).resolves.toBeUndefined()
  })
})

describeOn(['postgres'], 'a bare connection', (engine) => {
  test('says that a COMMIT was a rollback', async () => {
    const cluster = await openShelf(engine, 'tag')
    const { connection } = await connect(cluster)
    await connection.begin()
    await connection.execute(`INSERT INTO users (name, email) VALUES ('Ada', 'ada@example.com')`)
    await connection.query('SELECT nonsense').catch(() => undefined)
    await expect(connection.commit()).rejects.toMatchObject({ code: 'SY_ROLLED_BACK' })
    expect(await connection.query('SELECT name FROM users')).toEqual([])
  })

  test('is warned of a server whose commits may be lost', async () => {
    const cluster = await openShelf(engine, 'durable')
    await using runner = disposable(cluster.database('main').createQueryRunner())
    const { driver } = cluster.member('main')
    const before = await driver.durabilityWarnings(runner)
    await runner.query('SET synchronous_commit = off')
    const after = await driver.durabilityWarnings(runner)
    expect(after.filter((warning) => !before.includes(warning))).toEqual(
      before.some((warning) => warning.includes('synchronous_commit'))
        ? []
        : [expect.stringContaining('synchronous_commit')],
    )
  })
})

describe('the engines', () => {
  test.each([
    ['sqlite:a.db', 'sqlite'],
    ['sqlite3:a.db', 'sqlite'],
    ['SQLITE:a.db', 'sqlite'],
    ['postgres://h/d', 'postgres'],
    ['postgresql://h/d', 'postgres'],
    ['mysql://h/d', 'mysql'],
    ['mariadb://h/d', 'mysql'],
    ['mssql://h/d', undefined],
    ['/data/a.db', undefined],
  ])('%s is %s', (url, engine) => {
    expect(engineOfUrl(url)).toBe(engine)
  })

  test.each([
    ['better-sqlite3', 'sqlite'],
    ['sqlite', 'sqlite'],
    ['postgres', 'postgres'],
    ['mysql', 'mysql'],
    ['mariadb', 'mysql'],
    ['mongodb', undefined],
  ])('the type %s of TypeORM is %s', (type, engine) => {
    expect(engineOfType(type)).toBe(engine)
  })

  test.each([
    ['sqlite', 'sqlite:data/a.db', 'sqlite data/a.db'],
    ['sqlite', 'sqlite:/var/a.db', 'sqlite /var/a.db'],
    ['sqlite', 'sqlite:///var/a.db', 'sqlite /var/a.db'],
    ['sqlite', 'sqlite::memory:', 'sqlite :memory:'],
    ['postgres', 'postgres://me:s3cret@db.example/shop', 'postgres db.example:5432/shop'],
    ['mysql', 'mariadb://me:s3cret@db.example:3307/shop', 'mariadb db.example:3307/shop'],
  ] as const)('address %s %s as %s, without secrets', (engine, url, address) => {
    const driver = driverOf(engine)
    expect(driver.addressOf(driver.completeOptions(driver.optionsOf(url)))).toBe(address)
  })

  test.each([
    ['sqlite', 'we"ird', '"we""ird"'],
    ['postgres', 'we"ird', '"we""ird"'],
    ['mysql', 'we`ird', '`we``ird`'],
  ] as const)('quote a name on %s: %s', (engine, name, quoted) => {
    expect(driverOf(engine).dialect.quote(name)).toBe(quoted)
  })

  test('take a password that PostgreSQL asks for and nobody gave as a refusal', () => {
    const error = new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string')
    expect(driverOf('postgres').faultOf(error)).toEqual({ kind: 'refused' })
  })

  test.each([
    ['sqlite::memory:', false],
    ['sqlite:data/a.db', true],
    ['postgres://db.example/shop', true],
    ['mysql://db.example/shop', true],
  ])('know whether threads can share %s: %s', (url, isShared) => {
    const driver = driverOf(engineOfUrl(url) ?? 'sqlite')
    expect(driver.isShared(driver.optionsOf(url))).toBe(isShared)
  })
})
