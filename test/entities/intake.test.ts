import { BusinessHours, Event, Metric, Store, StoreStatus, Transaction } from 'shardyard/entities'
import { objectCheckOf } from 'shardyard/src/cluster/validation/check-object'
import { normaliserOf } from 'shardyard/src/pipeline/normalise/normaliser'

type Entity =
  | typeof Event
  | typeof Metric
  | typeof Transaction
  | typeof Store
  | typeof BusinessHours
  | typeof StoreStatus

/** Normalised and then checked by the rules of the class, as a record is on its way into a database. */
function take(entity: Entity, record: Record<string, unknown>) {
  const { values, reasons, changes } = normaliserOf(entity).forNames(Object.keys(record))(Object.values(record))
  const check = objectCheckOf(entity)
  check.normalise(values)
  const broken = check.reasons(values)
  if (!Array.isArray(broken)) throw new Error('The rules of this class are checked at once.')
  return { values: { ...values }, reasons, changes, messages: [...reasons, ...broken].map(({ message }) => message) }
}

const event = { client: 'client_A', metric: 'value', amount: '1200.00', timestamp: new Date('2024-01-01T00:00:00Z') }
const payment = { external_id: 'TXN-101', amount: '2500.50', currency: 'USD', source_channel: 'web' }

describe('an event', () => {
  test.each([
    [{ source: 'client_A', payload: { metric: 'value', amount: '1200', timestamp: '2024/01/01' } }],
    [{ client: 'client_A', data: { metric: 'value', Cost: 1200, date: '2024-01-01T03:00:00+03:00' } }],
    [{ client_id: 'client_A', body: { metric: 'value', amt: '1,200.00', ts: 1704067200 } }],
    [{ clientId: 'client_A', metric: 'value', price: '$1200', ts: '1704067200000' }],
    [{ id: 'client_A', metric: 'value', value: '1.2e3', timestamp: '2024-01-01' }],
    [
      { id: 'evt-7', source: 'client_A', metric: 'value', amount: '(1.200,00)', cost: '-1200', ts: 1704067200 },
      '-1200.00',
    ],
  ])('may come as %j', (record, amount = '1200.00') => {
    const { values, messages } = take(Event, record)
    expect([values, messages]).toEqual([{ ...event, amount }, []])
  })

  test('has defaults for all but its time', () => {
    const { values, changes, messages } = take(Event, { foo: 1 })
    expect(values).toEqual({ client: 'unknown', metric: 'generic_event', amount: '0.00' })
    expect(changes.map(({ field, why }) => [field, why])).toEqual([
      ['client', 'DEFAULT'],
      ['metric', 'DEFAULT'],
      ['amount', 'DEFAULT'],
    ])
    expect(messages).toEqual(['Timestamp cannot be None'])
  })

  test.each([
    [{ amt: '12abc', amount: 99 }, 'Amount is given more than once, and not alike: 99 in /amount, "12abc" in /amt'],
    [{ amount: '12abc' }, 'Amount is not a number: "12abc"'],
    [{ amount: 'Infinity' }, 'Amount is not a number: "Infinity"'],
    [{ amount: '1,234' }, 'Amount may be 1234 or 1.234: "1,234"'],
    [{ amount: '1.005' }, 'Amount must have at most 2 decimals: 1.005'],
    [{ amount: '1e400' }, 'Amount is too big or too small to be kept: "1e400"'],
    [{ timestamp: '31/12/2024' }, 'Timestamp does not tell day from month: "31/12/2024"'],
    [{ timestamp: '2024-13-45' }, 'Timestamp is not a date: "2024-13-45"'],
    [{ source: ['a'] }, 'Client must be text, not a list'],
    [{ source: { a: 1 } }, 'Client must be text, not an object'],
    [{ source: 'a', client: 'b' }, 'Client is given more than once, and not alike: "b" in /client, "a" in /source'],
  ])('is refused: %j', (record, message) => {
    const { messages } = take(Event, { ts: 'timestamp' in record ? undefined : 1704067200, ...record })
    expect(messages).toContain(message)
  })

  test('keeps the number of the database apart from the id of its sender', () => {
    expect(take(Event, { id: 5, ts: 1704067200 }).values).toMatchObject({ client: '5' })
    expect(take(Event, { id: 5, ts: 1704067200 }).values).not.toHaveProperty('id')
  })
})

