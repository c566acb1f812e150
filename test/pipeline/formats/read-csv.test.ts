import { brief, readMemory } from './memory-source'

const read = async (text: string | Buffer, options = {}) =>
  (await readMemory(text, { format: 'csv', ...options })).records

describe('a CSV record', () => {
  const HEADER = 'a,b\n'
  test.each<[string, string, unknown]>([
    ['is cut at the delimiters', '1,2\n', [['1', '2']]],
    ['needs no line end at the end of the file', '1,2', [['1', '2']]],
    [
      'may end with CRLF',
      '1,2\r\n3,4\r\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['keeps a CR inside', '1,x\ry\n', [['1', 'x\ry']]],
    ['loses half a CRLF at the end of the file', '1,2\r', [['1', '2']]],
    ['keeps blanks around its values', ' 1 ,2 \n', [[' 1 ', '2 ']]],
    ['keeps NUL bytes as data', '1,\0\n', [['1', '\0']]],
    [
      'has empty fields',
      ',2\n1,\n',
      [
        ['', '2'],
        ['1', ''],
      ],
    ],
    ['may be quoted', '"1","2"\n', [['1', '2']]],
    ['may hold a delimiter in quotes', '"1,5",2\n', [['1,5', '2']]],
    ['may hold line ends in quotes', '"1\n\r\n5",2\n', [['1\n\r\n5', '2']]],
    ['may hold doubled quotes', '"say ""hi""",""""\n', [['say "hi"', '"']]],
    [
      'may have an empty quoted field',
      '"",2\n1,""\n',
      [
        ['', '2'],
        ['1', ''],
      ],
    ],
    [
      'is read after one with line ends',
      '"x\ny",2\n3,4\n',
      [
        ['x\ny', '2'],
        ['3', '4'],
      ],
    ],
    ['may end quoted without a line end', '1,"2"', [['1', '2']]],
    ['may end quoted with half a CRLF', '1,"2"\r', [['1', '2']]],
    ['is text beyond ASCII', 'ş,😀\n', [['ş', '😀']]],
    ['may hold U+FFFD', '\ufffd,2\n', [['\ufffd', '2']]],
    ['is blank when nothing is in it', '\n1,2\n\n', ['blank', ['1', '2'], 'blank']],
    ['is blank with blanks and tabs', ' \t \n\r\n', ['blank', 'blank']],
    ['is blank with delimiters only', ',\n , ,,\n', ['blank', 'blank']],
    ['is not blank with empty quotes', '"",""\n', [['', '']]],
    ['is the header again', 'a,b\n"a",b\r\na,B\n', ['header', 'header', ['a', 'B']]],
    ['with too few fields is refused', '1\n1,2\n', ['TOO_FEW_FIELDS', ['1', '2']]],
    ['with too many fields is refused', '1,2,3\n1,2,\n', ['TOO_MANY_FIELDS', 'TOO_MANY_FIELDS']],
    ['with a quote inside a field is refused', '5" x,2\n1,2\n', ['STRAY_QUOTE', ['1', '2']]],
    ['with a quote after a blank is refused', '1, "2"\n', ['STRAY_QUOTE']],
    ['with text after a quote is refused', '"1"x,2\n1,2\n', ['TEXT_AFTER_QUOTE', ['1', '2']]],
    ['with a CR after a quote is refused', '"1"\r,2\n1,2\n', ['TEXT_AFTER_QUOTE', ['1', '2']]],
    ['with an open quote costs one line', '1,"2\n3,4\n5,6', ['UNCLOSED_QUOTE', ['3', '4'], ['5', '6']]],
    ['with an open quote ends before the next quoted line', '1,"2\n"3",4\n', ['UNCLOSED_QUOTE', ['3', '4']]],
    ['that is one quote is refused', '"', ['UNCLOSED_QUOTE']],
    ['that breaks on its second line costs the first', '"1\n2"x,3\n', ['UNCLOSED_QUOTE', 'STRAY_QUOTE']],
  ])('%s', async (_, rows, expected) => {
    const records = await read(HEADER + rows)
    expect(records.map(brief)).toEqual(['header', ...(expected as unknown[])])
  })

  test('knows its line, byte offset and length without the line end', async () => {
    const records = await read('\ufeffa,b\r\n"ş\n1",2\r\n\r\n3,4')
    expect(records.map(({ line, offset, length }) => [line, offset, length])).toEqual([
      [1, 3, 3],
      [2, 8, 8],
      [4, 18, 0],
      [5, 20, 3],
    ])
  })

  test('shares its names with all others', async () => {
    const [header, first, blank, refused] = await read('a,b\n1,2\n\n"\n')
    expect(header?.names).toEqual(['a', 'b'])
    for (const record of [first, blank, refused]) expect(record?.names).toBe(header?.names)
  })

  test('names all that is wrong with it, with a pointer to the column', async () => {
    const records = await read(Buffer.concat([Buffer.from('a/b~,c,d\n'), Buffer.from([0x31, 0xc3, 0x2c, 0xff, 0x0a])]))
    expect(records[1]?.reasons).toMatchObject([
      { code: 'TOO_FEW_FIELDS', field: '', pointer: '' },
      { code: 'INVALID_ENCODING', field: 'a/b~', pointer: '/a~1b~0', message: expect.stringContaining('offset 10 ') },
      { code: 'INVALID_ENCODING', field: 'c', pointer: '/c', message: expect.stringContaining('offset 12 ') },
    ])
  })

  test('with a message never repeats what is in it', async () => {
    const records = await read('a,b\nsecret"x,1\n"secret\n"secret"x\nsecret\nsecret,1,2\n')
    const reasons = records.flatMap((record) => record.reasons)
    expect(reasons.map(({ code }) => code)).toEqual([
      'STRAY_QUOTE',
      'UNCLOSED_QUOTE',
      'TEXT_AFTER_QUOTE',
      'TOO_FEW_FIELDS',
      'TOO_MANY_FIELDS',
    ])
    for (const { message, fix } of reasons) {
      expect(message + fix).not.toContain('secret')
      expect(message).toMatch(/^[A-Z].*\.$/)
      expect(fix).toMatch(/^[A-Z].*\.$/)
    }
  })

  test('of one column may be blank but not a delimiter', async () => {
    const records = await read('a\n1\n\n,\n', { delimiter: ',' })
    expect(records.map(brief)).toEqual(['header', ['1'], 'blank', 'TOO_MANY_FIELDS'])
  })

  test('ends with CR where the file has no LF', async () => {
    const records = await read('a,b\r1,2\r"3\r4",5\r')
    expect(records.map(brief)).toEqual(['header', ['1', '2'], ['3\r4', '5']])
    expect(records.map(({ line }) => line)).toEqual([1, 2, 3])
  })

  test('has the names of the option when the file has no header', async () => {
    const records = await read('1,2\na,b\n', { header: ['a', 'b'] })
    expect(records.map(brief)).toEqual([['1', '2'], 'header'])
  })

  test('comes after a header that stands below blank lines', async () => {
    const records = await read('\n \n,\na,b\n1,2\n')
    expect(records.map(brief)).toEqual(['blank', 'blank', 'blank', 'header', ['1', '2']])
  })
})

describe('the limits of a CSV record', () => {
  const limits = { recordBytes: 20, recordLines: 3 }
  test.each<[string, string, unknown]>([
    ['let a line of so many bytes pass', `${'x'.repeat(18)},y\r\n`, [['x'.repeat(18), 'y']]],
    ['refuse a line with one byte more', `${'x'.repeat(19)},y\r\n1,2\n`, ['LINE_TOO_LONG', ['1', '2']]],
    ['refuse the last line as well', 'x'.repeat(99), ['LINE_TOO_LONG']],
    ['let a record of so many lines pass', '"1\n2\n3",4\n', [['1\n2\n3', '4']]],
    [
      'take one line more for an open quote',
      '"1\n2\n3\n4",4\n',
      ['UNCLOSED_QUOTE', 'TOO_FEW_FIELDS', 'TOO_FEW_FIELDS', 'STRAY_QUOTE'],
    ],
    [
      'let a quoted record of so many bytes pass',
      `"${'x'.repeat(8)}\n${'y'.repeat(7)}",4\n`,
      [[`${'x'.repeat(8)}\n${'y'.repeat(7)}`, '4']],
    ],
    [
      'take one byte more for an open quote',
      `"${'x'.repeat(8)}\n${'y'.repeat(8)}",4\n`,
      ['UNCLOSED_QUOTE', 'STRAY_QUOTE'],
    ],
  ])('%s', async (_, rows, expected) => {
    const records = await read(`a,b\n${rows}`, limits)
    expect(records.map(brief)).toEqual(['header', ...(expected as unknown[])])
  })

  test('give a line beyond them a chunk of its own, which needs no bytes', async () => {
    const { scan, records } = await readMemory(`a,b\n1,2\n${'x'.repeat(30)}\r\n3,4\n`, { ...limits, format: 'csv' })
    expect(scan.chunks).toEqual([
      { offset: 0, length: 8, line: 1, records: 2 },
      { offset: 8, length: 30, line: 3, records: 1, refused: 'LINE_TOO_LONG' },
      { offset: 40, length: 4, line: 4, records: 1 },
    ])
    expect(records.map(brief)).toEqual(['header', ['1', '2'], 'LINE_TOO_LONG', ['3', '4']])
  })
})
