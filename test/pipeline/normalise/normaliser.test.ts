import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm'
import { DecimalNumber, Email, GeneratedId, Instant, Intake, Money, Text, WholeNumber } from 'shardyard'
import { normaliserOf, type NormaliserOptions } from 'shardyard/src/pipeline/normalise/normaliser'

class Sale {
  @GeneratedId()
  id!: number

  @Text({ max: 100 })
  product!: string

  @Intake({ aliases: ['Quantity Ordered', 'qty'] })
  @WholeNumber({ min: 1 })
  quantity!: number

  @Intake({ aliases: ['unit_price'], empty: ['N/A', 'UNKNOWN'], default: '0.00' })
  @Money()
  priceEach!: string

  @Email()
  buyer!: string

  @Intake({ zone: 'UTC', paths: ['/meta/at', '/meta/times/sold'] })
  @Instant()
  soldAt!: Date

  @DecimalNumber()
  weight!: number

  @CreateDateColumn({ type: 'datetime' })
  createdAt!: Date
}

/** Columns as TypeORM alone declares them. */
@Entity()
class Plain {
  @PrimaryGeneratedColumn()
  id!: number

  @Column({ type: 'varchar', length: 20 })
  name!: string

  @Column({ type: 'bigint' })
  big!: string

  @Column({ type: 'int' })
  count!: number

  @Column({ type: 'decimal', precision: 20, scale: 4 })
  share!: string

  @Column({ type: 'float' })
  ratio!: number

  @Column({ type: 'boolean' })
  isOpen!: boolean

  @Column({ type: 'date' })
  day!: string

  @Column({ type: 'datetime' })
  at!: Date

  @Column({ type: 'simple-json' })
  extra!: unknown

  @Column({ type: 'varchar', transformer: { to: (value: unknown) => value, from: (value: unknown) => value } })
  custom!: unknown
}

function run(target: typeof Sale | typeof Plain, record: Record<string, unknown>, options?: NormaliserOptions) {
  return normaliserOf(target, options).forNames(Object.keys(record))(Object.values(record))
}
const valuesOf = (record: Record<string, unknown>, options?: NormaliserOptions) => ({
  ...run(Sale, record, options).values,
  priceEach: undefined,
})
const codesOf = (target: typeof Sale | typeof Plain, record: Record<string, unknown>) =>
  run(target, record).reasons.map(({ code }) => code)
const whysOf = (record: Record<string, unknown>) =>
  run(Sale, { priceEach: '1', ...record }).changes.map(({ why }) => why)

describe('a name of a source', () => {
  test.each([
    ['priceEach', 'name'],
    ['Price Each', 'spelling'],
    ['PRICE_EACH', 'spelling'],
    ['price-each', 'spelling'],
    ['Unit Price', 'alias'],
    ['UNITPRICE', 'alias'],
  ])('%j feeds priceEach by its %s', (name, by) => {
    expect(normaliserOf(Sale).plan([name]).matches).toEqual([{ property: 'priceEach', name, by }])
  })

  test.each([
    'price',
    'price.each',
    'priceEach\u200b',
    'price\u200bEach',
    'price\u202eEach',
    'prіceEach',
    'ｐriceEach',
    'price\u00a0Each',
    '__proto__',
    'constructor',
    '',
  ])('%j feeds nothing', (name) => {
    const { matches, unused } = normaliserOf(Sale).plan([name])
    expect([matches, unused]).toEqual([[], [name]])
  })

  test.each(['price\u200bEach', 'prіceEach', 'ｐriceEach', 'Unit\u00a0Price', 'qty\ufeff', '\u212aey'])(
    '%j is told when it looks like one that would',
    (name) => {
      class Keyed extends Sale {
        @Text()
        key!: string
      }
      expect(normaliserOf(Keyed).plan([name]).lookalikes).toEqual([{ name, property: expect.any(String) }])
    },
  )

  test('may be composed in either way', () => {
    class Cafe {
      @Text()
      café!: string
    }
    expect(
      normaliserOf(Cafe)
        .plan(['cafe\u0301', 'CAFÉ'])
        .matches.map(({ by }) => by),
    ).toEqual(['name', 'spelling'])
  })

  test('feeds a date that the database sets only when it is the exact name', () => {
    const { matches, unused } = normaliserOf(Sale).plan(['createdAt', 'created_at'])
    expect(matches).toEqual([{ property: 'createdAt', name: 'createdAt', by: 'name' }])
    expect(unused).toEqual(['created_at'])
  })

  test('feeds no property that is internal', () => {
    class Closed {
      @Intake({ isInternal: true })
      @GeneratedId()
      id!: number

      @Text()
      name!: string
    }
    expect({ ...normaliserOf(Closed).forNames(['id', 'name'])([5, 'x']).values }).toEqual({ name: 'x' })
    expect(() => normaliserOf(Closed, { map: { id: 'id' } })).toThrow(/can fill \(name\), got "id"/)
  })

  test('of two properties that differ in spelling only feeds the one it names exactly', () => {
    class Twins {
      @Text()
      userId!: string

      @Text()
      user_id!: string
    }
    const { matches, unused } = normaliserOf(Twins).plan(['user_id', 'User ID'])
    expect(matches.map(({ property }) => property)).toEqual(['user_id'])
    expect(unused).toEqual(['User ID'])
  })
})

