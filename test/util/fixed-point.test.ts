import * as fc from 'fast-check'
import { decimalOf, dividedRounded, unitsOf } from 'shardyard/src/util/fixed-point'

test('a decimal becomes its units and comes back', () => {
  const property = fc.property(fc.bigInt(), fc.integer({ min: 0, max: 6 }), (units, scale) => {
    expect(unitsOf(decimalOf(units, scale), scale)).toBe(units)
  })
  fc.assert(property)
})

test.each([
  ['12.3', 2, 1230n],
  ['-0.05', 2, -5n],
  ['7', 2, 700n],
  ['1.2000', 2, 120n],
] as const)('%s with %i decimals is %s units', (text, scale, units) => {
  expect(unitsOf(text, scale)).toBe(units)
})

test.each(['', '1e3', 'NaN', '1.005', '--1'])('"%s" is no decimal with two digits', (text) => {
  expect(() => unitsOf(text, 2)).toThrow(RangeError)
})

test.each([
  [5n, 2n, 3n],
  [-5n, 2n, -3n],
  [4n, 3n, 1n],
  [-4n, 3n, -1n],
] as const)('%s by %s is %s', (units, by, quotient) => {
  expect(dividedRounded(units, by)).toBe(quotient)
})
