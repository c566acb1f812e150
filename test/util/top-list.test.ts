import * as fc from 'fast-check'
import { TopList } from 'shardyard/src/util/top-list'

test('a top list keeps what a sort puts first', () => {
  const property = fc.property(
    fc.array(fc.integer({ max: 30, min: 0 })),
    fc.integer({ min: 1, max: 12 }),
    (items, max) => {
      const list = new TopList<number>(max, (a, b) => b - a)
      for (const item of items) list.add(item)
      expect(list.sorted()).toEqual(items.toSorted((a, b) => b - a).slice(0, max))
    },
  )
  fc.assert(property, { numRuns: 500 })
})
