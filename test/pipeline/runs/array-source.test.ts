import { Product, User } from 'shardyard/entities'
import { arraySource } from 'shardyard/src/pipeline/runs/array-source'

function sourceOf(items: readonly unknown[]) {
  return arraySource(items, [User, Product], { title: 'test' })
}

describe('a list as a source', () => {
  test('keeps the place of each record, and the entity apart from it', () => {
    const source = sourceOf([
      { entity: 'Product', id: 1 },
      { entity: 'User', id: 2 },
      { id: 3, entity: 'Product' },
    ])
    expect([source.count(User), source.count(Product)]).toEqual([1, 2])
    expect([source.at(Product, 0), source.at(Product, 1), source.at(User, 0)]).toEqual([
      { position: 0, record: { id: 1 } },
      { position: 2, record: { id: 3 } },
      { position: 1, record: { id: 2 } },
    ])
    expect(() => source.at(User, 1)).toThrow(RangeError)
  })

  test('names only the entities that it has records of', () => {
    expect(sourceOf([{ entity: 'User' }]).entities).toEqual([User])
    expect(sourceOf([]).entities).toEqual([])
  })

  test('is the same source when its content is the same', () => {
    const identities = [[{ a: 1 }], [{ a: 1 }], [{ a: 2 }], [{ a: 1 }, {}]].map((items) => sourceOf(items).identity)
    expect(identities[0]).toBe(identities[1])
    expect(new Set(identities).size).toBe(3)
  })

  test.each([
    [5, '?', 'Record must be an object'],
    [null, '?', 'Record must be an object'],
    [['User'], '?', 'Record must be an object'],
    [{}, '?', 'Entity must be one of User, Product: none'],
    [{ entity: 'Invoice' }, 'Invoice', 'Entity must be one of User, Product: "Invoice"'],
    [{ entity: 'user' }, '?', 'Entity must be one of User, Product: "user"'],
    [{ entity: ['User'] }, '?', 'Entity must be one of User, Product: ["User"]'],
    [{ entity: 'a\u0000b' }, '?', 'Entity must be one of User, Product: "a\\u0000b"'],
    [{ entity: '__proto__' }, '?', 'Entity must be one of User, Product: "__proto__"'],
  ])('has %j as a stray', (item, entity, message) => {
    expect(sourceOf([item]).strays).toMatchObject([{ position: 0, entity, message }])
  })

  test('gives two spellings of a stray to no engine that takes them for one', () => {
    const names = sourceOf([{ entity: 'Invoice' }, { entity: 'INVOICE' }, { entity: 'Invoice' }]).strays.map(
      ({ entity }) => entity,
    )
    expect(names).toEqual(['Invoice', '?', 'Invoice'])
  })
})
