import { Strides } from 'shardyard/src/pipeline/generate/strides'

const SHARES = [0, 1e-9, 0.001, 0.1, 1 / 3, 0.37, 0.5, 0.7, 0.999, 1]

function chosen(share: number, count: number, options = { seed: 1, salt: 5 }): [index: number, number: number][] {
  const strides = new Strides(share, options)
  return Array.from({ length: count }, (_, index): [number, number] => [index, strides.at(index)]).filter(
    ([, number]) => number !== -1,
  )
}

describe('strides', () => {
  test.each(SHARES)('of %d choose that share of the places, one in each stretch', (share) => {
    const found = chosen(share, 10_000)
    expect(Math.abs(found.length - share * 10_000)).toBeLessThan(1 + 1e-6)
    expect(found.map(([, number]) => number)).toEqual(found.map((_, at) => at))
  })

  test.each(SHARES)('of %d choose a place whatever was asked before', (share) => {
    const strides = new Strides(share, { seed: 1, salt: 5 })
    const backwards = Array.from({ length: 3_000 }, (_, at) => 2_999 - at).filter((index) => strides.at(index) !== -1)
    expect(backwards.toReversed()).toEqual(chosen(share, 3_000).map(([index]) => index))
  })

  test('choose other places for another seed or salt, and not always the first of a stretch', () => {
    const places = [
      { seed: 1, salt: 5 },
      { seed: 2, salt: 5 },
      { seed: 1, salt: 6 },
    ].map((options) => chosen(0.1, 2_000, options).map(([index]) => index))
    expect(new Set(places.map(String)).size).toBe(3)
    for (const one of places) expect(new Set(one.map((index) => index % 10)).size).toBe(10)
  })
})
