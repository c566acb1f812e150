import { printable, table } from 'shardyard/src/util/text-table'

describe('a text table', () => {
  test('aligns its columns and leaves no spaces at line ends', () => {
    expect(
      table(
        ['Id', 'Name'],
        [
          ['1', 'Ann'],
          ['100', 'B'],
        ],
      ).split('\n'),
    ).toEqual(['Id   Name', '───  ────', '1    Ann', '100  B'])
  })

  test('gives a cell with line breaks several lines', () => {
    expect(
      table(
        ['A', 'B'],
        [
          ['1', 'x\nyy'],
          ['2', 'z'],
        ],
      ).split('\n'),
    ).toEqual(['A  B', '─  ──', '1  x', '   yy', '2  z'])
  })

  test('counts characters, not code units', () => {
    expect(
      table(
        ['A', 'B'],
        [
          ['😀', 'x'],
          ['ab', 'y'],
        ],
      ).split('\n'),
    ).toEqual(['A   B', '──  ─', '😀   x', 'ab  y'])
  })

  test('without rows is its head', () => {
    expect(table(['A', 'B'], [])).toBe('A  B\n─  ─')
  })
})

describe('printable text', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', '\ufffd[31mred\ufffd[0m'],
    ['a\r\nb\tc', 'a\ufffd\ufffdb\ufffdc'],
    ['\u0000\u007f\u0085\u009b', '\ufffd\ufffd\ufffd\ufffd'],
    ['\u202eevil\u2066', '\ufffdevil\ufffd'],
    ['Çağla ✓ Ωμέγα 😀', 'Çağla ✓ Ωμέγα 😀'],
  ])('of %j is %j', (text, expected) => {
    expect(printable(text)).toBe(expected)
  })
})
