import * as fc from 'fast-check'
import { Cluster, defineCluster, place } from 'shardyard'
import { EntitySchema } from 'typeorm'
import { optionsFor } from '../cluster/store'
import { serve, type Ask } from '../helpers/api'
import { removeAtEnd } from '../helpers/cleanup'
import { ENGINES } from '../helpers/engines'

const TYPES = ['varchar', 'bigint', 'decimal', 'integer', 'smallint', 'datetime', 'double precision', 'text'] as const
const NAMES = TYPES.map((type) => `of_${type.replace(' ', '_')}`)

/** A column of each type, none of which has a rule but its own. */
const Any = new EntitySchema<Record<string, unknown>>({
  name: 'Any',
  tableName: 'anything',
  columns: {
    key: { type: 'varchar', length: 60, primary: true },
    isSet: { type: Boolean, nullable: true },
    ...Object.fromEntries(TYPES.map((type, index) => [NAMES[index], columnOf(type)])),
  },
})

function columnOf(type: (typeof TYPES)[number]) {
  const size = type === 'varchar' ? { length: 20 } : type === 'decimal' ? { precision: 12, scale: 2 } : {}
  return { type, nullable: true, ...size } as const
}

const LIMITS = [2 ** 31, -(2 ** 31) - 1, 2 ** 53, 32_768, 1e300, -0, 1e-320, Number.MAX_VALUE]
const TEXTS = ['', '\u0000', '\ud800', "'; --", '%', '_', '\\', '1e999', '9223372036854775808', '9223372036854775807']
const MOMENTS = [
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '1000-01-01T00:00:00+14:00',
  '2026-02-30T00:00:00Z',
]
const value = fc.oneof(
  fc.constantFrom<unknown>(...LIMITS, ...TEXTS, ...MOMENTS, null, true, [], {}),
  fc.jsonValue({ maxDepth: 2 }),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.string({ unit: 'binary', maxLength: 30 }),
)
const body = fc.dictionary(fc.constantFrom('key', 'isSet', ...NAMES, '__proto', 'toString'), value, { maxKeys: 6 })
const query = fc.array(
  fc.tuple(
    fc.constantFrom('key', 'isSet', ...NAMES, 'limit', 'after', 'nope'),
    fc.constantFrom('', '[gte]', '[lt]', '[prefix]', '[eq]', '[x]'),
    fc.oneof(
      value.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
      fc.string({ maxLength: 40 }),
    ),
  ),
  { maxLength: 4 },
)

describe.each(ENGINES)('whatever is sent on $name', (engine) => {
  let ask: Ask
  beforeAll(async () => {
    const { url } = await engine.createDatabase('fuzz')
    const databases = { control: optionsFor(engine, url) }
    const cluster = await Cluster.open(defineCluster({ databases, placement: [place(Any, 'control')] }))
    removeAtEnd(() => cluster.close())
    await (await cluster.connect('control')).synchronize()
    ask = (await serve(cluster, { concurrency: 0 })).ask
  })

  test('a row is stored, changed or refused, and read back as it was answered', async () => {
    const one = async (row: Record<string, unknown>, changes: Record<string, unknown>) => {
      const made = await ask({ method: 'POST', url: '/api/v1/entities/Any', payload: row })
      expect([row, made.statusCode, made.statusCode < 500]).toEqual([row, made.statusCode, true])
      if (made.statusCode !== 201) return
      const url = String(made.headers['location'])
      expect((await ask(url)).json()).toEqual(made.json())
      const changed = await ask({ method: 'PATCH', url, payload: changes })
      expect([changes, changed.statusCode, changed.statusCode < 500]).toEqual([changes, changed.statusCode, true])
      expect((await ask({ method: 'DELETE', url })).statusCode).toBe(204)
    }
    const keyed = body.map((row) => ({ key: 'k', ...row }))
    await fc.assert(fc.asyncProperty(keyed, body, one), { numRuns: 40 })
  })

  test('a search answers or is refused', async () => {
    const search = async (parts: readonly (readonly [string, string, string])[]) => {
      const text = parts.map(
        ([name, is, wanted]) => `${encodeURIComponent(name + is)}=${encodeURIComponent(wanted.toWellFormed())}`,
      )
      const { statusCode } = await ask(`/api/v1/entities/Any?${text.join('&')}`)
      expect([parts, statusCode, [200, 400].includes(statusCode)]).toEqual([parts, statusCode, true])
    }
    await fc.assert(fc.asyncProperty(query, search), { numRuns: 60 })
  })
})
