import { splitRuns } from 'shardyard/src/pipeline/reports/writers/pdf-text'

/** What stands on the line from left to right; a shaped run is turned round as its font does. */
function seen(line: string): string {
  return splitRuns(line)
    .map(({ text, isShaped }) => (isShaped && /[\u0590-\u08ff]/.test(text) ? [...text].toReversed().join('') : text))
    .join('')
}

/** Capital letters stand for Hebrew ones, so that a line reads the same in every editor. */
const toHebrew = (text: string) =>
  text.replaceAll(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 65 + 0x5d0))
const fromHebrew = (text: string) =>
  text.replaceAll(/[\u05d0-\u05ea]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x5d0 + 65))

describe('a line with letters that run from right to left', () => {
  test.each([
    ['ABC', 'CBA'],
    ['ABC DEF', 'FED CBA'],
    ['ABC, DEF', 'FED ,CBA'],
    ['ABC 123 DEF', 'FED 123 CBA'],
    ['ABC 12', '12 CBA'],
    ['ABC 1,234.50 €', '€ 1,234.50 CBA'],
    ['ABC 50%', '50% CBA'],
    ['ABC 2025-12-31', '2025-12-31 CBA'],
    ['ABC (DEF)', '(FED) CBA'],
    ['ABC x y DEF', 'FED x y CBA'],
    ['ABC x 1 DEF', 'FED x 1 CBA'],
    ['x ABC y', 'x CBA y'],
    ['x ABC, DEF y', 'x FED ,CBA y'],
    ['x ABC (north) 42', 'x CBA (north) 42'],
    ['x 12 ABC', 'x 12 CBA'],
    ['x ABC 12 DEF y', 'x FED 12 CBA y'],
    ['12 ABC', 'CBA 12'],
    ['ABC ', 'CBA '],
    ['x ABC �� y', 'x CBA �� y'],
    ['ABC.', '.CBA'],
    ['x, ABC.', 'x, CBA.'],
  ])('is seen as readers of Unicode show it: %s → %s', (line, expected) => {
    expect(fromHebrew(seen(toHebrew(line)))).toBe(expected)
  })

  test('keeps Arabic digits in their order', () => {
    expect(splitRuns('سنة ٢٠٢٥')).toEqual([
      { text: '٢٠٢٥', isShaped: false },
      { text: ' ', isShaped: false },
      { text: 'سنة', isShaped: true },
    ])
  })
})
