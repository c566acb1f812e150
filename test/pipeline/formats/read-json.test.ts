import * as fc from 'fast-check'
import type { SourceRecord } from 'shardyard/src/pipeline/formats/source-shape'
import { bytesBetween, bytesOf, readMemory, scanMemory } from './memory-source'

const seed = 20_263
/** A record as an object, or what is wrong with it. */
const brief = ({ kind, names, values, reasons }: SourceRecord) =>
  reasons.length > 0
    ? reasons.map(({ code }) => code).join(' ')
    : kind === 'data'
      ? Object.fromEntries(names.map((name, index) => [name, values[index]]))
      : kind
const readAs =
  (format: 'json' | 'ndjson') =>
  async (text: string | Buffer, options = {}) =>
    (await readMemory(text, { format, ...options })).records
const readLines = readAs('ndjson')
const readJson = readAs('json')

describe('an NDJSON line', () => {
  test.each<[string, string, unknown]>([
    ['is an object', '{"a":1}\n{"a":[2]}', [{ a: 1 }, { a: [2] }]],
    ['may end with CRLF', '{"a":1}\r\n\r\n{"a":2}\r\n', [{ a: 1 }, 'blank', { a: 2 }]],
    ['may have blanks around', ' {"a":1}\t\n', [{ a: 1 }]],
    ['is blank when nothing is in it', '\n \t\r\n', ['blank', 'blank']],
    ['may not be another value', '[1]\n1\nnull\n"a"\n', Array(4).fill('NOT_AN_OBJECT')],
    ['is refused alone', '{"a":\n{"a":2}\n{', ['INVALID_JSON', { a: 2 }, 'INVALID_JSON']],
    ['may hold a lone quote without harm to the next', '{"a":"}\n{"a":2}', ['INVALID_JSON', { a: 2 }]],
    ['may not hold a NUL outside of strings', '{"a":1}\0\n', ['INVALID_JSON']],
    ['has letters beyond ASCII', '{"ş":"😀"}\n', [{ ş: '😀' }]],
    ['is not two objects', '{"a":1}{"a":2}\n', ['INVALID_JSON']],
    ['may be an empty object', '{}\n', [{}]],
  ])('%s', async (_, text, expected) => {
    expect((await readLines(text)).map(brief)).toEqual(expected)
  })

  test('with bytes that are not UTF-8 is refused with their offset', async () => {
    const records = await readLines(
      Buffer.concat([Buffer.from('{}\n{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n')]),
    )
    expect(records[1]?.reasons).toMatchObject([
      { code: 'INVALID_ENCODING', message: expect.stringContaining('offset 9 ') },
    ])
  })

  test('beyond the limit is refused', async () => {
    const records = await readLines(`{"a":1}\n{"a":"${'x'.repeat(50)}"}\n{"a":2}`, { recordBytes: 20 })
    expect(records.map(brief)).toEqual([{ a: 1 }, 'LINE_TOO_LONG', { a: 2 }])
  })

  test('shares its names with lines of the same keys', async () => {
    const records = await readLines('{"a":1,"b":2}\n{"b":1,"a":2}\n{"a":3,"b":4}\n{"b":5,"a":6}\n')
    expect(records[2]?.names).toBe(records[0]?.names)
    expect(records[3]?.names).toBe(records[1]?.names)
    expect(records[1]?.names).not.toBe(records[0]?.names)
    expect(records[1]).toMatchObject({ names: ['b', 'a'], values: [1, 2] })
  })

  test('may be UTF-16', async () => {
    const records = await readLines(Buffer.from('\ufeff{"ş":"😀"}\r\n{"a":2}', 'utf16le'))
    expect(records.map(brief)).toEqual([{ ş: '😀' }, { a: 2 }])
    expect(records.map(({ line, offset, length }) => [line, offset, length])).toEqual([
      [1, 2, 20],
      [2, 26, 14],
    ])
  })
})

