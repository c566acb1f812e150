import { pickBy, seededDraw } from 'shardyard/src/util/seeded-draw'

describe('a seeded draw', () => {
  test.each([
    [1, 0, 0, 654898832],
    [1, 1, 0, 3793793006],
    [1, 0, 1, 3796368838],
    [2, 0, 0, 2500729433],
    [7, 123456, 1005, 2030895542],
    [9007198, 999999999, 999, 2425324642],
  ])('of seed %d, place %d, salt %d is %d', (seed, index, salt, expected) => {
    expect(seededDraw(seed, index, salt)).toBe(expected)
  })

  test('falls on all tenths of its range alike', () => {
    const counts = Array.from({ length: 10 }, () => 0)
    for (let index = 0; index < 100_000; index++) {
      const tenth = Math.floor((seededDraw(3, index, 1) / 2 ** 32) * 10)
      counts[tenth] = (counts[tenth] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })

  test('picks from a list', () => {
    expect([0, 1, 2, 3].map((draw) => pickBy(['a', 'b', 'c'], draw))).toEqual(['a', 'b', 'c', 'a'])
  })
})
