import { readMemory, scanMemory } from './memory-source'

describe('the shape of a source', () => {
  test.each([
    ['comma', ',', 'a,b\n1,2\n'],
    ['semicolon', ';', 'a;b\n1,5;2,5\n'],
    ['tab', '\t', 'a\tb\n1,5\t2\n'],
    ['bar', '|', 'a|b;c\n1|2\n3|4'],
    ['semicolon among commas in quotes', ';', 'a;b\n"1,5,6";2\n"1,7";"x;y"\n'],
    ['comma when one row is broken', ',', 'a,b\n1,2\n3\n4,5\n'],
    ['comma when there is one column', ',', 'a\n1\n2\n'],
    ['comma when there is a header only', ',', 'a,b,c;d'],
  ])('has the delimiter %s', async (_, delimiter, text) => {
    expect((await scanMemory(text)).shape).toMatchObject({ format: 'csv', delimiter })
  })

  test.each([
    ['csv', 'a,b\n1,2\n'],
    ['csv', '[id],name\n1,2\n'],
    ['ndjson', '{"a":1}\n{"a":2}\n'],
    ['ndjson', '\ufeff\n{"a":1}\r\n{"a":\n{"a":3}\r\n'],
    ['json', '[{"a":1}]'],
    ['json', ' [\n]'],
    ['json', '{\n "a": 1\n}\n'],
    ['json', '{"a":1}'],
    ['json', '{"users":[\n{"a":1},\n{"a":2}\n]}'],
  ])('is %s for %j', async (format, text) => {
    expect((await scanMemory(text)).shape.format).toBe(format)
  })

  test('can be stored as JSON and cloned', async () => {
    const { shape } = await scanMemory('a,b\n1,2\n')
    expect(JSON.parse(JSON.stringify(shape))).toEqual(shape)
    expect(structuredClone(shape)).toEqual(shape)
  })

  test.each(['', '\ufeff'])('of the empty source %j has no chunks', async (text) => {
    const scan = await scanMemory(text)
    expect(scan).toMatchObject({ records: 0, chunks: [], sizeBytes: Buffer.byteLength(text) })
    expect(scan.shape).toMatchObject({ format: 'csv', header: [] })
  })

  test('of blank lines alone has no columns', async () => {
    const { scan, records } = await readMemory('\n \n')
    expect(scan.shape.header).toEqual([])
    expect(records.map(({ kind }) => kind)).toEqual(['blank', 'blank'])
  })
})

describe('the encoding of a source', () => {
  const text = 'ad,şehir\nÇağrı,İzmir\n'
  const turkish = Buffer.from(
    [...text].map((letter) => ({ ş: 0xfe, Ç: 0xc7, ğ: 0xf0, ı: 0xfd, İ: 0xdd })[letter] ?? letter.charCodeAt(0)),
  )
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le')
  test.each<[string, Buffer, string | undefined, string]>([
    ['UTF-8', Buffer.from(text), undefined, 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), undefined, 'utf-8'],
    ['UTF-8 with a mark, named otherwise', Buffer.from(`\ufeff${text}`), 'windows-1254', 'utf-8'],
    ['UTF-16LE with a mark', utf16, undefined, 'utf-16le'],
    ['UTF-16BE with a mark', Buffer.from(utf16).swap16(), undefined, 'utf-16be'],
    ['UTF-16LE without a mark', utf16.subarray(2), 'UTF-16', 'utf-16le'],
    ['windows-1254', turkish, 'windows-1254', 'windows-1254'],
    ['windows-1254 by another name', turkish, 'latin5', 'windows-1254'],
  ])('may be %s', async (_, bytes, encoding, name) => {
    const { scan, records } = await readMemory(bytes, { ...(encoding !== undefined && { encoding }) })
    expect(scan.shape).toMatchObject({ encoding: name, header: ['ad', 'şehir'] })
    expect(records[1]?.values).toEqual(['Çağrı', 'İzmir'])
  })

  test('may be windows-1252, with its letters that ISO-8859-1 does not have', async () => {
    const { records } = await readMemory(Buffer.from([0x61, 0x0a, 0x80, 0x9f, 0xe9, 0x0a]), { encoding: 'latin1' })
    expect(records[1]?.values).toEqual(['€Ÿé'])
  })

  test('refuses a byte that means nothing in it', async () => {
    const { records } = await readMemory(Buffer.from([0x61, 0x0a, 0x31, 0xd2, 0x0a]), { encoding: 'windows-1253' })
    expect(records[1]?.reasons).toMatchObject([
      { code: 'INVALID_ENCODING', message: expect.stringContaining('offset 3 ') },
    ])
  })

  test.each(['klingon', 'shift_jis', 'iso-2022-jp', 'gbk', ''])('cannot be %j', async (encoding) => {
    await expect(scanMemory('a\n', { encoding })).rejects.toMatchObject({ code: 'SY_SOURCE_UNREADABLE' })
  })
})

