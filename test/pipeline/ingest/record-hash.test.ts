import { RecordHasher, type RecordHash } from 'shardyard/src/pipeline/ingest/record-hash'

const hasher = new RecordHasher('Item', 'raw')

/** The hash of a record with these bytes. */
function hashOf(text: string, by = hasher): RecordHash {
  const bytes = Buffer.from(text)
  const place = { line: 1, offset: 0, length: bytes.length }
  return by.of({ ...place, kind: 'data', names: [], values: [], reasons: [] }, { bytes, offset: 0 }, false)
}

const DAY_MS = 86_400_000
/** By how much the first numbers of hashes differ when their moments differ by a millisecond. */
const STEP = 2 ** 21
const apart = (one: string, other: string) => (hashOf(other)[0] - hashOf(one)[0]) / STEP

test('equal bytes have equal hashes, others do not, and all are exact numbers', () => {
  const texts = Array.from({ length: 1_000 }, (_, row) => `{"n":${row},"at":"2024-05-01T10:00:00Z"}`)
  const hashes = texts.map((text) => hashOf(text))
  expect(hashes).toEqual(texts.map((text) => hashOf(text, new RecordHasher('Item', 'raw'))))
  expect(new Set(hashes.map(String)).size).toBe(1_000)
  expect(hashes.flat().every((number) => Number.isSafeInteger(number) && number >= 0)).toBe(true)
})

test.each([
  ['a date and a time to the millisecond', (at: Date) => at.toISOString()],
  ['with a blank between them, and a comma', (at: Date) => at.toISOString().replace('T', ' ').replace('.', ',')],
  ['milliseconds since 1970', (at: Date) => String(at.getTime())],
])('records stand in the order of their moments: %s', (_, written) => {
  const hashes = Array.from({ length: 100 }, (__, row) =>
    hashOf(`{"n":${-row},"at":"${written(new Date(1e12 + row))}"}`),
  )
  const firsts = hashes.map(([first]) => first)
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b))
  expect((firsts.at(-1) ?? 0) - (firsts[0] ?? 0)).toBeLessThan(100 * STEP)
})

test.each([
  ['a day', '2024-05-01', DAY_MS],
  ['a minute', '2024-05-01T10:31', 60_000],
  ['a second', '2024-05-01T10:31:02Z', 1_000],
  ['a second since 1970', '1714559462', 1_000],
])('where moments are written to %s, the hash spreads records over it', (_, at, withinMs) => {
  const firsts = Array.from({ length: 1_000 }, (__, row) => hashOf(`${at} ${row}`)[0] / STEP)
  const [least, most] = [Math.min(...firsts), Math.max(...firsts)]
  expect(most - least).toBeLessThan(withinMs)
  expect(most - least).toBeGreaterThan(withinMs * 0.9)
})

test('what only looks like a moment, or stands far behind, spreads records over all numbers', () => {
  for (const text of [
    '12345678901',
    '99-2024-05',
    '2024-5-01',
    '2024-05-',
    '9714559462',
    `${' '.repeat(300)}2024-05-01`,
  ]) {
    const firsts = Array.from({ length: 200 }, (_, row) => hashOf(`${text} ${row}`)[0])
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThan(2 ** 52)
  }
})

test('moments come one after the other also where a day, a month or a year ends, and before 1970', () => {
  expect(apart('2024-05-01T23:59:59.999', '2024-05-02T00:00:00.000')).toBeCloseTo(1, -0.5)
  expect(apart('2024-04-30T23:59', '2024-05-01T00:00') / DAY_MS).toBeLessThan(1.1)
  expect(apart('2023-12-31T23:59', '2024-01-01T00:00') / DAY_MS).toBeLessThan(1.1)
  expect(apart('1969-12-31T10:00:00.000', '1969-12-31T10:00:00.005')).toBeGreaterThan(0)
})

test('beginnings of a moment at the very end of a record are read no further than it goes', () => {
  const whole = '2024-05-01T10:31:02.123'
  for (let length = 0; length <= whole.length; length++) {
    expect(hashOf(whole.slice(0, length)).every((number) => Number.isSafeInteger(number))).toBe(true)
  }
  // What a longer record has left behind in the same memory is not read.
  hashOf(`xxxxxxxxxx${whole}`)
  const short = `xxxxxxxxxx${whole.slice(0, 10)}`
  expect(hashOf(short)).toEqual(hashOf(short, new RecordHasher('Item', 'raw')))
})
