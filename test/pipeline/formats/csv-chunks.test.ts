import { createHash } from 'node:crypto'
import { bytesBetween, bytesOf, readMemory } from './memory-source'

const utf16 = (text: string, mark: readonly number[]) =>
  Buffer.concat([Buffer.from(mark), Buffer.from(text, 'utf16le')])
const LIMITS = { recordBytes: 24, recordLines: 3 }
const LONG = { recordBytes: 2_000, recordLines: 100 }

const FILES: readonly (readonly [title: string, content: string | Buffer, limits: object])[] = [
  ['plain', 'a,b\n1,2\n3,4\n', LONG],
  ['CRLF without an end', 'a,b\r\n1,2\r\n3,4', LONG],
  ['half a CRLF at the end', 'a,b\r\n1,"2"\r', LONG],
  ['quotes', 'a,b\r\n"1\r\n1","""2"""\r\n"",""\r\n', LONG],
  ['open quote', 'a,b\n1,"2\n3,4\n"5",6\n', LONG],
  ['open quote at the end', 'a,b\n1,2\n"3,4', LONG],
  ['open quotes in every line', '"a,b\n"1,2\n"3,4\n'.replace('"a', 'a'), LONG],
  ['odd and even quotes', 'a,b\n"\n""\n"""\n""""\n"""""\n""""""\n', LONG],
  ['text after a second line', 'a,b\n"1\n2"x\n"3"\n', LONG],
  ['CR inside and around', 'a,b\r\r\n1,\r2\r\n\r\n"3"\r,4\n', LONG],
  ['CR only', 'a,b\r1,"2\r3"\r\r', LONG],
  ['long lines', `a,b\n${'x'.repeat(40)}\r\n1,2\n${'y'.repeat(25)}\n${'z'.repeat(30)}`, LIMITS],
  ['a line at the limit', `a,b\n${'x'.repeat(22)},\r\n${'x'.repeat(23)},\r\n1,2\r\n`, LIMITS],
  ['a long quoted record', `a,b\n"${'x\n'.repeat(9)}",2\n1,2\n`, { ...LONG, recordLines: 4 }],
  [
    'quoted records at the limit',
    `a,b\n"${'x'.repeat(9)}\n${'y'.repeat(10)}",2\r\n"${'x'.repeat(9)}\n${'y'.repeat(11)}",2\r\n`,
    LIMITS,
  ],
  ['a mark and letters beyond ASCII', '\ufeffş,b\n😀,2\n"ğ\n",4\n', LONG],
  [
    'bytes that are not UTF-8',
    Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0xff, 0x2c, 0xc3, 0x0a, 0xe2, 0x82, 0x0a, 0xef]),
    LONG,
  ],
  ['UTF-16', utf16('a,b\r\nş,"2\n"\r\n\ud800,4', [0xff, 0xfe]), LONG],
  ['UTF-16 with half a letter', Buffer.concat([utf16('a,b\n1,2\n', [0xff, 0xfe]), Buffer.from([0x31])]), LONG],
  ['UTF-16 the other way round', Buffer.from(utf16('a,b\n"ş",😀\n', [0xff, 0xfe])).swap16(), LONG],
]

describe.each(FILES)('a file with %s', (_, content, limits) => {
  const bytes = bytesOf(content)
  const options = { format: 'csv', encoding: 'utf-8', delimiter: ',', ...limits } as const

  test('gives the same records however it is cut and read', async () => {
    const whole = await readMemory(bytes, options)
    for (let chunkBytes = 1; chunkBytes <= bytes.length; chunkBytes++) {
      for (const readBytes of [1, 2, 3, 5, 7, 16, bytes.length]) {
        const { scan, records } = await readMemory(bytes, { ...options, chunkBytes, readBytes })
        expect({ chunkBytes, readBytes, records }).toEqual({ chunkBytes, readBytes, records: whole.records })
        expect(scan.records).toBe(records.length)
      }
    }
    for (let readBytes = 1; readBytes <= bytes.length; readBytes++) {
      expect((await readMemory(bytes, { ...options, chunkRecords: 1, readBytes })).records).toEqual(whole.records)
    }
  })

  test('has every byte in one record or in a line end, and the hash of all bytes', async () => {
    const { scan, records } = await readMemory(bytes, options)
    for (const between of bytesBetween(bytes, records, scan.shape.bomBytes)) {
      expect(between.replaceAll('\0', '')).toMatch(/^(?:\r\n|\n|\r)$/)
    }
    expect(scan.sizeBytes).toBe(bytes.length)
    expect(scan.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(scan.chunks.reduce((sum, chunk) => sum + chunk.records, 0)).toBe(records.length)
  })
})

test('a chunk holds no more records than its limit', async () => {
  const { scan } = await readMemory('a,b\n1,2\n3,4\n5,6\n7,8\n', { chunkRecords: 2 })
  expect(scan.chunks.map(({ records }) => records)).toEqual([2, 2, 1])
  expect(scan.chunks.map(({ line }) => line)).toEqual([1, 3, 5])
})
