import { validateSync } from 'class-validator'
import { getMetadataArgsStorage } from 'typeorm'
import { CreatedAt, GeneratedId, Instant, Money, References, Text, WholeNumber } from 'shardyard'
import { User } from 'shardyard/entities'
import { fieldsOf, labelOf } from 'shardyard/src/columns/field-registry'
import { referencesOf } from 'shardyard/src/columns/references'

class Base {
  @GeneratedId()
  id!: unknown

  @References(() => User)
  @WholeNumber({ min: 1 })
  ownerId!: unknown
}

class Parcel extends Base {
  @WholeNumber({ min: -5, max: 300 })
  weightKg!: unknown

  @Text({ label: 'Sent to' })
  target!: unknown

  @Instant()
  sentAt!: unknown

  @Money()
  price!: unknown

  @CreatedAt()
  createdAt!: Date
}

const good = { ownerId: 1, weightKg: 1, target: 'x', sentAt: new Date(), price: '1.00' }
const messagesOf = (values: object): string[] =>
  validateSync(Object.assign(new Parcel(), good, values)).flatMap((error) => Object.values(error.constraints ?? {}))

describe('labelOf', () => {
  test.each([
    ['name', 'Name'],
    ['userId', 'User ID'],
    ['id', 'ID'],
    ['createdAt', 'Created at'],
    ['first_name', 'First name'],
    ['order2Id', 'Order2 ID'],
    ['identity', 'Identity'],
  ])('%s is “%s”', (property, label) => {
    expect(labelOf(property)).toBe(label)
  })
})

describe('the column decorators', () => {
  test('keep the fields of a class with those of its parents first', () => {
    expect([...fieldsOf(Parcel).keys()]).toEqual(['id', 'ownerId', 'weightKg', 'target', 'sentAt', 'price'])
    expect([...fieldsOf(Base).keys()]).toEqual(['id', 'ownerId'])
    expect(fieldsOf(Date).size).toBe(0)
    expect(fieldsOf(undefined).size).toBe(0)
  })

  test('keep the references of a class and its parents', () => {
    expect(referencesOf(Parcel).map(({ property, target }) => [property, target()])).toEqual([['ownerId', User]])
  })

  test.each([
    [{}, []],
    [{ weightKg: -5 }, []],
    [{ weightKg: -6 }, ['Weight kg must be at least -5: -6']],
    [{ weightKg: 301 }, ['Weight kg too high: 301']],
    [{ weightKg: 1.5 }, ['Weight kg must be a whole number']],
    [{ weightKg: Number.NaN }, ['Weight kg must be a whole number']],
    [{ weightKg: '5' }, ['Weight kg must be a number']],
    [{ weightKg: 5n }, ['Weight kg must be a number']],
    [{ weightKg: true }, ['Weight kg must be a number']],
    [{ weightKg: null }, ['Weight kg cannot be None']],
    [{ id: 0 }, ['ID must be positive: 0']],
    [{ id: undefined }, []],
    [{ ownerId: 2 ** 53 }, ['Owner ID must be a whole number']],
    [{ target: '' }, ['Sent to cannot be empty']],
    [{ sentAt: undefined }, ['Sent at cannot be None']],
    [{ sentAt: '2020-01-01' }, ['Sent at must be a date']],
    [{ sentAt: new Date('never') }, ['Sent at must be a date']],
  ])('judge %p', (values, messages) => {
    expect(messagesOf(values)).toEqual(messages)
  })

  test('choose the column types', () => {
    const types = getMetadataArgsStorage()
      .filterColumns([Base, Parcel])
      .map(({ propertyName, options }) => [propertyName, options.type])
    expect(Object.fromEntries(types)).toEqual({
      id: 'bigint',
      ownerId: 'bigint',
      weightKg: 'integer',
      target: 'varchar',
      sentAt: 'datetime',
      price: 'decimal',
      createdAt: 'datetime',
    })
  })
})
