import { valueText } from 'shardyard/src/pipeline/bulk/column-values'

describe('two values of a column are the same', () => {
  test.each([
    ['decimal', '1000.00', 1000],
    ['decimal', '1000.10', '1000.1'],
    ['decimal', '0.00', 0],
    ['number', 7, '7'],
    ['instant', '2024-01-31 10:00:00.123', new Date('2024-01-31T10:00:00.123Z')],
    ['instant', '2024-01-31T11:00:00+01:00', '2024-01-31 10:00:00.000'],
    ['text', 'a', 'a'],
    ['other', { a: 1 }, { a: 1 }],
    ['text', null, undefined],
  ] as const)('(%s) when they are %p and %p', (kind, one, other) => {
    expect(valueText(kind, one)).toBe(valueText(kind, other))
  })

  test.each([
    ['decimal', '1000.01', 1000],
    ['decimal', '100', '1000'],
    ['number', 70, 7],
    ['text', 'a', 'A'],
    ['text', '', null],
    ['text', 'null', null],
    ['instant', '2024-01-31 10:00:00.123', '2024-01-31 10:00:00.124'],
  ] as const)('(%s) but not when they are %p and %p', (kind, one, other) => {
    expect(valueText(kind, one)).not.toBe(valueText(kind, other))
  })
})