describe('a JSON document', () => {
  test.each<[string, string, unknown]>([
    ['may be an empty list', ' [ \n] ', []],
    ['may be blank', ' \n', []],
    ['is a list of objects', '[{"a":1} , \n {"a":[{"b":"]"}]}\n]\n', [{ a: 1 }, { a: [{ b: ']' }] }]],
    ['may be one object', '\n{"a":1,\n"b":[2]}\n', [{ a: 1, b: [2] }]],
    ['may hold its list as a member', '{"total":2,"users":[{"a":1},{"a":2}],"more":{"x":[1]}}', [{ a: 1 }, { a: 2 }]],
    ['may hold an empty list as a member', '{"skip":[1],"users":[]}', []],
    ['has objects as elements', '[1,[{}],null,{}]', ['NOT_AN_OBJECT', 'NOT_AN_OBJECT', 'NOT_AN_OBJECT', {}]],
    [
      'may hold one that is nested too deep',
      `[{"a":${'[{"b":'.repeat(900)}1${'}]'.repeat(900)}},{"a":2}]`,
      ['TOO_DEEP', { a: 2 }],
    ],
    ['may have strings with brackets and escapes', '[{"a":"}],\\"{["},{"b":"\\\\"}]', [{ a: '}],"{[' }, { b: '\\' }]],
    ['refuses an empty element', '[{},,{}]', [{}, 'INVALID_JSON', {}]],
    ['refuses a comma at the end', '[{},\n]', [{}, 'INVALID_JSON']],
    ['refuses nothing but commas', '[,]', ['INVALID_JSON', 'INVALID_JSON']],
    ['refuses two elements without a comma', '[{"a":1} {"a":2},{"a":3}]', ['INVALID_JSON', { a: 3 }]],
    ['loses one element to a bracket of the wrong kind', '[{"a":[1},{"a":2}]', ['INVALID_JSON', { a: 2 }]],
    ['loses one element to a bracket too many', '[{"a":1}},{"a":2}]', ['INVALID_JSON', { a: 2 }]],
    ['loses one element to a string that is not closed', '[{"a":"x\n},{"a":2}]', ['INVALID_JSON', { a: 2 }]],
    ['loses one element to what is no value', '[{"a":x},nope,{"a":2}]', ['INVALID_JSON', 'INVALID_JSON', { a: 2 }]],
    ['loses the rest to a bracket that is not closed', '[{"a":1},{"a":2,{"a":3},{"a":4}]', [{ a: 1 }, 'INVALID_JSON']],
    ['that is cut off in an element says so', '[{"a":1},{"a":', [{ a: 1 }, 'CUT_OFF']],
    ['that is cut off in a string says so', '[{"a":1},{"a', [{ a: 1 }, 'CUT_OFF']],
    ['that is cut off after an element says so', '[{"a":1}\n', [{ a: 1 }, 'CUT_OFF']],
    ['that is cut off after a comma says so', '[{"a":1},\n', [{ a: 1 }, 'CUT_OFF']],
    ['that is cut off after its bracket says so', '[', ['CUT_OFF']],
    ['with something after it has one record more', '[{"a":1}] x\n[2]', [{ a: 1 }, 'TEXT_AFTER_END']],
    ['that is one object with something after it is no JSON', '{"a":1} x', ['INVALID_JSON']],
    ['with a member that is cut off after the list says so', '{"users":[{"a":1}]\n', [{ a: 1 }, 'CUT_OFF']],
    ['with a broken end after its list has one record more', '{"users":[{"a":1}], oops', [{ a: 1 }, 'TEXT_AFTER_END']],
  ])('%s', async (_, text, expected) => {
    expect((await readJson(text)).map(brief)).toEqual(expected)
  })

  test('gives each element its line, offset and length', async () => {
    const records = await readJson('\ufeff[\n {"ş":1},\n{\n"a":2},,\n3 \n]')
    expect(records.map(({ line, offset, length }) => [line, offset, length])).toEqual([
      [2, 6, 8],
      [3, 16, 8],
      [4, 25, 0],
      [5, 27, 1],
    ])
  })

  test('ends a string that is not closed before its line end', async () => {
    const records = await readJson('["x \n,{"a":1}]')
    expect(records.map(({ line, offset, length }) => [line, offset, length])).toEqual([
      [1, 1, 3],
      [2, 6, 7],
    ])
  })

  test('has a long element in a chunk of its own, which needs no bytes', async () => {
    const { scan, records } = await readMemory(`[{"a":1},{"a":"${'x'.repeat(40)}"},{"a":2}]`, { recordBytes: 20 })
    expect(scan.chunks.map(({ refused, offset, length }) => [refused, offset, length])).toEqual([
      [undefined, 1, 7],
      ['RECORD_TOO_LONG', 9, 48],
      [undefined, 58, 7],
    ])
    expect(records.map(brief)).toEqual([{ a: 1 }, 'RECORD_TOO_LONG', { a: 2 }])
  })

  test('may say which member holds the list', async () => {
    const text = '{"a":[{"x":1}],"b":[{"x":2}],"c":1}'
    expect((await readJson(text, { path: 'b' })).map(brief)).toEqual([{ x: 2 }])
    expect((await readJson('{"ç":[{"x":1}],"ş":[{"x":2}]}', { path: 'ş' })).map(brief)).toEqual([{ x: 2 }])
    expect((await scanMemory('{"n":[{"x":1}]}')).shape).toMatchObject({ format: 'json', path: 'n', bodyOffset: 6 })
  })

  test.each<[string, string, object, string]>([
    ['is no list and no object', ' 1', {}, 'neither [ nor { (byte 1)'],
    ['has two lists and no path', '{"a":[{"x":1}],"b":[{"x":2}]}', {}, 'several lists of objects: "a" and "b"'],
    ['has its list twice', '{"a":[{"x":1}],"a":[{"x":2}]}', { path: 'a' }, 'the member "a" twice'],
    ['has no such member', '{"a":[{"x":1}]}', { path: 'b' }, 'no list "b"'],
    ['is a list and has a path', '[]', { path: 'b' }, 'has no member "b"'],
  ])('is refused when it %s', async (_, text, options, message) => {
    await expect(readJson(text, options)).rejects.toMatchObject({
      code: 'SY_SOURCE_UNREADABLE',
      message: expect.stringContaining(message),
    })
  })

  test('that opens a million brackets is one record, judged in linear time', async () => {
    const start = performance.now()
    for (const text of [
      '['.repeat(1_000_001),
      `[${'{"a":'.repeat(500_000)}`,
      `[${'[{'.repeat(500)}${'}]'.repeat(500_000)}`,
    ]) {
      const records = await readJson(text)
      expect(records.every(({ reasons }) => reasons.length > 0)).toBe(true)
      expect(records.length).toBeLessThan(3)
    }
    expect(performance.now() - start).toBeLessThan(5_000)
  })
})

