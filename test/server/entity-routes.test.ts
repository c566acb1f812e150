import type { LightMyRequestResponse } from 'fastify'
import { Cluster, defineCluster, place } from 'shardyard'
import { EntitySchema } from 'typeorm'
import { optionsFor } from '../cluster/store'
import { serve, type Ask } from '../helpers/api'
import { removeAtEnd } from '../helpers/cleanup'
import { ENGINES, type TestEngine } from '../helpers/engines'
import { openShippedCluster } from '../helpers/shipped-cluster'

interface Reading {
  station: string
  number: string
  price: string
  level: number | null
  isOpen: boolean
  takenAt: Date
}

/** What no decorator of the library declares: rules are those of the columns. */
const ReadingSchema = new EntitySchema<Reading>({
  name: 'Reading',
  tableName: 'readings',
  columns: {
    station: { type: 'varchar', length: 40, primary: true, name: 'station_name' },
    number: { type: 'bigint', primary: true },
    price: { type: 'decimal', precision: 20, scale: 4 },
    level: { type: 'integer', nullable: true },
    isOpen: { type: Boolean },
    takenAt: { type: 'datetime', precision: 3 },
  },
})

const WIDE = '9007199254740993'
const reading = (station: string, number: string, rest: object = {}) => ({
  station,
  number,
  price: '1234567890123456.0001',
  level: null,
  isOpen: true,
  takenAt: '2026-01-31T10:00:00.123Z',
  ...rest,
})
const SHORT = { price: '0.5000' }

async function openReadings(engine: TestEngine): Promise<Ask> {
  const { url } = await engine.createDatabase('entity routes')
  const databases = { control: optionsFor(engine, url) }
  const cluster = await Cluster.open(defineCluster({ databases, placement: [place(ReadingSchema, 'control')] }))
  removeAtEnd(() => cluster.close())
  await (await cluster.connect('control')).synchronize()
  return (await serve(cluster, { concurrency: 0 })).ask
}

const errorsOf = (response: LightMyRequestResponse) =>
  ((response.json() as { errors?: { pointer: string; code: string }[] }).errors ?? []).map(
    ({ pointer, code }) => `${pointer} ${code}`,
  )

describe.each(ENGINES)('rows on $name', (engine) => {
  let ask: Ask
  beforeAll(async () => {
    ask = await openReadings(engine)
  })

  test('are stored, found, changed and deleted by keys of any kind, without losing a digit', async () => {
    const price = engine.name === 'sqlite' ? SHORT : {}
    const row = reading('a, b/ü', WIDE, price)
    const made = await ask({ method: 'POST', url: '/api/v1/entities/Reading', payload: row })
    expect([made.statusCode, made.json()]).toEqual([201, row])
    const url = String(made.headers['location'])
    expect(url).toBe(`/api/v1/entities/Reading/a%2C%20b%2F%C3%BC,${WIDE}`)
    expect((await ask(url)).json()).toEqual(row)
    const changed = await ask({ method: 'PATCH', url, payload: { level: 7, isOpen: false } })
    expect(changed.json()).toEqual({ ...row, level: 7, isOpen: false })
    expect((await ask({ method: 'DELETE', url })).statusCode).toBe(204)
    expect((await ask({ method: 'DELETE', url })).statusCode).toBe(404)
    expect((await ask(url)).statusCode).toBe(404)
  })

  test('are found by every comparison, and come page by page', async () => {
    const some = ['n1', 'n2', 'N3', 'n%_', 'ñ'].map((station, level) => reading(station, '2', { level, ...SHORT }))
    for (const payload of some) await ask({ method: 'POST', url: '/api/v1/entities/Reading', payload })
    const found = async (query: string) =>
      ((await ask(`/api/v1/entities/Reading?number=2&${query}`)).json() as { items: Reading[] }).items
        .map(({ level }) => level)
        .toSorted((a, b) => Number(a) - Number(b))
    expect(await found('station=n2')).toEqual([1])
    expect(await found('station[prefix]=n')).toEqual([0, 1, 3])
    expect(await found('station[prefix]=n%25')).toEqual([3])
    expect(await found('level[gte]=1&level[lt]=3')).toEqual([1, 2])
    expect(await found('level[gt]=1&level[lte]=3')).toEqual([2, 3])
    expect(await found('isOpen=true&price=0.5&takenAt[lte]=2026-01-31T11:00:00.123%2B01:00')).toHaveLength(5)
    expect(await found(`number[gte]=${WIDE}`)).toEqual([])
    const seen: (number | null)[] = []
    for (let after = ''; ; ) {
      const page = (await ask(`/api/v1/entities/Reading?limit=2&number=2${after}`)).json() as {
        items: Reading[]
        next: string
      }
      seen.push(...page.items.map(({ level }) => level))
      if (page.next === null) break
      after = `&after=${page.next}`
    }
    expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual([0, 1, 2, 3, 4])
  })

  test('refuse values that are none of their column, before the database has to', async () => {
    const wrong = {
      level: 2 ** 31,
      isOpen: 'yes',
      takenAt: '2026-02-31T00:00:00Z',
      price: '1e5',
      number: '99999999999999999999',
    }
    const made = await ask({ method: 'POST', url: '/api/v1/entities/Reading', payload: reading('a', '1', wrong) })
    expect(made.statusCode).toBe(422)
    expect(errorsOf(made).toSorted()).toEqual(
      Object.keys(wrong)
        .map((name) => `#/${name} WRONG_TYPE`)
        .toSorted(),
    )
    const { level: _level, ...rest } = wrong
    const query = new URLSearchParams({
      ...rest,
      level: String(2 ** 31),
      nope: '1',
      'level[like]': '1',
      'level[prefix]': '1',
    })
    const asked = await ask(`/api/v1/entities/Reading?${query.toString()}`)
    expect([asked.statusCode, errorsOf(asked)]).toEqual([400, expect.arrayContaining(['#/nope UNKNOWN_FIELD'])])
    expect(errorsOf(asked)).toHaveLength(8)
    const twice = await ask({ method: 'POST', url: '/api/v1/entities/Reading', payload: reading('a', '1', SHORT) })
    expect(twice.statusCode).toBe(201)
    const again = await ask({ method: 'POST', url: '/api/v1/entities/Reading', payload: reading('a', '1', SHORT) })
    expect([again.statusCode, (again.json() as { code: string }).code]).toEqual([422, 'SY_VALIDATION_FAILED'])
    const missing = await ask({
      method: 'POST',
      url: '/api/v1/entities/Reading',
      payload: { station: 'c', number: '1' },
    })
    expect([missing.statusCode, errorsOf(missing)]).toEqual([
      422,
      ['price', 'isOpen', 'takenAt'].map((name) => `#/${name} MISSING`),
    ])
    const long = reading('x'.repeat(41), '1', SHORT)
    const tooLong = await ask({ method: 'POST', url: '/api/v1/entities/Reading', payload: long })
    expect(tooLong.statusCode).toBe(engine.name === 'sqlite' ? 201 : 422)
  })

  test('are changed by one of many who have read the same', async () => {
    const made = await ask({ method: 'POST', url: '/api/v1/entities/Reading', payload: reading('b', '1', SHORT) })
    const etag = String(made.headers['etag'])
    const patch = (level: number) =>
      ask({ method: 'PATCH', url: '/api/v1/entities/Reading/b,1', headers: { 'if-match': etag }, payload: { level } })
    const statuses = (await Promise.all(Array.from({ length: 12 }, (_, level) => patch(level + 1)))).map(
      ({ statusCode }) => statusCode,
    )
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 11 }, () => 412)])
    const stale = await ask({ method: 'DELETE', url: '/api/v1/entities/Reading/b,1', headers: { 'if-match': etag } })
    expect(stale.statusCode).toBe(412)
  })
})

