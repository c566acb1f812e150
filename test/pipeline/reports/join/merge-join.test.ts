import * as fc from 'fast-check'
import { compareTexts, type JoinKey } from 'shardyard/src/pipeline/reports/join/compare-keys'
import { mergeJoin, type Joined, type JoinKind, type JoinSide } from 'shardyard/src/pipeline/reports/join/merge-join'

interface Keyed {
  readonly key: JoinKey
  readonly name: string
}

async function* paged(rows: readonly Keyed[], pageRows: number): AsyncGenerator<Keyed[]> {
  for (let from = 0; from < rows.length; from += pageRows) {
    await Promise.resolve()
    yield rows.slice(from, from + pageRows)
    // A page may be empty.
    if (from % 2 === 0) yield []
  }
}

const side = (rows: readonly Keyed[], pageRows = 2): JoinSide<Keyed> => ({
  pages: paged(rows, pageRows),
  keyOf: (row) => row.key,
})
const row = (key: JoinKey, index = 0): Keyed => ({ key, name: `${JSON.stringify(key)} ${index}` })
const named = ([left, right]: Joined<Keyed, Keyed>) => `${left?.name ?? '-'} | ${right?.name ?? '-'}`

async function joined(left: JoinSide<Keyed>, right: JoinSide<Keyed>, kind: JoinKind): Promise<string[]> {
  const pairs: string[] = []
  for await (const page of mergeJoin(left, right, kind)) pairs.push(...page.map(named))
  return pairs
}

/** Every row with every other. */
function naive(lefts: readonly Keyed[], rights: readonly Keyed[], kind: JoinKind): string[] {
  const same = (a: Keyed, b: Keyed) => JSON.stringify(a.key) === JSON.stringify(b.key)
  const pairs = lefts.flatMap((left): Joined<Keyed, Keyed>[] => {
    const right = rights.find((one) => same(left, one))
    return right === undefined && kind === 'inner' ? [] : [[left, right]]
  })
  const lonely = kind === 'full' ? rights.filter((right) => !lefts.some((left) => same(left, right))) : []
  return [...pairs, ...lonely.map((right): Joined<Keyed, Keyed> => [undefined, right])].map(named)
}

const byNumber = (a: Keyed, b: Keyed) => Number(a.key) - Number(b.key)
const keys = fc.array(fc.integer({ min: -5, max: 12 }), { maxLength: 20 })
const pageRows = fc.integer({ min: 1, max: 6 })

describe('a merge join', () => {
  test.each(['inner', 'left', 'full'] as const)('of the kind %s pairs what comparing every row pairs', async (kind) => {
    const property = fc.asyncProperty(
      keys,
      fc.uniqueArray(fc.integer({ min: -5, max: 12 })),
      pageRows,
      pageRows,
      async (some, other, m, n) => {
        const lefts = some.map((key, index) => row(key, index)).toSorted(byNumber)
        const rights = other.map((key) => row(key)).toSorted(byNumber)
        const found = await joined(side(lefts, m), side(rights, n), kind)
        expect(found.toSorted()).toEqual(naive(lefts, rights, kind).toSorted())
      },
    )
    await fc.assert(property, { numRuns: 300 })
  })

  test('takes keys of several values, of text, and of moments', async () => {
    const key = (station: string, ms: number) => [station, new Date(ms)]
    const lefts = [row(key('a', 1)), row(key('a', 2)), row(key('\uff5e', 1)), row(key('\u{1f600}', 1))]
    const rights = [row(key('a', 2), 9), row(key('\u{1f600}', 1), 9)]
    const found = await joined(side(lefts), side(rights), 'inner')
    expect(found).toEqual([
      `${row(key('a', 2)).name} | ${rights[0]?.name}`,
      `${row(key('\u{1f600}', 1)).name} | ${rights[1]?.name}`,
    ])
  })

  test('orders text as its bytes are ordered', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareTexts(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    })
    fc.assert(property, { numRuns: 500 })
  })

  test.each([
    ['left', [2, 1], [1]],
    ['right', [1, 2], [2, 1]],
    ['right', [1, 2], [1, 1]],
  ] as const)('refuses a %s side that is not in order', async (name, lefts, rights) => {
    const join = joined(side(lefts.map((key) => row(key))), side(rights.map((key) => row(key))), 'full')
    await expect(join).rejects.toThrow(`The ${name} side of a join is not in the order of its key.`)
  })

  test('ends both sides when its reader stops', async () => {
    const ended: string[] = []
    async function* endless(name: string) {
      try {
        for (let key = 0; ; key++) yield [row(await Promise.resolve(key))]
      } finally {
        ended.push(name)
      }
    }
    const keyOf = (one: Keyed) => one.key
    const reader = mergeJoin({ pages: endless('left'), keyOf }, { pages: endless('right'), keyOf })
    await reader.next()
    await reader.return()
    expect(ended).toEqual(['left', 'right'])
  })
})