describe('a map', () => {
  test('wins over every other name', () => {
    const record = { product: 'a', Label: 'b' }
    expect(valuesOf(record, { map: { Label: 'product' } })).toMatchObject({ product: 'b' })
  })

  test('may turn names round', () => {
    const values = valuesOf({ product: 'a@b.co', buyer: 'pen' }, { map: { product: 'buyer', buyer: 'product' } })
    expect(values).toMatchObject({ buyer: 'a@b.co', product: 'pen' })
  })

  test('may point into an object', () => {
    const record = { 'a/b': { x: { Label: 'deep' } } }
    expect(valuesOf(record, { map: { '/a~1b/x/label': 'product' } })).toMatchObject({ product: 'deep' })
  })

  test.each([
    [{ Label: 'produkt' }, /`map` to name properties.*got "produkt"/],
    [{ Label: '__proto__' }, /`map` to name properties/],
    [{ '/Label': 'product' }, /a JSON pointer to a nested value/],
    [{ '/a//b': 'product' }, /a JSON pointer to a nested value/],
  ])('that cannot be is refused: %j', (map, message) => {
    expect(() => normaliserOf(Sale, { map })).toThrow(
      expect.objectContaining({ code: 'SY_OPTION_INVALID', message: expect.stringMatching(message) }),
    )
  })

  test('that speaks of a name the source does not have is refused by the plan', () => {
    const normaliser = normaliserOf(Sale, { map: { Label: 'product', '/meta/mail': 'buyer' } })
    expect(() => normaliser.plan(['Lable', 'qty'])).toThrow(
      /names that the source has \(Lable, qty\), got Label, \/meta\/mail/,
    )
    expect(normaliser.plan(['Label', 'Meta']).unfed).not.toContain('product')
  })
})

test('an alias of two properties is refused', () => {
  class Twice {
    @Intake({ aliases: ['amount due'] })
    @Money()
    net!: string

    @Intake({ aliases: ['amount_due'] })
    @Money()
    gross!: string
  }
  expect(() => normaliserOf(Twice)).toThrow('"amount_due" is declared for net and for gross')
})

describe('several sources of one property', () => {
  test.each([
    [{ quantity: '5', qty: '' }, 5],
    [{ quantity: '', qty: '5' }, 5],
    [{ quantity: null, qty: 5 }, 5],
    [{ qty: '5', quantity: 5 }, 5],
    [{ qty: '5.0', 'Quantity Ordered': 5 }, 5],
  ])('are taken when they do not differ: %j', (record, expected) => {
    const { values, reasons } = run(Sale, record)
    expect([values.quantity, reasons]).toEqual([expected, []])
  })

  test.each([
    [
      { priceEach: 99, unit_price: '12abc' },
      'Price each is given more than once, and not alike: 99 in /priceEach, "12abc" in /unit_price',
    ],
    [
      { unit_price: '1', priceEach: '2' },
      'Price each is given more than once, and not alike: "2" in /priceEach, "1" in /unit_price',
    ],
  ])('are refused when they differ: %j', (record, message) => {
    const { values, reasons } = run(Sale, record)
    expect(values).not.toHaveProperty('priceEach')
    expect(reasons).toEqual([expect.objectContaining({ code: 'TWO_SOURCES', field: 'priceEach', message })])
  })

  test('are compared as they would be stored', () => {
    expect(run(Sale, { priceEach: '99.0', unit_price: 99 }).reasons).toEqual([])
    expect(run(Sale, { soldAt: '2024-01-01', meta: { at: '2024-01-01T00:00:00Z' } }).reasons).toEqual([])
  })

  test('are the columns of a header that has a name twice', () => {
    const read = normaliserOf(Sale).forNames(['product', 'product'])
    expect(read(['a', 'a ']).values.product).toBe('a')
    expect(read(['a', 'b']).reasons[0]).toMatchObject({ code: 'TWO_SOURCES', pointer: '/product' })
  })
})