describe('a transaction', () => {
  test('has a currency, a status and no time of its own unless they are given', () => {
    expect(take(Transaction, { ...payment, currency: '' })).toMatchObject({
      values: { externalId: 'TXN-101', amount: '2500.50', currency: 'USD', status: 'PROCESSED', sourceChannel: 'web' },
      messages: [],
    })
  })

  test.each([
    [{ currency: 'JPY' }, ['Currency JPY is not supported by our system']],
    [{ currency: 'eur' }, []],
    [{ amount: '0.00' }, ['Amount must be at least 0.01: 0.00']],
    [{ amount: '-100' }, ['Amount must be at least 0.01: -100.00']],
    [{ amount: '€ 12' }, ['Amount has a currency: "€ 12"', 'Amount cannot be None']],
    [{ amount: '' }, ['Amount cannot be None']],
    [{ external_id: '' }, ['External ID cannot be empty']],
    [{ source_channel: ' ' }, ['Source channel cannot be empty']],
    [{ timestamp: '2999-01-01T00:00:00Z' }, ['Timestamp cannot be in the future']],
    [{ timestamp: '2024-01-01' }, []],
  ])('with %j is judged', (record, messages) => {
    expect(take(Transaction, { ...payment, ...record }).messages).toEqual(messages)
  })
})

describe('a metric', () => {
  test.each([
    [{ source: 'sensor', metric_name: 'cpu_usage', metric_value: '45.5', created_at: '2024-01-01 10:00:00' }],
    [{ Source: 'sensor', Metric: 'cpu_usage', Value: 45.5, 'Recorded At': 1704103200 }],
  ])('may come as %j', (record) => {
    const { values, messages } = take(Metric, record)
    const recordedAt = new Date('2024-01-01T10:00:00Z')
    expect([values, messages]).toEqual([{ source: 'sensor', name: 'cpu_usage', value: 45.5, recordedAt }, []])
  })

  test.each(['NaN', 'Infinity', '45%', '1e999'])('is refused with the value %s', (value) => {
    const record = { source: 'sensor', metric: 'cpu', value, timestamp: 1704103200 }
    expect(take(Metric, record).reasons.map(({ field }) => field)).toEqual(['value'])
  })
})

describe('what is known of a store', () => {
  test.each<[Entity, Record<string, unknown>, Record<string, unknown>]>([
    [
      Store,
      { store_id: '9007199254740993', timezone_str: 'Asia/Kolkata' },
      { storeId: '9007199254740993', timezone: 'Asia/Kolkata' },
    ],
    [Store, { store_id: ' a ', timezone_str: '' }, { storeId: 'a', timezone: 'America/Chicago' }],
    [
      BusinessHours,
      { store_id: 'a', day: '0', start_time_local: '9:30', end_time_local: '24:00' },
      { storeId: 'a', dayOfWeek: 0, startTimeLocal: '09:30:00', endTimeLocal: '24:00:00' },
    ],
    [
      BusinessHours,
      { end_time_local: '02:00:00', start_time_local: '22:00:00', dayOfWeek: '6', store_id: 'a' },
      { storeId: 'a', dayOfWeek: 6, startTimeLocal: '22:00:00', endTimeLocal: '02:00:00' },
    ],
    [
      StoreStatus,
      { store_id: 'a', status: 'Active', timestamp_utc: '2024-10-03 23:33:20.412748 UTC' },
      { storeId: 'a', status: 'active', timestamp: new Date('2024-10-03T23:33:20.412Z') },
    ],
  ])('may come in a file: %p %j', (entity, record, expected) => {
    expect(take(entity, record)).toMatchObject({ values: expected, messages: [] })
  })

  test.each<[Entity, Record<string, unknown>, string]>([
    [BusinessHours, { day: 7 }, 'Day of week too high: 7'],
    [BusinessHours, { start: '25:00' }, 'Start time local must be a time of day such as 09:30:00: 25:00:00'],
    [BusinessHours, { start: '24:00:01' }, 'Start time local must be a time of day such as 09:30:00: 24:00:01'],
    [BusinessHours, { end: 'noon' }, 'End time local must be a time of day such as 09:30:00: noon'],
    [BusinessHours, {}, 'End time local cannot be empty'],
    [StoreStatus, { status: 'closed' }, 'Status must be one of active, inactive: closed'],
    [StoreStatus, { timestamp: '9999-01-01T00:00:00Z' }, 'Timestamp cannot be in the future'],
    [Store, { timezone: 'UTC' }, 'Store ID cannot be empty'],
  ])('is refused: %p %j', (entity, record, message) => {
    expect(take(entity, record).messages).toContain(message)
  })
})
