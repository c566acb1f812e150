import { Cluster, checkSchema, defineCluster, migrate, place } from 'shardyard'
import { Event, Metric, Transaction } from 'shardyard/entities'
import { recordMigrations } from 'shardyard/entities/migrations/index'
import { removeAtEnd } from '../helpers/cleanup'
import { sqliteAnd, type TestEngine } from '../helpers/engines'

const DATABASES = ['events', 'transactions', 'metrics', 'control'] as const

async function openRecords(engine: TestEngine, label: string) {
  const made = await Promise.all(DATABASES.map((name) => engine.createDatabase(`${label} ${name}`)))
  const [events, transactions, metrics, control] = made.map(({ url }) => url) as [string, string, string, string]
  const cluster = await Cluster.open(
    defineCluster({
      databases: { events, transactions, metrics, control },
      placement: [place(Event, 'events'), place(Transaction, 'transactions'), place(Metric, 'metrics')],
      migrations: recordMigrations,
    }),
  )
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  return cluster
}

const moment = new Date('2024-01-01T10:00:00.250Z')
const event = { client: 'client_A', metric: 'click_event', amount: '-1200.50', timestamp: moment }
const payment = { externalId: 'TXN-1', amount: '2500.5', currency: ' eur', status: 'PROCESSED', sourceChannel: 'web' }
const reading = { source: 'sensor', name: 'cpu_usage', value: 5, recordedAt: moment }

/** A number without end in each engine's SQL, and what is said to it; MySQL cannot even write one. */
const ENDLESS = {
  sqlite: ['9e999', 'Value too high'],
  postgres: ["'Infinity'", 'Value too high'],
  mysql: ['9e999', 'Illegal double'],
} as const

describe.each(sqliteAnd('mysql'))('events, transactions and metrics on $name', (engine) => {
  test('have migrations that leave a schema without differences', async () => {
    const checks = await checkSchema(await openRecords(engine, 'no drift'))
    expect(checks.map(({ database, state, differences }) => [database, state, differences])).toEqual(
      DATABASES.map((name) => [name, 'matches', []]),
    )
  })

  test('come back as they were written', async () => {
    const cluster = await openRecords(engine, 'round trip')
    await cluster.repository(Event).save({ ...event })
    await cluster.repository(Transaction).save({ ...payment })
    await cluster.repository(Metric).save([{ ...reading }, { ...reading, value: -0.1 }, { ...reading, value: 1e300 }])
    expect(await cluster.repository(Event).find()).toEqual([{ id: 1, ...event }])
    const expected = { id: 1, ...payment, amount: '2500.50', currency: 'EUR', timestamp: null }
    expect(await cluster.repository(Transaction).find()).toEqual([expected])
    const metrics = await cluster.repository(Metric).find({ order: { id: 'ASC' } })
    expect(metrics.map(({ value }) => value)).toEqual([5, -0.1, 1e300])
  })

  test('refuse a second transaction of the same external id', async () => {
    const cluster = await openRecords(engine, 'unique')
    await cluster.repository(Transaction).save({ ...payment })
    await expect(cluster.repository(Transaction).save({ ...payment })).rejects.toThrow(
      'External ID already used: TXN-1',
    )
  })

  test('take external ids that differ in case for two transactions', async () => {
    const cluster = await openRecords(engine, 'case')
    await cluster.repository(Transaction).save({ ...payment, externalId: 'txn-1' })
    await cluster.repository(Transaction).save({ ...payment, externalId: 'TXN-1' })
    const found = await cluster.repository(Transaction).findBy({ externalId: 'TXN-1' })
    expect(found.map(({ id, externalId }) => [id, externalId])).toEqual([[2, 'TXN-1']])
  })

  test.each([
    ['transactions', "UPDATE transactions SET currency = 'JPY'", 'Currency'],
    ['transactions', "UPDATE transactions SET currency = 'usd'", 'Currency'],
    ['transactions', 'UPDATE transactions SET amount = 0', 'Amount must be at least 0.01'],
    ['events', "UPDATE events SET client = ' '", 'Client cannot be empty'],
  ] as const)('have constraints in %s that stop %s', async (database, sql, message) => {
    const cluster = await openRecords(engine, 'raw sql')
    await cluster.repository(Event).save({ ...event })
    await cluster.repository(Transaction).save({ ...payment })
    await expect(cluster.database(database).query(sql)).rejects.toMatchObject({
      code: 'SY_VALIDATION_FAILED',
      message: expect.stringContaining(message),
    })
  })

  test('hold no number without end', async () => {
    const [endless, message] = ENDLESS[engine.name]
    const cluster = await openRecords(engine, 'endless')
    await cluster.repository(Metric).save({ ...reading })
    await expect(cluster.database('metrics').query(`UPDATE metrics SET value = ${endless}`)).rejects.toThrow(message)
  })

  test.each([
    [Transaction, { ...payment, currency: 'JPY' }, 'Currency JPY is not supported by our system'],
    [Transaction, { ...payment, amount: '0.00' }, 'Amount must be at least 0.01: 0.00'],
    [Transaction, { ...payment, timestamp: new Date('2999-01-01') }, 'Timestamp cannot be in the future'],
    [Metric, { ...reading, value: Number.POSITIVE_INFINITY }, 'Value must be a finite number'],
    [Event, { ...event, amount: '1.005' }, 'Amount must have at most 2 decimals: 1.005'],
    [Event, { ...event, timestamp: undefined }, 'Timestamp cannot be None'],
  ])('refuse a %p like %j', async (entity, values, message) => {
    const cluster = await openRecords(engine, 'refused')
    await expect(cluster.repository<object>(entity).save(values)).rejects.toMatchObject({
      code: 'SY_VALIDATION_FAILED',
      message: expect.stringContaining(message),
    })
  })
})
