import { Product, User } from 'shardyard/entities'
import { arraySource } from 'shardyard/src/pipeline/runs/array-source'
import { groupsOf } from 'shardyard/src/pipeline/runs/shared-values'

function groups(records: readonly object[], keys: readonly (readonly string[])[] = [['id'], ['email']]): number[][] {
  const source = arraySource(
    records.map((record) => ({ entity: 'User', ...record })),
    [User, Product],
    { title: 'test' },
  )
  return groupsOf(source, User, keys)
}

describe('records that share a value', () => {
  test('are one group, in the order of the source, and groups are in the order of their first', () => {
    expect(groups([{ id: 1 }, { id: 2 }, { id: 1 }, { id: 3 }, { id: 2 }])).toEqual([[0, 2], [1, 4], [3]])
  })

  test('of one key and then of another are one group', () => {
    expect(
      groups([
        { id: 1, email: 'a@x.org' },
        { id: 2, email: 'b@x.org' },
        { id: 3, email: 'c@x.org' },
        { id: 2, email: 'A@X.org ' },
        { id: 3, email: 'b@x.org' },
      ]),
    ).toEqual([[0, 1, 2, 3, 4]])
  })

  test('share it in the form that is stored', () => {
    expect(groups([{ email: 'Ann@Example.com' }, { email: ' ann@example.COM' }])).toEqual([[0, 1]])
  })

  test('share no value that is missing, null or an object', () => {
    expect(
      groups([{}, {}, { id: null }, { id: null }, { id: {} }, { id: {} }, { email: { toString: 1 } }]),
    ).toHaveLength(7)
  })

  test('share all parts of a key of several columns', () => {
    const records = [{ a: 1, b: 2 }, { a: 1, b: 3 }, { a: 1, b: 2 }, { a: 1 }, { a: 1 }, { a: '1","', b: 2 }]
    expect(groups(records, [['a', 'b']])).toEqual([[0, 2], [1], [3], [4], [5]])
  })

  test('may be a hundred thousand in a row', () => {
    const records = Array.from({ length: 100_000 }, (_, index) => ({
      id: Math.floor(index / 2),
      email: `${Math.ceil(index / 2)}@x.org`,
    }))
    expect(groups(records)).toHaveLength(1)
  })
})