describe('a nested value', () => {
  test.each([
    [{ meta: { at: '2024-01-01T10:00:00Z' } }, '/meta/at'],
    [{ META: { At: '2024-01-01T10:00:00+00:00' } }, '/META/At'],
    [{ meta: { times: { sold: '2024-01-01 10:00' } } }, '/meta/times/sold'],
  ])('is found in %j', (record, pointer) => {
    const { values, changes } = run(Sale, { ...record, priceEach: '1' })
    expect(values.soldAt).toEqual(new Date('2024-01-01T10:00:00Z'))
    for (const change of changes) expect(change.pointer).toBe(pointer)
  })

  test.each([
    [{ meta: null }],
    [{ meta: 'at' }],
    [{ meta: ['2024-01-01'] }],
    [{ meta: {} }],
    [{ meta: { times: [] } }],
    [{ meta: JSON.parse('{"__proto__":{"at":"2024-01-01"}}') as unknown }],
    [{ meta: Object.create({ at: '2024-01-01' }) as unknown }],
  ])('is not there in %j', (record) => {
    const { values, reasons } = run(Sale, record)
    expect(['soldAt' in values, reasons]).toEqual([false, []])
  })
})

describe('a value that is not given', () => {
  test.each([
    [{ priceEach: '' }, ['DEFAULT']],
    [{ priceEach: '  ' }, ['DEFAULT']],
    [{ priceEach: null }, ['DEFAULT']],
    [{ priceEach: undefined }, ['DEFAULT']],
    [{}, ['DEFAULT']],
    [{ priceEach: 'N/A' }, ['EMPTY_WORD', 'DEFAULT']],
    [{ priceEach: ' UNKNOWN ' }, ['EMPTY_WORD', 'DEFAULT']],
    [{ priceEach: '', unit_price: 'N/A' }, ['EMPTY_WORD', 'DEFAULT']],
  ])('has its default, which is told: %j', (record, whys) => {
    const { values, changes } = run(Sale, record)
    expect([values.priceEach, changes.map(({ why }) => why)]).toEqual(['0.00', whys])
  })

  test('stays out where there is no default', () => {
    expect(Object.keys(run(Sale, { product: '', quantity: ' ', soldAt: '', buyer: null }).values)).toEqual([
      'priceEach',
    ])
  })

  test('is one whose row is too short', () => {
    const read = normaliserOf(Sale).forNames(['product', 'priceEach'])
    expect({ ...read(['pen']).values }).toEqual({ product: 'pen', priceEach: '0.00' })
  })

  test('is not a word that the entity does not name', () => {
    expect(codesOf(Sale, { priceEach: 'ERROR' })).toEqual(['NOT_A_NUMBER'])
    expect(codesOf(Sale, { priceEach: 'n/a' })).toEqual(['NOT_A_NUMBER'])
  })

  test('has no default when it is given and refused', () => {
    expect(run(Sale, { priceEach: '12abc' }).values).not.toHaveProperty('priceEach')
  })

  test('has a default of its own for each record when that is a function', () => {
    let made = 0
    class Numbered {
      @Intake({ default: () => ++made })
      @WholeNumber()
      serial!: number
    }
    const read = normaliserOf(Numbered).forNames([])
    expect([read([]).values.serial, read([]).values.serial]).toEqual([1, 2])
  })
})

