import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as fc from 'fast-check'
import { checkJson } from 'shardyard/src/pipeline/formats/json-check'
import { resolveScanOptions } from 'shardyard/src/pipeline/formats/scan-options'
import { unitDecoder, unitText } from 'shardyard/src/pipeline/formats/text-encoding'

const SUITE = resolve(__dirname, '../../../../shared/data/jsontestsuite')
const { limits } = resolveScanOptions()
const seed = 20_262

const reasonsOf = (text: string, options = {}) =>
  checkJson(text, { ...limits, ...options }).reasons.map(({ code, pointer }) => `${code} ${pointer}`)

/** The codes for a whole text of bytes, as the readers judge it. */
function codesOf(bytes: Buffer): string[] {
  const text = unitText(bytes, 'utf-8')
  const decoder = unitDecoder(bytes, text, 'utf-8')
  const decoded = decoder.decode(0, text.length)
  if (decoder.invalidAt !== -1) return ['INVALID_ENCODING']
  return checkJson(decoded, limits).reasons.map(({ code }) => code)
}

describe('a JSON text', () => {
  test.each<[string, string, readonly string[]]>([
    ['may be any value', '[1,"a",null,true,{}]', []],
    ['may be 64 levels deep', `${'['.repeat(64)}${']'.repeat(64)}`, []],
    ['may not be deeper', `${'['.repeat(65)}${']'.repeat(65)}`, ['TOO_DEEP ']],
    ['may not be deeper in objects', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, ['TOO_DEEP ']],
    ['has a key once', '{"a":1,"a":2}', ['DUPLICATE_KEY /a']],
    ['has a key once, however it is written', '{"a":1,"\\u0061":2}', ['DUPLICATE_KEY /a']],
    ['has a key once in each object', '{"a":{"b":1},"b":[{"b":1},{"b":1,"b":2}]}', ['DUPLICATE_KEY /b/1/b']],
    ['counts the places of each list anew', '{"a":[[0,1],[{"x":1,"x":2}]]}', ['DUPLICATE_KEY /a/1/0/x']],
    ['tells keys apart that begin alike', '{"a":1,"a\\\\":2,"a\\"":3}', []],
    ['points with escapes', '{"a/b~c":{"x":1,"x":2}}', ['DUPLICATE_KEY /a~1b~0c/x']],
    ['has no key __proto__', '{"a":{"__proto__":1}}', ['FORBIDDEN_KEY /a/__proto__']],
    ['has no key __proto__ in escapes', '{"\\u005f_proto__":1}', ['FORBIDDEN_KEY /__proto__']],
    [
      'has no key constructor or prototype',
      '{"constructor":{"prototype":1}}',
      ['FORBIDDEN_KEY /constructor', 'FORBIDDEN_KEY /constructor/prototype'],
    ],
    ['may have such values', '["__proto__","constructor"]', []],
    ['has no half of a surrogate pair', '{"a":"\\ud800"}', ['INVALID_ENCODING /a']],
    ['has no half of a surrogate pair in a key', '{"\\udc00":1}', ['INVALID_ENCODING /\udc00']],
    ['may have both halves', '{"a":"\\ud83d\\ude00"}', []],
    ['has escapes that are no surrogates', '{"a":"\\\\ud800"}', []],
    [
      'names all that is wrong',
      '{"a":9007199254740993,"a":1e400}',
      ['UNSAFE_INTEGER /a', 'DUPLICATE_KEY /a', 'INEXACT_NUMBER /a'],
    ],
    ['that is no JSON has that reason alone', '{"a":1,"a":2', ['INVALID_JSON ']],
    ['may not be empty', '', ['INVALID_JSON ']],
  ])('%s', (_, text, reasons) => {
    expect(reasonsOf(text)).toEqual(reasons)
  })

  test('has so many keys and no more', () => {
    const object = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i])))
    expect(reasonsOf(object(2_048))).toEqual([])
    expect(reasonsOf(`[${object(2_048)},{"a":1}]`)).toEqual(['TOO_MANY_KEYS '])
  })

  test('has a key once among many', () => {
    const keys = Array.from({ length: 100 }, (_, index) => `"k${index}":1`)
    expect(reasonsOf(`{${[...keys, '"k0":2', '"k99":2'].join(',')}}`)).toEqual([
      'DUPLICATE_KEY /k0',
      'DUPLICATE_KEY /k99',
    ])
  })

  test('may have the same many keys in several objects', () => {
    const object = `{${Array.from({ length: 100 }, (_, index) => `"k${index}":1`).join(',')}}`
    expect(reasonsOf(`[${object},${object},{"k1":${object}}]`)).toEqual([])
  })

  test('has strings and numbers that are not too long', () => {
    expect(reasonsOf('{"a":"12345","b":"123456"}', { stringLength: 5 })).toEqual(['VALUE_TOO_LONG /b'])
    expect(reasonsOf(`[${'0'.repeat(1)}.${'0'.repeat(40)}]`, { numberLength: 20 })).toEqual(['VALUE_TOO_LONG /0'])
  })

  test('that is hostile has a bounded list of reasons', () => {
    expect(reasonsOf(`{${'"a":1,'.repeat(10_000)}"b":1}`, { jsonKeys: 100_000 })).toHaveLength(20)
  })

  test('is not repeated in a message', () => {
    for (const text of ['{"secret": "hunter2" "x"}', 'hunter2', '"hunter2', '{"hunter2":1,"hunter2":2}', '[hunter2]']) {
      const { reasons } = checkJson(text, limits)
      for (const { message, fix } of reasons) expect(message + fix).not.toContain('hunter2')
      expect(reasons).toHaveLength(1)
    }
  })
})

