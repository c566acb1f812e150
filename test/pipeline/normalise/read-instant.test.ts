import type { DateFormat, IntakeRule } from 'shardyard'
import { Notes } from 'shardyard/src/pipeline/normalise/notes'
import { instantParser } from 'shardyard/src/pipeline/normalise/read-instant'

function read(value: unknown, rule: IntakeRule = {}, zone?: string) {
  const notes = new Notes()
  const moment = instantParser(rule, zone)(value, notes)
  return moment instanceof Date ? [moment.toISOString(), ...notes.whys] : (notes.refusal?.code ?? 'no reason')
}

describe('a date that says its time zone', () => {
  test.each([
    ['2024-01-01T10:00:00Z', ['2024-01-01T10:00:00.000Z']],
    ['2024-01-01T10:00:00.250Z', ['2024-01-01T10:00:00.250Z']],
    ['2024-01-01T10:00:00.25Z', ['2024-01-01T10:00:00.250Z']],
    ['2024-01-01T10:00:00+03:00', ['2024-01-01T07:00:00.000Z']],
    ['2024-01-01T10:00:00-00:30', ['2024-01-01T10:30:00.000Z']],
    ['2024-01-01t10:00:00z', ['2024-01-01T10:00:00.000Z']],
    ['1969-12-31T23:59:59.999Z', ['1969-12-31T23:59:59.999Z']],
    ['2024-02-29T00:00:00Z', ['2024-02-29T00:00:00.000Z']],
    ['2000-02-29T00:00:00Z', ['2000-02-29T00:00:00.000Z']],
    [' 2024-01-01T10:00:00Z', ['2024-01-01T10:00:00.000Z', 'TRIMMED']],
    ['2024-01-01 10:00:00Z', ['2024-01-01T10:00:00.000Z', 'DATE_FORMAT']],
    ['2024-01-01T10:00Z', ['2024-01-01T10:00:00.000Z', 'DATE_FORMAT']],
    ['2024/01/01 10:00 +0300', ['2024-01-01T07:00:00.000Z', 'DATE_FORMAT']],
    ['2024-10-03 23:33:20.412748 UTC', ['2024-10-03T23:33:20.412Z', 'DATE_FORMAT', 'FINER_THAN_MS']],
    ['2024-10-03T23:33:20.412000Z', ['2024-10-03T23:33:20.412Z']],
  ])('is read: %j', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  test('is not moved by the zone of the rule', () => {
    expect(read('2024-01-01T10:00:00Z', { zone: 'Europe/Istanbul' })).toEqual(['2024-01-01T10:00:00.000Z'])
  })

  test('may be a Date already', () => {
    expect(read(new Date(0))).toEqual(['1970-01-01T00:00:00.000Z'])
    expect(read(new Date('never'))).toBe('NOT_A_DATE')
  })
})

describe('a text that is no date', () => {
  test.each([
    '2023-02-29',
    '2023-02-30T10:00:00Z',
    '1900-02-29T10:00:00Z',
    '2024-04-31',
    '2024-13-45',
    '2024-00-10',
    '2024-01-00',
    '2024-01-01T24:00:00Z',
    '2024-01-01T10:60:00Z',
    '2024-01-01T10:00:60Z',
    '2024-01-01T10:00:00+24:00',
    '2024-01-01T10:00:0aZ',
    '2024-1-1',
    '2024-01/01',
    '0999-01-01',
    '0000-01-01T10:00:00Z',
    '999-01-01',
    '+002024-01-01T00:00:00Z',
    'yesterday',
    'Jan 1 2024',
    '2024-01-01T10:00:00 Europe/Istanbul',
    '10:00',
    `2024-01-01${' '.repeat(60)}`,
  ])('is refused: %j', (text) => {
    expect(read(text, { zone: 'UTC' })).toBe('NOT_A_DATE')
  })

  test.each([[true], [{}], [[]], [Symbol('now')]])('is refused when it is no text at all: %p', (value) => {
    expect(read(value, { zone: 'UTC' })).toBe('NOT_A_DATE')
  })
})

describe('a date without a time zone', () => {
  test.each(['2024-01-01', '2024/01/01', '2024-01-01 10:00', '2024-01-01T10:00:00.5'])(
    'is refused unless one is declared: %j',
    (text) => {
      expect(read(text)).toBe('NO_ZONE')
    },
  )

  test.each([
    ['2024/01/01', 'UTC', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01', 'Europe/Istanbul', '2023-12-31T21:00:00.000Z'],
    ['2024-07-01 12:00', 'America/New_York', '2024-07-01T16:00:00.000Z'],
    ['2024-01-01 12:00:00', 'America/New_York', '2024-01-01T17:00:00.000Z'],
    ['2024-01-01 12:00:00.5', 'Asia/Kathmandu', '2024-01-01T06:15:00.500Z'],
  ])('is read in the declared one: %j in %s', (text, zone, expected) => {
    expect(read(text, { zone })).toEqual([expected, 'DATE_FORMAT', 'ZONE'])
    expect(read(text, {}, zone)).toEqual([expected, 'DATE_FORMAT', 'ZONE'])
  })

  test('is read in the zone of the rule before that of the options', () => {
    expect(read('2024-01-01', { zone: 'UTC' }, 'Asia/Tokyo')).toEqual([
      '2024-01-01T00:00:00.000Z',
      'DATE_FORMAT',
      'ZONE',
    ])
  })

  test.each([
    ['2024-03-31 02:30', 'Europe/Berlin', 'NO_SUCH_TIME'],
    ['2024-10-27 02:30', 'Europe/Berlin', 'AMBIGUOUS_TIME'],
    ['2024-09-08', 'America/Santiago', 'NO_SUCH_TIME'],
  ])('is refused when the clocks change over it: %j in %s', (text, zone, code) => {
    expect(read(text, { zone })).toBe(code)
  })
})

describe('a date that does not tell day from month', () => {
  test.each(['01/02/2024', '31/12/2024', '12/31/24', '31.12.2024', '1-2-2024', '12/30/19 00:01'])(
    'is refused unless its format is declared: %j',
    (text) => {
      expect(read(text, { zone: 'UTC' })).toBe('AMBIGUOUS_DATE')
    },
  )

  test.each<[string, DateFormat[], unknown]>([
    ['01/02/2024', ['DD/MM/YYYY'], '2024-02-01T00:00:00.000Z'],
    ['01/02/2024', ['MM/DD/YYYY'], '2024-01-02T00:00:00.000Z'],
    ['31.12.2024', ['DD.MM.YYYY'], '2024-12-31T00:00:00.000Z'],
    ['12/30/19 00:01', ['MM/DD/YY HH:mm'], '2019-12-30T00:01:00.000Z'],
    ['12/30/70 00:01', ['MM/DD/YY HH:mm'], '1970-12-30T00:01:00.000Z'],
    ['12/30/69 00:01', ['MM/DD/YY HH:mm'], '2069-12-30T00:01:00.000Z'],
    ['1/2/2024 7:05', ['D/M/YYYY H:mm'], '2024-02-01T07:05:00.000Z'],
    ['01.02.2024 10:00:00.123', ['DD.MM.YYYY HH:mm:ss.SSS'], '2024-02-01T10:00:00.123Z'],
    ['31/12/2024', ['YYYY.MM.DD', 'DD/MM/YYYY'], '2024-12-31T00:00:00.000Z'],
    ['31/12/2024', ['MM/DD/YYYY', 'DD/MM/YYYY'], '2024-12-31T00:00:00.000Z'],
  ])('is read by its format: %j as %j', (text, dates, expected) => {
    expect(read(text, { dates, zone: 'UTC' })).toEqual([expected, 'DATE_FORMAT', 'ZONE'])
  })

  test('may say its zone', () => {
    expect(read('31/12/2024 10:00 +03:00', { dates: ['DD/MM/YYYY HH:mm'] })).toEqual([
      '2024-12-31T07:00:00.000Z',
      'DATE_FORMAT',
    ])
  })

  test.each<[string, DateFormat[], string]>([
    ['31/12/2024', ['MM/DD/YYYY'], 'NOT_A_DATE'],
    ['1/2/2024', ['DD/MM/YYYY'], 'NOT_A_DATE'],
    ['30/02/2024', ['DD/MM/YYYY'], 'NOT_A_DATE'],
    ['01/02/2024 10:00', ['DD/MM/YYYY'], 'NOT_A_DATE'],
    ['01x02x2024', ['DD.MM.YYYY'], 'NOT_A_DATE'],
    ['01/02/2024', ['DD/MM/YYYY', 'MM/DD/YYYY'], 'AMBIGUOUS_DATE'],
  ])('is refused when it is not of its format: %j as %j', (text, dates, code) => {
    expect(read(text, { dates, zone: 'UTC' })).toBe(code)
  })
})

describe('a bare number as a date', () => {
  test.each<[unknown, IntakeRule['epoch'], string[]]>([
    [1704067200, 'seconds', ['2024-01-01T00:00:00.000Z', 'EPOCH_SECONDS']],
    ['1704067200', 'either', ['2024-01-01T00:00:00.000Z', 'EPOCH_SECONDS']],
    [1704067200000, 'either', ['2024-01-01T00:00:00.000Z', 'EPOCH_MILLISECONDS']],
    ['1704067200000', 'milliseconds', ['2024-01-01T00:00:00.000Z', 'EPOCH_MILLISECONDS']],
    [1704067200, 'milliseconds', ['1970-01-20T17:21:07.200Z', 'EPOCH_MILLISECONDS']],
    ['1704067200.25', 'seconds', ['2024-01-01T00:00:00.250Z', 'EPOCH_SECONDS']],
    [1704067200.123, 'seconds', ['2024-01-01T00:00:00.123Z', 'EPOCH_SECONDS']],
    ['1704067200.123456', 'seconds', ['2024-01-01T00:00:00.123Z', 'EPOCH_SECONDS', 'FINER_THAN_MS']],
    [0, 'either', ['1970-01-01T00:00:00.000Z', 'EPOCH_SECONDS']],
    [-1, 'seconds', ['1969-12-31T23:59:59.000Z', 'EPOCH_SECONDS']],
    [99_999_999_999, 'either', ['5138-11-16T09:46:39.000Z', 'EPOCH_SECONDS']],
    [100_000_000_000, 'either', ['1973-03-03T09:46:40.000Z', 'EPOCH_MILLISECONDS']],
    [20240131, 'seconds', ['1970-08-23T06:15:31.000Z', 'EPOCH_SECONDS']],
  ])('is read by its unit: %j as %s', (value, epoch, expected) => {
    expect(read(value, { epoch })).toEqual(expected)
  })

  test.each<[unknown, IntakeRule['epoch'], string]>([
    [1704067200, undefined, 'NOT_A_DATE'],
    ['1704067200', undefined, 'NOT_A_DATE'],
    [Number.NaN, 'either', 'NOT_A_DATE'],
    [Number.POSITIVE_INFINITY, 'either', 'NOT_A_DATE'],
    [1e300, 'either', 'NOT_A_DATE'],
    [1704067200000000, 'either', 'NOT_A_DATE'],
    [1704067200000, 'seconds', 'NOT_A_DATE'],
    ['1e9', 'either', 'NOT_A_DATE'],
    ['20240131', 'either', 'AMBIGUOUS_DATE'],
    [20240131100000, 'either', 'AMBIGUOUS_DATE'],
    ['2024', 'either', 'AMBIGUOUS_DATE'],
  ])('is refused: %j with the unit %s', (value, epoch, code) => {
    expect(read(value, { epoch })).toBe(code)
  })
})

test('a zone or a format that does not exist is refused before anything is read', () => {
  expect(() => instantParser({ zone: 'Mars/Olympus' })).toThrow(/IANA name of a time zone.*"Mars\/Olympus"/)
  for (const format of ['DD/MM', 'YYYY-QQ-DD', '(a+)+YYYYMMDD']) {
    expect(() => instantParser({ dates: [format as DateFormat] })).toThrow(/Expected a date format/)
  }
})
