import { Intake } from 'shardyard'
import { intakesOf } from 'shardyard/src/columns/intake'

class Base {
  @Intake({ aliases: ['cost'] })
  amount!: unknown

  @Intake({ default: 'unknown' })
  client!: unknown
}

class Sale extends Base {
  @Intake({ aliases: ['total'], numbers: { decimal: ',' } })
  override amount!: unknown
}

describe('@Intake', () => {
  test('keeps the rules of a class, which stand for those of its parents', () => {
    expect(Object.fromEntries(intakesOf(Sale))).toEqual({
      amount: { aliases: ['total'], numbers: { decimal: ',' } },
      client: { default: 'unknown' },
    })
    expect(intakesOf(Base).get('amount')).toEqual({ aliases: ['cost'] })
  })

  test('says nothing of what has no rules', () => {
    expect(intakesOf(Date).size).toBe(0)
    expect(intakesOf(undefined).size).toBe(0)
  })

  test('keeps rules that cannot be changed', () => {
    expect(Object.isFrozen(intakesOf(Base).get('client'))).toBe(true)
  })
})