const FILES: readonly (readonly [string, string | Buffer])[] = [
  ['list', '[{"a":1} , \n{"b":"]\\"}{"}\t,{"c":[{},[1]]}]\n'],
  ['list with empty elements', '[ ,{"a":1},, \n]'],
  ['broken list', '[{"a":[1},{"b":"x\n}, nope ,{"c":1}}]]'],
  ['list with strings that its lines end', '[{"a":"x \r\n,"b\n  ,{"c":1},"d\n]'],
  ['list that is cut off', '[{"a":1},{"b":"ş'],
  ['list with text after it', '[{"a":1}]\n\n x, {"b":2}] \n'],
  ['list in a member', '\ufeff{"n":1,\n"ş":[{"a":1},\n{"b":2}]\n,"m":2}\n'],
  ['list in a member that is cut off', '{"n":[{"a":1},{"b":2}]\n \n'],
  ['list with long elements', `[{"a":"${'x'.repeat(30)}"},{"b":2},"${'y'.repeat(29)}\n${'z'.repeat(30)}]`],
  ['one object', ' \n{"a":{"b":\n[]}} \n'],
  ['UTF-16 list', Buffer.from('\ufeff[{"ş":1},\n{"a":"😀"}]', 'utf16le')],
  ['UTF-16 list with half a letter', Buffer.concat([Buffer.from('\ufeff[{"a":1},2', 'utf16le'), Buffer.from([0x31])])],
]

describe.each(FILES)('a %s', (_, content) => {
  test('gives the same records however it is cut and read', async () => {
    const bytes = bytesOf(content)
    const options = { format: 'json', recordBytes: 32 } as const
    const whole = await readMemory(bytes, options)
    for (let chunkBytes = 1; chunkBytes <= bytes.length; chunkBytes++) {
      for (let readBytes = 1; readBytes <= bytes.length; readBytes += 1 + Math.floor(readBytes / 4)) {
        const { scan, records } = await readMemory(bytes, { ...options, chunkBytes, readBytes })
        expect({ chunkBytes, readBytes, records }).toEqual({ chunkBytes, readBytes, records: whole.records })
        expect(scan.records).toBe(records.length)
      }
    }
  })
})

describe('JSON lists of any kind', () => {
  const value = fc.jsonValue({ maxDepth: 2 })
  const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '\n', ' ', 'x', '{"a":1}', '"b"', '[1]')

  test('that are valid give their elements', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string({ minLength: 1 }), value)),
        fc.constantFrom(undefined, 1),
        async (list, space) => {
          const records = await readJson(JSON.stringify(list, null, space))
          expect(records).toHaveLength(list.length)
          for (const [index, record] of records.entries()) {
            if (record.reasons.length === 0) expect(brief(record)).toEqual(JSON.parse(JSON.stringify(list[index])))
          }
        },
      ),
      { seed, numRuns: 400 },
    )
  })

  test('that are broken lose nothing, and are the same however they are cut', async () => {
    const sizes = fc.integer({ min: 1, max: 30 })
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 25 }), sizes, sizes, async (parts, chunkBytes, readBytes) => {
        const bytes = Buffer.from(`[${parts.join('')}`)
        const options = { format: 'json', recordBytes: 24 } as const
        const whole = await readMemory(bytes, options)
        const cut = await readMemory(bytes, { ...options, chunkBytes, readBytes })
        expect(cut.records).toEqual(whole.records)
        for (const between of bytesBetween(bytes, whole.records)) expect(between).toMatch(/^[[\],\s]*$/)
        const isValid = whole.records.every(({ reasons }) => reasons.every(({ code }) => code === 'NOT_AN_OBJECT'))
        if (!isValid) return
        expect(JSON.parse(bytes.toString())).toHaveLength(whole.records.length)
      }),
      { seed, numRuns: 4_000 },
    )
  })
})