describe('a JSON number', () => {
  test.each([
    '0',
    '-0',
    '0.1',
    '-0.1',
    '1.0',
    '1.50',
    '100',
    '1e2',
    '1E+2',
    '29.99',
    '123456789012345',
    '9007199254740991',
    '-9007199254740991',
    '0.30000000000000004',
    '0.14285714285714285',
    '0.10000000000000001',
    '5e-324',
    '1.7976931348623157e308',
    '0.000000000000000000000000000001',
    '1e22',
    '0e400',
    '0.0000000000000000000',
    '12.0000000000000000',
  ])('%s is kept', (literal) => {
    expect(reasonsOf(literal)).toEqual([])
  })

  test.each([
    ['9007199254740992', 'UNSAFE_INTEGER'],
    ['9007199254740993', 'UNSAFE_INTEGER'],
    ['-9007199254740993', 'UNSAFE_INTEGER'],
    ['100000000000000000000', 'UNSAFE_INTEGER'],
    ['9007199254740993.0', 'INEXACT_NUMBER'],
    ['9007199254740993e0', 'INEXACT_NUMBER'],
    ['1e400', 'INEXACT_NUMBER'],
    ['-1E400', 'INEXACT_NUMBER'],
    ['1e-400', 'INEXACT_NUMBER'],
    ['3.14159265358979323846', 'INEXACT_NUMBER'],
    ['123456789.123456789012', 'INEXACT_NUMBER'],
    [`0.${'1'.repeat(101)}`, 'INEXACT_NUMBER'],
    [`1${'0'.repeat(400)}`, 'VALUE_TOO_LONG'],
  ])('%s is refused as %s', (literal, code) => {
    expect(reasonsOf(literal)).toEqual([`${code} `])
    expect(reasonsOf(`{"a":[0,${literal}]}`)).toEqual([`${code} /a/1`])
  })

  test('that JavaScript writes is kept', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const isUnsafe = Number.isInteger(value) && !Number.isSafeInteger(value) && !/e/.test(String(value))
        expect(reasonsOf(String(value))).toEqual(isUnsafe ? ['UNSAFE_INTEGER '] : [])
      }),
      { seed, numRuns: 3_000 },
    )
  })
})

describe('JSON of any kind', () => {
  const accepts = (text: string) => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '"\\u0061"',
    '\\',
    '1',
    '-0',
    '1e5',
    'null',
    ' ',
    '\n',
    'x',
    '{"b":[1,{}]}',
  )

  test('is accepted where JSON.parse accepts it, and never makes it throw', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        expect(reasonsOf(text).includes('INVALID_JSON ')).toBe(!accepts(text))
      }),
      { seed, numRuns: 10_000 },
    )
  })

  test('that JSON.stringify writes is accepted and means the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value)
        const verdict = checkJson(text, limits)
        expect(verdict.value).toEqual(JSON.parse(text))
        const codes = verdict.reasons.map(({ code }) => code)
        for (const code of codes) expect(['UNSAFE_INTEGER', 'FORBIDDEN_KEY', 'INVALID_ENCODING']).toContain(code)
      }),
      { seed, numRuns: 1_000 },
    )
  })
})

const names = existsSync(SUITE) ? readdirSync(SUITE).filter((name) => name.endsWith('.json')) : []
const judge = (name: string) => codesOf(readFileSync(join(SUITE, name)))
const isRefused = (codes: readonly string[]) =>
  codes.some((code) => code === 'INVALID_JSON' || code === 'INVALID_ENCODING')
const testSuite = names.length > 0 ? test : test.skip

testSuite('the 95 valid texts of the JSON test suite are accepted', () => {
  const valid = names.filter((name) => name.startsWith('y_'))
  expect(valid).toHaveLength(95)
  expect(valid.filter((name) => isRefused(judge(name)))).toEqual([])
})

testSuite('the 188 broken texts of the JSON test suite are refused', () => {
  const broken = names.filter((name) => name.startsWith('n_'))
  expect(broken).toHaveLength(188)
  expect(broken.filter((name) => !isRefused(judge(name)))).toEqual([])
})

testSuite('the undecided texts of the JSON test suite are judged without a crash', () => {
  for (const name of names.filter((each) => each.startsWith('i_'))) expect(Array.isArray(judge(name))).toBe(true)
})