describe('rows of classes', () => {
  let ask: Ask
  beforeAll(async () => {
    ask = (await serve((await openShippedCluster()).cluster, { concurrency: 0 })).ask
  })
  const post = (payload: object) => ask({ method: 'POST', url: '/api/v1/entities/User', payload })

  test('are held against the rules of their class, with pointers', async () => {
    expect(errorsOf(await post({ name: '', email: 'nobody' }))).toEqual(['#/name EMPTY', '#/email INVALID_EMAIL'])
    expect(errorsOf(await post({ name: { $ne: 1 }, email: 'a@b.ch' }))).toContain('#/name WRONG_TYPE')
    expect(errorsOf(await post({ name: 'Ada', email: 'a@b.ch', isAdmin: true }))).toEqual(['#/isAdmin UNKNOWN_FIELD'])
    expect((await post({ name: 'Ada', email: 'ada@example.com' })).statusCode).toBe(201)
    expect(errorsOf(await post({ name: 'Ada', email: 'ADA@example.com' }))).toEqual(['#/email NOT_UNIQUE'])
    const order = { userId: 1, productId: 4, quantity: 1 }
    const made = await ask({ method: 'POST', url: '/api/v1/entities/Order', payload: order })
    expect(errorsOf(made)).toEqual(['#/productId REFERENCE_MISSING'])
  })

  test('are never changed by a create that names their key', async () => {
    const made = (await post({ name: 'Bob', email: 'bob@example.com' })).json() as { id: number }
    const again = await post({ id: made.id, name: 'Eve', email: 'eve@example.com' })
    expect([again.statusCode, errorsOf(again)]).toEqual([422, [expect.stringMatching(/^#\/id /)]])
    expect((await ask(`/api/v1/entities/User/${made.id}`)).json()).toMatchObject({ name: 'Bob' })
    const moved = await ask({ method: 'PATCH', url: `/api/v1/entities/User/${made.id}`, payload: { id: 77 } })
    expect([moved.statusCode, errorsOf(moved)]).toEqual([422, ['#/id KEY_CHANGED']])
  })

  test('are not sent again to whoever has them', async () => {
    const made = await post({ name: 'Cy', email: 'cy@example.com' })
    const url = String(made.headers['location'])
    const etag = String(made.headers['etag'])
    expect((await ask({ url, headers: { 'if-none-match': `"x", W/${etag}` } })).statusCode).toBe(304)
    expect((await ask({ url, headers: { 'if-none-match': '"x"' } })).statusCode).toBe(200)
  })

  test('come by cursors of their own list alone', async () => {
    await post({ name: 'Di', email: 'di@example.com' })
    const { next } = (await ask('/api/v1/entities/User?limit=1&id[gte]=1')).json() as { next: string }
    const refused = ['/User?id[gte]=2', '/Product?id[gte]=1', `/User?id[gte]=1&limit=1`].map((list) => `${list}&after=`)
    const [otherFilter, otherEntity, same] = refused as [string, string, string]
    const forged = `${next.slice(0, -2)}${next.endsWith('AA') ? 'BB' : 'AA'}`
    for (const url of [otherFilter + next, otherEntity + next, same + forged, `${same}x`, `${same}%00`]) {
      const { statusCode, body } = await ask(`/api/v1/entities${url}`)
      expect([url, statusCode, body.includes('CURSOR_UNKNOWN')]).toEqual([url, 400, true])
    }
    expect((await ask(`/api/v1/entities${same}${next}`)).statusCode).toBe(200)
  })
})
