import { printCell } from '../../../dist/src/pipeline/reports/look/print-cell'
import type { Cell, CellFormat } from '../../../dist/src/pipeline/reports/report-model'
import { PAD_X, shareWidth, wishOf } from '../../../dist/src/pipeline/reports/writers/pdf-columns'
import type { PdfDocument } from '../../../dist/src/pipeline/reports/writers/pdf-document'
import {
  formatCount,
  formatDate,
  formatDecimal,
  formatMs,
  formatShare,
  formatValue,
} from '../../../dist/src/pipeline/reports/look/print-value'

function wish(least: number, natural: number, takesSpare = true) {
  return { least, natural, takesSpare }
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0)
}

describe('figures as text', () => {
  test.each([
    ['a count', formatCount(1_234_567), '1,234,567'],
    ['a count that is not one', formatCount(Number.NaN), '–'],
    ['a decimal', formatDecimal(-1234.56, 1), '-1,234.6'],
    ['a share', formatShare(0.8), '80.0%'],
    ['a share just below all', formatShare(0.99999), '99.9%'],
    ['a share just above nothing', formatShare(0.00001), '0.1%'],
    ['no share', formatShare(undefined), '–'],
    ['less than a millisecond', formatMs(0.42), '0.42 ms'],
    ['milliseconds', formatMs(812.4), '812 ms'],
    ['seconds', formatMs(3_050), '3.05 s'],
    ['minutes', formatMs(125_000), '2 min 05 s'],
    ['hours', formatMs(3_720_000), '1 h 02 min'],
    ['a date', formatDate(new Date('2025-08-20T23:53:25.999Z')), '2025-08-20 23:53:25 UTC'],
    ['an invalid date', formatDate(new Date(Number.NaN)), '–'],
  ])('%s', (_, printed, expected) => {
    expect(printed).toBe(expected)
  })
})

describe('foreign values as text', () => {
  test.each([
    ['nothing', null, '–'],
    ['an empty string', '', '""'],
    ['blanks', '  ', '"  "'],
    ['a big integer', 12345678901234567890n, '12345678901234567890'],
    ['an object', { a: [1, { b: 2n }] }, '{"a":[1,{"b":"2"}]}'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['bytes', new Uint8Array(3), '3 bytes'],
    ['a symbol', Symbol('s'), '(symbol)'],
    ['line breaks', 'a\r\nb\nc', 'a↵\nb↵\nc'],
  ])('%s', (_, value, expected) => {
    expect(formatValue(value)).toBe(expected)
  })

  test('a cut never leaves half a character', () => {
    const text = formatValue(`${'x'.repeat(999)}😀${'y'.repeat(10)}`)
    expect(text).toBe(`${'x'.repeat(999)}… (1,011 characters)`)
  })
})

describe('the width of a table', () => {
  test('goes to text when there is more than enough', () => {
    expect(shareWidth([wish(10, 20, false), wish(10, 30)], 100)).toEqual([20, 80])
  })

  test('leaves narrow columns what they need when there is too little', () => {
    const widths = shareWidth([wish(10, 20), wish(10, 500), wish(10, 900)], 220)
    expect(widths.map(Math.round)).toEqual([20, 100, 100])
  })

  test.each([
    ['more than enough', [wish(10, 20), wish(10, 30)]],
    ['too little', [wish(10, 600), wish(10, 30), wish(80, 90)]],
    ['less than the least', [wish(300, 600), wish(400, 400)]],
  ])('is used exactly with %s', (_, wishes) => {
    expect(sum(shareWidth(wishes, 500))).toBeCloseTo(500, 3)
  })
})

describe('a cell as people read it', () => {
  test.each<[string, Cell, CellFormat, string]>([
    ['nothing', null, { kind: 'integer' }, '–'],
    ['a whole number beyond 2^53', 12345678901234567890n, { kind: 'integer' }, '12,345,678,901,234,567,890'],
    ['an exact decimal', '1234567.125', { kind: 'decimal' }, '1,234,567.13'],
    [
      'an exact decimal of thirty digits',
      '123456789012345678901234567.895',
      { kind: 'decimal' },
      '123,456,789,012,345,678,901,234,567.90',
    ],
    ['a negative decimal', '-0.005', { kind: 'decimal' }, '-0.01'],
    ['a decimal that rounds to nothing', '-0.001', { kind: 'decimal' }, '0.00'],
    ['a number that rounds to nothing', -0.001, { kind: 'decimal' }, '0.00'],
    ['digits', 1.5, { kind: 'decimal', digits: 4 }, '1.5000'],
    ['a unit', 3, { kind: 'integer', unit: 'EUR' }, '3 EUR'],
    ['milliseconds', 3_050, { kind: 'decimal', unit: 'ms' }, '3.05 s'],
    ['a share with digits', 0.12345, { kind: 'share', digits: 2 }, '12.35%'],
    ['a date', '2025-12-31', { kind: 'date' }, '2025-12-31'],
    ['an instant', new Date(0), { kind: 'instant' }, '1970-01-01 00:00:00 UTC'],
    ['yes', true, { kind: 'boolean' }, 'yes'],
    ['text among numbers', 'n/a', { kind: 'decimal' }, 'n/a'],
    ['blank text', ' ', { kind: 'text' }, '" "'],
    ['lines', 'one\r\ntwo', { kind: 'text' }, 'one\ntwo'],
  ])('%s', (_, value, format, expected) => {
    expect(printCell(value, format)).toBe(expected)
  })
})

test('a word that fits a column exactly is not broken for a rounding', () => {
  const titles = ['Database', 'Duplicate', 'Success', 'Id']
  for (let step = 1; step < 400; step++) {
    const width = (text: string) => text.length * (step / 70)
    const doc = { width } as unknown as PdfDocument
    const wishes = titles.map((title) => wishOf(doc, { title, align: 'left' }, ['a text of several words']))
    const widths = shareWidth(wishes, sum(wishes.map(({ least }) => least)) + 1)
    for (const [at, title] of titles.entries()) {
      if (width(title) < 60) expect((widths[at] ?? 0) - 2 * PAD_X).toBeGreaterThanOrEqual(width(title))
    }
  }
})
