import { RateMeter } from 'shardyard/src/util/rate-meter'

test('a rate is that of the last seconds, and unknown at first', () => {
  const meter = new RateMeter()
  expect(meter.at(0, 0)).toBeUndefined()
  expect(meter.at(100, 0)).toBeUndefined()
  expect(meter.at(500, 1_000)).toBe(500)
  for (let second = 2; second <= 20; second++) meter.at(500, second * 1_000)
  expect(meter.at(500, 21_000)).toBe(0)
  expect(meter.at(1_000, 21_500)).toBeCloseTo(500 / 5.5, 0)
})
