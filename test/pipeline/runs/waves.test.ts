import { Order, Product, User } from 'shardyard/entities'
import { References } from 'shardyard/src/columns/references'
import { wavesOf } from 'shardyard/src/pipeline/runs/waves'

class Chicken {}
class Egg {}
class Person {}
References(() => Egg)(Chicken.prototype, 'eggId')
References(() => Chicken)(Egg.prototype, 'chickenId')
References(() => Person)(Person.prototype, 'bossId')
References(() => User)(Chicken.prototype, 'userId')

function namesOf(entities: readonly (new () => object)[]): string[][] {
  return wavesOf(entities).map((wave) => wave.map((entity) => (entity as { name: string }).name))
}

describe('waves', () => {
  test('put an entity after those it refers to, in whatever order they are given', () => {
    expect(namesOf([Order, Product, User])).toEqual([['Product', 'User'], ['Order']])
    expect(namesOf([User, Order])).toEqual([['User'], ['Order']])
  })

  test('take no notice of references to what is not loaded', () => {
    expect(namesOf([Order])).toEqual([['Order']])
    expect(namesOf([])).toEqual([])
  })

  test('allow an entity to refer to itself', () => {
    expect(namesOf([Person])).toEqual([['Person']])
  })

  test('refuse a circle and name those in it', () => {
    expect(() => wavesOf([User, Chicken, Egg])).toThrow(
      expect.objectContaining({
        code: 'SY_DEFINITION_INVALID',
        message: expect.stringMatching(/Chicken, Egg form a circle/),
      }),
    )
  })
})