describe('a source is refused', () => {
  test.each<[string, string | Buffer, string]>([
    ['two columns of one name', 'a,b, a \n1,2,3\n', 'columns 1 and 3 have the same name "a"'],
    ['two columns without a name', 'a,,\n1,2,3\n', 'columns 2 and 3 have no name'],
    ['a column __proto__', 'a,__proto__\n', '"__proto__" is refused'],
    ['a column constructor', 'constructor ,b\n', '"constructor" is refused'],
    ['a column prototype', 'a,"prototype"\n', '"prototype" is refused'],
    ['too many columns', Array.from({ length: 2_049 }, (_, index) => `c${index}`).join(','), 'more than 2048 columns'],
    ['a header with an open quote', '\na,"b\n1,2\n', 'line 2 (byte 1) cannot be read: UNCLOSED_QUOTE'],
    ['a header that is not UTF-8', Buffer.from([0x61, 0x2c, 0xfe, 0x0a]), 'line 1, byte 2'],
    ['UTF-16 that is not said to be', Buffer.from('a,b\n1,2\n', 'utf16le'), 'If the file is UTF-16'],
  ])('with %s', async (_, content, message) => {
    await expect(scanMemory(content)).rejects.toMatchObject({
      code: 'SY_SOURCE_UNREADABLE',
      message: expect.stringContaining(message),
    })
  })

  test('with a header that is longer than a record may be', async () => {
    await expect(scanMemory('a'.repeat(30), { recordBytes: 20 })).rejects.toMatchObject({
      message: expect.stringContaining('LINE_TOO_LONG'),
    })
  })

  test('not with 2,048 columns, nor with one that has no name', async () => {
    const names = Array.from({ length: 2_048 }, (_, index) => (index === 0 ? '' : `c${index}`))
    expect((await scanMemory(names.join(','))).shape.header).toEqual(names)
  })
})

describe('an option of a scan', () => {
  test.each([
    [{ format: 'xml' as 'csv' }],
    [{ delimiter: '' }],
    [{ delimiter: '"' }],
    [{ delimiter: '\n' }],
    [{ delimiter: 'ş' }],
    [{ delimiter: ', ' }],
    [{ chunkBytes: 0 }],
    [{ recordBytes: 1.5 }],
  ])('is refused: %j', async (options) => {
    await expect(scanMemory('a\n', options)).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
  })

  test('may name the columns, which are checked like a header', async () => {
    await expect(scanMemory('1,2\n', { header: ['a', 'a'] })).rejects.toMatchObject({ code: 'SY_SOURCE_UNREADABLE' })
  })

  test('may stop it', async () => {
    await expect(scanMemory('a\n', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('may follow it', async () => {
    const seen: number[] = []
    await scanMemory('a,b\n1,2\n', { readBytes: 4, onProgress: (bytes) => seen.push(bytes) })
    expect(seen).toEqual([4, 8, 8])
  })
})
