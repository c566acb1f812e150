import type { NumberReading } from 'shardyard'
import { Notes, REFUSED } from 'shardyard/src/pipeline/normalise/notes'
import { readDecimal } from 'shardyard/src/pipeline/normalise/read-decimal'

function read(text: string, rule: NumberReading = {}) {
  const notes = new Notes()
  const value = readDecimal(text, notes, rule)
  return value === REFUSED ? (notes.refusal?.code ?? 'no reason') : [value, ...notes.whys]
}

describe('readDecimal', () => {
  test.each([
    ['0', '0'],
    ['-12.5', '-12.5'],
    ['1234.50', '1234.50'],
    ['1.234', '1.234'],
    ['+7', '7'],
    ['007', '7'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    ['1.25E1', '12.5'],
    ['-1.5e-3', '-0.0015'],
    ['12e-1', '1.2'],
    ['0e9', '0'],
    ['99999999999999999999.99', '99999999999999999999.99'],
  ])('reads %j of machines as %s and changes nothing', (text, expected) => {
    expect(read(text)).toEqual([expected])
  })

  test.each([
    [' 7 ', ['7', 'TRIMMED']],
    ['1,234.50', ['1234.50', 'THOUSANDS']],
    ['1.234,50', ['1234.50', 'THOUSANDS', 'DECIMAL_COMMA']],
    ['1 234,50', ['1234.50', 'THOUSANDS', 'DECIMAL_COMMA']],
    ['1\u00a0234\u00a0567,5', ['1234567.5', 'THOUSANDS', 'DECIMAL_COMMA']],
    ['1\u2009234', ['1234', 'THOUSANDS']],
    ['1\u202f234.5', ['1234.5', 'THOUSANDS']],
    ["1'234.50", ['1234.50', 'THOUSANDS']],
    ['1’234’567', ['1234567', 'THOUSANDS']],
    ['1,234,567', ['1234567', 'THOUSANDS']],
    ['1.234.567', ['1234567', 'THOUSANDS']],
    ['1,234,567.891', ['1234567.891', 'THOUSANDS']],
    ['1 234,567', ['1234.567', 'THOUSANDS', 'DECIMAL_COMMA']],
    ['12,5', ['12.5', 'DECIMAL_COMMA']],
    ['0,123', ['0.123', 'DECIMAL_COMMA']],
    ['1234,567', ['1234.567', 'DECIMAL_COMMA']],
    ['$12', ['12', 'CURRENCY_SIGN']],
    ['$ 1,234.50', ['1234.50', 'CURRENCY_SIGN', 'THOUSANDS']],
    ['12,50 €', ['12.50', 'CURRENCY_SIGN', 'DECIMAL_COMMA']],
    ['12,50\u00a0€', ['12.50', 'CURRENCY_SIGN', 'DECIMAL_COMMA']],
    ['£9', ['9', 'CURRENCY_SIGN']],
    ['¥100', ['100', 'CURRENCY_SIGN']],
    ['₺12', ['12', 'CURRENCY_SIGN']],
    ['USD 12.50', ['12.50', 'CURRENCY_SIGN']],
    ['12.50 USD', ['12.50', 'CURRENCY_SIGN']],
    ['12,50 TL', ['12.50', 'CURRENCY_SIGN', 'DECIMAL_COMMA']],
    ['-$12.50', ['-12.50', 'CURRENCY_SIGN']],
    ['$-12.50', ['-12.50', 'CURRENCY_SIGN']],
    ['(12.50)', ['-12.50', 'PARENTHESES']],
    ['($1,234.50)', ['-1234.50', 'PARENTHESES', 'CURRENCY_SIGN', 'THOUSANDS']],
    ['$(12.5)', ['-12.5', 'CURRENCY_SIGN', 'PARENTHESES']],
    ['12-', ['-12', 'TRAILING_MINUS']],
    ['\u221212.5', ['-12.5', 'MINUS_SIGN']],
  ])('reads %j as %j and tells how', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  test.each(['1,234', '-1,234', '999,000', '01,234', '€ 1.234', '1.234 EUR', '(1.234)', '1.234-'])(
    'refuses %j, which may be read in two ways',
    (text) => {
      expect(read(text)).toBe('AMBIGUOUS_NUMBER')
    },
  )

  test.each([
    '',
    ' ',
    '-',
    '.',
    'e5',
    '$',
    '12abc',
    'abc',
    'Infinity',
    '-Infinity',
    'NaN',
    'inf',
    '0x10',
    '0b1',
    '12%',
    '50 %',
    '1,23,456',
    '1,234.567.8',
    '1 234 56',
    "1 234'567",
    '1,234,56',
    '0,123,456',
    '1_000',
    '--12',
    '+-12',
    '-12-',
    '(-12)',
    '-(12)',
    '((12))',
    '(12',
    '$12 USD',
    '$$12',
    'ABC 12',
    '12 XX',
    '１２',
    '٣',
    '1e',
    '1e5.5',
    '1,5e3',
    '1/2',
    '12:30',
    '9'.repeat(61),
  ])('refuses %j, which is no number', (text) => {
    expect(read(text)).toBe('NOT_A_NUMBER')
  })

  test.each(['1e400', '1e-400', '1e999', '1e9999', '9'.repeat(41)])('refuses %j, which is too big', (text) => {
    expect(read(text)).toBe('NUMBER_TOO_BIG')
  })

  test.each([
    ['1,234', '.', ['1234', 'THOUSANDS']],
    ['1.234', '.', ['1.234']],
    ['€ 1.234', '.', ['1.234', 'CURRENCY_SIGN']],
    ['12,50', '.', 'NOT_A_NUMBER'],
    ['1.234,50', '.', 'NOT_A_NUMBER'],
    ['1 234,567', '.', 'NOT_A_NUMBER'],
    ['1.234', ',', ['1234', 'THOUSANDS']],
    ['1,234', ',', ['1.234', 'DECIMAL_COMMA']],
    ['12.50', ',', 'NOT_A_NUMBER'],
    ['1,234.50', ',', 'NOT_A_NUMBER'],
    ['1,234,567', ',', 'NOT_A_NUMBER'],
    ['1.234.567,8', ',', ['1234567.8', 'THOUSANDS', 'DECIMAL_COMMA']],
    ['1234', ',', ['1234']],
    ['1e3', ',', ['1000']],
  ] as const)('reads %j with the decimal separator %j as %j', (text, decimal, expected) => {
    expect(read(text, { decimal })).toEqual(expected)
  })

  test('refuses a currency where the rule says that there is none', () => {
    for (const text of ['$12', '12 EUR', '(€5)']) expect(read(text, { currency: 'none' })).toBe('NOT_A_NUMBER')
    expect(read('1,234.50', { currency: 'none' })).toEqual(['1234.50', 'THOUSANDS'])
  })

  test('says both readings of an ambiguous number', () => {
    const notes = new Notes()
    readDecimal('1,234', notes, {})
    expect(notes.refusal).toEqual({
      code: 'AMBIGUOUS_NUMBER',
      message: 'may be 1234 or 1.234: "1,234"',
      fix: 'Write it without a separator of thousands, or declare the decimal separator of the source.',
    })
  })
})