describe('a value of our columns', () => {
  test.each([
    [{ product: ' pen ' }, 'pen', ['TRIMMED']],
    [{ product: 'pen' }, 'pen', []],
    [{ product: 12345 }, '12345', ['NUMBER_TO_TEXT']],
    [{ product: 7n }, '7', ['NUMBER_TO_TEXT']],
    [{ buyer: ' Ada@Example.com' }, 'ada@example.com', ['NORMALISED']],
    [{ quantity: '2' }, 2, []],
    [{ quantity: '2.0' }, 2, []],
    [{ quantity: '-0' }, 0, []],
    [{ quantity: '1,234,567' }, 1234567, ['THOUSANDS']],
    [{ quantity: '1.5' }, 1.5, []],
    [{ quantity: 2 }, 2, []],
    [{ id: '9007199254740991' }, 9007199254740991, []],
    [{ weight: '0.1' }, 0.1, []],
    [{ weight: '1e300' }, 1e300, []],
    [{ weight: '-1.5e-300' }, -1.5e-300, []],
    [{ weight: '1,234.5' }, 1234.5, ['THOUSANDS']],
    [{ weight: '-0' }, 0, []],
    [{ weight: ' 7 ' }, 7, ['TRIMMED']],
    [{ weight: 1e300 }, 1e300, []],
    [{ soldAt: '2024-01-01' }, new Date('2024-01-01'), ['DATE_FORMAT', 'ZONE']],
  ])('is read from %p', (record, expected, whys) => {
    const { values } = run(Sale, record)
    expect(values[Object.keys(record)[0] ?? '']).toEqual(expected)
    expect(whysOf(record)).toEqual(whys)
  })

  test('of money is never a double', () => {
    expect(run(Sale, { priceEach: '9007199254740993.01' }).values.priceEach).toBe('9007199254740993.01')
    expect(run(Sale, { priceEach: '1e3' }).values.priceEach).toBe('1000')
    expect(run(Sale, { priceEach: 19.99 }).values.priceEach).toBe(19.99)
  })

  test.each([
    [{ product: true }, 'NOT_TEXT'],
    [{ product: {} }, 'NOT_TEXT'],
    [{ product: ['pen'] }, 'NOT_TEXT'],
    [{ product: 2 ** 53 }, 'INEXACT_NUMBER'],
    [{ product: Number.NaN }, 'INEXACT_NUMBER'],
    [{ quantity: 'many' }, 'NOT_A_NUMBER'],
    [{ quantity: true }, 'NOT_A_NUMBER'],
    [{ quantity: '9007199254740993' }, 'NUMBER_TOO_BIG'],
    [{ quantity: 2 ** 53 }, 'INEXACT_NUMBER'],
    [{ priceEach: 2 ** 53 }, 'INEXACT_NUMBER'],
    [{ priceEach: Number.POSITIVE_INFINITY }, 'NOT_A_NUMBER'],
    [{ priceEach: 'Infinity' }, 'NOT_A_NUMBER'],
    [{ priceEach: {} }, 'NOT_A_NUMBER'],
    [{ weight: 'NaN' }, 'NOT_A_NUMBER'],
    [{ weight: Number.NaN }, 'NOT_A_NUMBER'],
    [{ weight: '1e999' }, 'NUMBER_TOO_BIG'],
    [{ weight: '1e-999' }, 'NUMBER_TOO_BIG'],
    [{ weight: '1,234' }, 'AMBIGUOUS_NUMBER'],
    [{ soldAt: '01/02/2024' }, 'AMBIGUOUS_DATE'],
    [{ soldAt: 1704067200 }, 'NOT_A_DATE'],
  ])('is refused: %p', (record, code) => {
    expect(codesOf(Sale, record)).toEqual([code])
  })
})

