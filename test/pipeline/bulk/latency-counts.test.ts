import { LatencyCounts } from 'shardyard/src/pipeline/bulk/latency-counts'

/** Numbers that look random and are the same each time. */
function draws(count: number, most: number): number[] {
  let seed = 12_345
  return Array.from({ length: count }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((seed / 2 ** 32) ** 4 * most) + 1
  })
}

describe('latency counts', () => {
  test.each([[1], [2], [10], [999], [10_000]])(
    'of %i values have the quantiles of the sorted list, to three digits',
    (count) => {
      const values = draws(count, 5_000_000)
      const counts = new LatencyCounts(values.map((us) => [us, 1] as const))
      const sorted = values.toSorted((a, b) => a - b)
      for (const q of [0.01, 0.5, 0.95, 0.99, 0.999, 1]) {
        const exact = sorted[Math.max(0, Math.ceil(q * count) - 1)] ?? 0
        expect(Math.abs(counts.quantile(q) - exact) / exact).toBeLessThanOrEqual(0.005)
      }
    },
  )

  test('of nothing are zero', () => {
    const counts = new LatencyCounts()
    expect([counts.quantile(0.5), counts.quantile(1), counts.entries(), counts.histogram([1, Infinity])]).toEqual([
      0,
      0,
      [],
      [0, 0],
    ])
  })

  test('of two threads add up to the counts of both', () => {
    const [one, two] = [draws(500, 1_000_000), draws(700, 90_000)]
    const both = new LatencyCounts([...one, ...two].map((us) => [us, 1] as const))
    const sum = new LatencyCounts(one.map((us) => [us, 1] as const))
    const other = new LatencyCounts(two.map((us) => [us, 1] as const))
    for (const [latency, times] of other.entries()) sum.add(latency, times)
    expect(sum.entries()).toEqual(both.entries())
  })

  test('stay small for a million values', () => {
    const counts = new LatencyCounts(draws(1_000_000, 60_000_000).map((us) => [us, 1] as const))
    expect(counts.entries().length).toBeLessThan(7_500)
  })

  test('are taken once', () => {
    const counts = new LatencyCounts([[1_234_567, 2]])
    expect([counts.take(), counts.take()]).toEqual([[[1_230_000, 2]], []])
  })

  test('put each value into one bucket, the last one being open', () => {
    const counts = new LatencyCounts([100, 101, 250, 251, 9_999].map((us) => [us, 1] as const))
    expect(counts.histogram([100, 250, Infinity])).toEqual([1, 2, 2])
    expect(counts.histogram([100, 250])).toEqual([1, 4])
  })
})
