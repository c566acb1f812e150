import { validateSync } from 'class-validator'
import { getMetadataArgsStorage } from 'typeorm'
import { Choice } from 'shardyard'
import { fieldsOf } from 'shardyard/src/columns/field-registry'

class Parcel {
  @Choice(['NEW', 'SENT'])
  state!: unknown

  @Choice(['EUR', 'USD'], { letters: 'upper', length: 8, label: 'Currency', message: (value) => `No ${value} here` })
  paidIn!: unknown

  @Choice(['left-hand', 'right hand'], { letters: 'lower' })
  side!: unknown
}

const good = { state: 'NEW', paidIn: 'EUR', side: 'left-hand' }
const messagesOf = (values: object): string[] =>
  validateSync(Object.assign(new Parcel(), good, values)).flatMap((error) => Object.values(error.constraints ?? {}))
const normalise = (property: string, value: unknown) => fieldsOf(Parcel).get(property)?.normalise?.(value)

describe('@Choice', () => {
  test.each([
    [{}, []],
    [{ state: 'SENT' }, []],
    [{ state: 'sent' }, ['State must be one of NEW, SENT: sent']],
    [{ state: 'LOST' }, ['State must be one of NEW, SENT: LOST']],
    [{ state: '' }, ['State cannot be empty']],
    [{ state: null }, ['State cannot be empty']],
    [{ state: 5 }, ['State must be a string']],
    [{ state: 'N\u0000W' }, ['State has characters that cannot be stored']],
    [{ state: 'constructor' }, ['State must be one of NEW, SENT: constructor']],
    [{ paidIn: 'JPY' }, ['No JPY here']],
    [{ paidIn: undefined }, ['Currency cannot be empty']],
  ])('judges %j', (values, messages) => {
    expect(messagesOf(values)).toEqual(messages)
  })

  test('trims, and brings letters into the case of the column', () => {
    expect(normalise('state', ' New ')).toBe('New')
    expect(normalise('paidIn', ' eur\n')).toBe('EUR')
    expect(normalise('side', 'Right Hand')).toBe('right hand')
    expect(normalise('paidIn', 5)).toBe(5)
  })

  test('makes the column as long as its longest value, or as it is told', () => {
    const columns = getMetadataArgsStorage().filterColumns(Parcel)
    expect(columns.map(({ options }) => [options.type, options.length])).toEqual([
      ['varchar', 4],
      ['varchar', 8],
      ['varchar', 10],
    ])
  })

  test('lists its values in SQL', () => {
    const rule = fieldsOf(Parcel)
      .get('side')
      ?.rules.find(({ code }) => code === 'NOT_ALLOWED')
    expect(rule?.sql?.('side', {} as never)).toBe("side IN ('left-hand', 'right hand')")
  })

  test.each([[[]], [['']], [[' NEW']], [["it's"]], [['a\\b']], [['a\nb']]])('refuses the values %j', (values) => {
    expect(() => Choice(values)).toThrow(/@Choice: expected plain values/)
  })

  test('refuses values that are not in the case or length of the column', () => {
    expect(() => Choice(['new'], { letters: 'upper' })).toThrow('got "new"')
    expect(() => Choice(['NEW'], { length: 2 })).toThrow('got 1 values in 2 characters')
  })
})
