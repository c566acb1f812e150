import { checkReportOptions } from 'shardyard/src/pipeline/reports/check-report-options'
import { defineReport, type OptionSpecs } from 'shardyard'

const OPTIONS = {
  name: { type: 'string', describe: 'a name' },
  topCount: { type: 'integer', describe: 'how many', default: 3, min: 1, max: 10 },
  isBrief: { type: 'boolean', describe: 'less', default: false },
  from: { type: 'date', describe: 'the first day', required: true },
  until: { type: 'instant', describe: 'the end', default: '2026-01-01T00:00:00Z' },
  by: { type: 'choice', describe: 'the group', choices: ['day', 'month'], default: 'day' },
} as const satisfies OptionSpecs

const check = (given: object) =>
  checkReportOptions({ name: 'asked', options: OPTIONS }, { from: '2025-01-31', ...given })

const DEFAULTS = {
  name: undefined,
  topCount: 3,
  isBrief: false,
  from: '2025-01-31',
  until: new Date('2026-01-01T00:00:00Z'),
  by: 'day',
}

test('options that are not given have their defaults, and null is not given', () => {
  expect(check({})).toEqual(DEFAULTS)
  expect(check({ name: null, topCount: undefined })).toEqual(DEFAULTS)
})

test('options that were checked pass again and are the same', () => {
  expect(check(check({ topCount: '7', until: '2025-06-01T10:00:00.5+03:00' }))).toEqual({
    ...DEFAULTS,
    topCount: 7,
    until: new Date('2025-06-01T07:00:00.500Z'),
  })
})

const GOOD: readonly [option: string, given: unknown, read: unknown][] = [
  ['name', '', ''],
  ['topCount', '10', 10],
  ['topCount', 1, 1],
  ['isBrief', 'true', true],
  ['isBrief', false, false],
  ['from', '2024-02-29', '2024-02-29'],
  ['until', '2025-06-01T10:00Z', new Date('2025-06-01T10:00:00Z')],
  ['until', new Date(5), new Date(5)],
  ['by', 'month', 'month'],
]
test.each(GOOD)('%s takes %j', (option, given, read) => {
  expect(check({ [option]: given })).toEqual({ ...DEFAULTS, [option]: read })
})

const BAD: readonly [option: string, given: unknown, says: string][] = [
  ['name', 5, '`name` must be text, not 5'],
  ['topCount', '11', '`topCount` must be a whole number from 1 to 10, not "11"'],
  ['topCount', 1.5, 'not 1.5'],
  ['topCount', '1e1', 'not "1e1"'],
  ['topCount', '', 'not ""'],
  ['topCount', '9007199254740993', 'not "9007199254740993"'],
  ['isBrief', 'yes', '`isBrief` must be true or false, not "yes"'],
  ['isBrief', 1, 'not 1'],
  ['from', '2025-02-29', '`from` must be a date such as 2025-12-31, not "2025-02-29"'],
  ['from', '31.12.2025', 'not "31.12.2025"'],
  ['from', new Date(0), 'not'],
  ['until', '2025-06-01T10:00', '`until` must be a moment such as 2025-12-31T23:59:59Z, not "2025-06-01T10:00"'],
  ['until', '2025-02-30T10:00Z', 'not "2025-02-30T10:00Z"'],
  ['until', '2025-06-01T25:00Z', 'not "2025-06-01T25:00Z"'],
  ['until', 1_750_000_000, 'not 1750000000'],
  ['until', new Date(NaN), 'not an invalid date'],
  ['by', 'year', '`by` must be one of day, month, not "year"'],
  ['by', ['day'], 'not ["day"]'],
  ['nope', 1, 'it has no option "nope" (its options are `name`, `topCount`'],
  ['name', 'x'.repeat(3).split(''), 'not ["x","x","x"]'],
]
test.each(BAD)('%s refuses %j with a sentence', (option, given, says) => {
  expect(() => check({ [option]: given })).toThrow(
    expect.objectContaining({ code: 'SY_OPTION_INVALID', message: expect.stringContaining(says) }),
  )
})

test('every mistake is told at once, in the words of the caller', () => {
  const given = JSON.parse('{"__proto__": 1, "topCount": 0, "by": "x"}') as Record<string, unknown>
  const message =
    'The report "asked" cannot be made: it has no option "__proto__" (its options are --name, --topCount, --isBrief, ' +
    '--from, --until, --by); --topCount must be a whole number from 1 to 10, not 0; --from must be given: a date such ' +
    'as 2025-12-31; --by must be one of day, month, not "x".'
  const report = { name: 'asked', options: OPTIONS }
  expect(() => checkReportOptions(report, given, (name) => `--${name}`)).toThrow(expect.objectContaining({ message }))
})

test('a report whose names or options cannot be used is refused when it is declared', () => {
  const declare = () =>
    defineReport({
      name: 'Sales Report',
      describe: 'x',
      options: {
        'from-day': { type: 'date', describe: 'x' },
        output: { type: 'string', describe: 'x' },
        by: { type: 'choice', describe: 'x' },
      },
      run: async () => ({ title: 'x', asOf: new Date(0), blocks: [] }),
    })
  expect(declare).toThrow(expect.objectContaining({ code: 'SY_DEFINITION_INVALID' }))
  for (const mistake of [
    'lower-case words',
    '"from-day" must be in camel case',
    '"output" has a name',
    '"by" is a choice',
  ])
    expect(declare).toThrow(mistake)
})
