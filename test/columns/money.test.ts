import { validateSync } from 'class-validator'
import { Money } from 'shardyard'
import { normaliseMoney } from 'shardyard/src/columns/money'

describe('normaliseMoney', () => {
  test.each([
    ['1000.00', '1000.00'],
    ['1000', '1000.00'],
    ['1000.', '1000.00'],
    ['0.5', '0.50'],
    ['000.50', '0.50'],
    ['+7', '7.00'],
    ['-7.1', '-7.10'],
    [' 12.30 ', '12.30'],
    ['12.3000', '12.30'],
    ['0', '0.00'],
    ['-0', '0.00'],
    ['-0.00', '0.00'],
    [0, '0.00'],
    [-0, '0.00'],
    [4.35, '4.35'],
    [1.1, '1.10'],
    [999_999.99, '999999.99'],
    [1e3, '1000.00'],
    [1e21, '1000000000000000000000.00'],
    [123n, '123.00'],
    ['99999999999999999999.99', '99999999999999999999.99'],
  ])('brings %p into the form %p', (given, expected) => {
    expect(normaliseMoney(given)).toBe(expected)
  })

  test.each([
    ['1.005'],
    [0.1 + 0.2],
    [1e-3],
    [5e-324],
    [''],
    [' '],
    ['1,000.00'],
    ['1e3'],
    ['0x10'],
    ['$5'],
    ['5-'],
    ['.5'],
    ['Infinity'],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [null],
    [undefined],
    [true],
    ['9'.repeat(50)],
  ])('leaves %p as it is', (given) => {
    expect(normaliseMoney(given)).toBe(given)
  })

  test('leaves objects as they are', () => {
    const given = [{}, [], [1], new Date(), Symbol('five')]
    expect(given.map(normaliseMoney)).toEqual(given)
  })

  test('changes nothing that it has made', () => {
    for (const value of ['0.00', '-7.10', '999999.99']) expect(normaliseMoney(normaliseMoney(value))).toBe(value)
  })
})

class Offer {
  @Money({ min: '-5', max: '10.50' })
  lowestBid!: unknown
}

describe('@Money', () => {
  test.each([
    ['-5.00', []],
    ['10.50', []],
    ['-5.01', ['Lowest bid must be at least -5: -5.01']],
    ['10.51', ['Lowest bid too high: 10.51']],
    ['10.501', ['Lowest bid must have at most 2 decimals: 10.501', 'Lowest bid too high: 10.501']],
    ['-5.001', ['Lowest bid must be at least -5: -5.001', 'Lowest bid must have at most 2 decimals: -5.001']],
    [undefined, ['Lowest bid cannot be None']],
    [null, ['Lowest bid cannot be None']],
    ['ten', ['Lowest bid must be a number']],
  ])('judges %p', (value, messages) => {
    const found = validateSync(Object.assign(new Offer(), { lowestBid: value })).flatMap((error) =>
      Object.values(error.constraints ?? {}),
    )
    expect(found.toSorted()).toEqual(messages)
  })

  test('refuses limits that are no amounts', () => {
    expect(() => Money({ min: 'low' })).toThrow(/expected min and max to be decimal strings/)
    expect(() => Money({ max: '1.005' })).toThrow(/expected min and max to be decimal strings/)
  })
})