describe('a value of plain columns', () => {
  test.each([
    [{ name: ' pen ' }, ' pen '],
    [{ name: ' ' }, ' '],
    [{ big: '9007199254740993' }, '9007199254740993'],
    [{ big: '12' }, 12],
    [{ count: '12' }, 12],
    [{ share: '0.10' }, '0.10'],
    [{ ratio: '0.5' }, 0.5],
    [{ isOpen: 'TRUE' }, true],
    [{ isOpen: false }, false],
    [{ day: '2024-02-29' }, '2024-02-29'],
    [{ day: '2024/02/29' }, '2024-02-29'],
    [{ at: '2024-01-01T10:00:00Z' }, new Date('2024-01-01T10:00:00Z')],
    [{ extra: { a: [1] } }, { a: [1] }],
    [{ custom: { a: 1 } }, { a: 1 }],
  ])('is read from %p', (record, expected) => {
    const { values, reasons } = run(Plain, record)
    expect([values[Object.keys(record)[0] ?? ''], reasons]).toEqual([expected, []])
  })

  test.each([
    [{ count: '1.5' }, 'NOT_A_NUMBER'],
    [{ count: 1.5 }, 'NOT_A_NUMBER'],
    [{ count: '9007199254740993' }, 'NUMBER_TOO_BIG'],
    [{ isOpen: 'yes' }, 'NOT_A_BOOLEAN'],
    [{ isOpen: 1 }, 'NOT_A_BOOLEAN'],
    [{ day: '2023-02-29' }, 'NOT_A_DATE'],
    [{ day: '2024-01-01 10:00' }, 'NOT_A_DATE'],
    [{ day: 20240101 }, 'NOT_A_DATE'],
    [{ at: '2024-01-01' }, 'NO_ZONE'],
  ])('is refused: %p', (record, code) => {
    expect(codesOf(Plain, record)).toEqual([code])
  })
})

describe('what is told of a record', () => {
  test('is one shared list while there is nothing', () => {
    const read = normaliserOf(Plain).forNames(['name'])
    const [first, second] = [read(['a']), read(['b'])]
    expect(first.changes).toBe(second.changes)
    expect(first.reasons).toBe(second.reasons)
    expect(Object.isFrozen(first.changes) && Object.isFrozen(first.reasons)).toBe(true)
  })

  test('says where, from what, to what and why', () => {
    const { changes, reasons } = run(Sale, { 'Price Each': '$1,234.50', 'a/b': 1, qty: 'x'.repeat(100) })
    const change = { field: 'priceEach', pointer: '/Price Each', from: '$1,234.50', to: '1234.50' }
    expect(changes).toEqual([
      { ...change, why: 'CURRENCY_SIGN' },
      { ...change, why: 'THOUSANDS' },
    ])
    expect(reasons).toEqual([
      {
        code: 'NOT_A_NUMBER',
        field: 'quantity',
        pointer: '/qty',
        message: `Quantity is not a number: "${'x'.repeat(59)}…"`,
        fix: 'Write it with digits and a decimal point: 1234.50.',
      },
    ])
  })

  test('of one record does not reach the next', () => {
    const read = normaliserOf(Sale).forNames(['quantity', 'priceEach'])
    expect(read(['x', '$5']).reasons).toHaveLength(1)
    expect(read(['1', '5'])).toMatchObject({ changes: [], reasons: [] })
  })

  test('names every refused value', () => {
    expect(codesOf(Sale, { quantity: 'x', priceEach: '1,234', soldAt: '1/2/2024' })).toEqual([
      'NOT_A_NUMBER',
      'AMBIGUOUS_NUMBER',
      'AMBIGUOUS_DATE',
    ])
  })
})

test('a record cannot change a prototype', () => {
  const record = JSON.parse('{"__proto__":{"admin":true},"constructor":"x","product":"pen"}') as Record<string, unknown>
  const { values } = run(Plain, { ...record, name: 'a' })
  expect(Object.getPrototypeOf(Object.getPrototypeOf(values))).toBeNull()
  expect(Object.keys(values)).toEqual(['name'])
  expect([values.admin, values.constructor, ({} as Record<string, unknown>).admin]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('a reader is made once for an array of names', () => {
  const names = ['product']
  const normaliser = normaliserOf(Sale)
  expect(normaliser.forNames(names)).toBe(normaliser.forNames(names))
})

test('a plan says what is used, unused and missing', () => {
  expect(normaliserOf(Sale).plan(['Product', 'qty', 'Note', 'meta'])).toEqual({
    matches: [
      { property: 'product', name: 'Product', by: 'spelling' },
      { property: 'quantity', name: 'qty', by: 'alias' },
      { property: 'soldAt', name: '/meta/at', by: 'path' },
      { property: 'soldAt', name: '/meta/times/sold', by: 'path' },
    ],
    unused: ['Note'],
    unfed: ['id', 'priceEach', 'buyer', 'weight', 'createdAt'],
    lookalikes: [],
  })
})
