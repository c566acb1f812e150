import { valueShape } from 'shardyard/src/pipeline/reports/quality/value-shape'

test.each([
  ['ada@@example.com', 'aaa@@aaaaaaa.aaa'],
  ['Ünal 42', 'Aaaa 99'],
  [-12.5, '-99.9'],
  ['日本\u0007', 'aa\\x07'],
  [null, ''],
  [{ secret: 1 }, '{…}'],
  ['x'.repeat(50), `${'a'.repeat(40)}…`],
])('the shape of %j is %s', (value, shape) => {
  expect(valueShape(value)).toBe(shape)
})
