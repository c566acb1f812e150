import { validateSync } from 'class-validator'
import { Email, Text } from 'shardyard'
import { fieldsOf } from 'shardyard/src/columns/field-registry'
import { isStorable } from 'shardyard/src/columns/text'

class Person {
  @Text({ min: 2, max: 5 })
  nickName!: unknown

  @Email({ label: 'Contact' })
  mail!: unknown

  @Text({ isBinary: true })
  code!: unknown
}

const messagesOf = (values: object): string[] =>
  validateSync(Object.assign(new Person(), { nickName: 'Ada', mail: 'ada@example.com', code: 'x' }, values))
    .flatMap((error) => Object.values(error.constraints ?? {}))
    .toSorted()
const normalise = (property: string, value: unknown) => fieldsOf(Person).get(property)?.normalise?.(value)

describe('@Text', () => {
  test.each([
    ['Ada', []],
    ['12345', []],
    ['😀😀', []],
    ['😀😀😀😀😀', []],
    ['😀', ['Nick name must be at least 2 characters long']],
    ['😀😀😀😀😀😀', ['Nick name must be at most 5 characters long']],
    ['x', ['Nick name must be at least 2 characters long']],
    ['123456', ['Nick name must be at most 5 characters long']],
    ['', ['Nick name cannot be empty']],
    [null, ['Nick name cannot be empty']],
    [undefined, ['Nick name cannot be empty']],
    [5, ['Nick name must be a string']],
    [['Ada'], ['Nick name must be a string']],
    ['a\u0000b', ['Nick name has characters that cannot be stored']],
    ['ab\ud83d', ['Nick name has characters that cannot be stored']],
  ])('judges %j', (nickName, messages) => {
    expect(messagesOf({ nickName })).toEqual(messages)
  })

  test.each([
    ['nickName', false],
    ['code', true],
  ])('compares %s byte by byte: %p', (property, isBinary) => {
    expect(fieldsOf(Person).get(property)?.isBinary).toBe(isBinary)
  })

  test('trims texts and leaves the rest as it is', () => {
    expect(normalise('nickName', ' \t Ada \n')).toBe('Ada')
    expect(normalise('nickName', '\u00a0Ada\u3000')).toBe('Ada')
    for (const value of [5, null, undefined, ['Ada ']]) expect(normalise('nickName', value)).toBe(value)
  })
})

describe('@Email', () => {
  test.each([
    ['ada@example.com', []],
    ['a.b+c@sub.example.co.uk', []],
    ['nobody', ['Invalid email format: nobody']],
    ['a@b', ['Invalid email format: a@b']],
    ['a b@example.com', ['Invalid email format: a b@example.com']],
    ['', ['Contact cannot be empty']],
    [null, ['Contact cannot be empty']],
    [7, ['Contact must be a string']],
    [`${'x'.repeat(250)}@example.com`, [`Invalid email format: ${'x'.repeat(250)}@example.com`]],
  ])('judges %j', (mail, messages) => {
    expect(messagesOf({ mail })).toEqual(messages)
  })

  test('trims and lower-cases', () => {
    expect(normalise('mail', '  Ada@EXAMPLE.Com ')).toBe('ada@example.com')
    expect(normalise('mail', 7)).toBe(7)
  })
})

test.each([
  ['plain', true],
  ['😀', true],
  ['\ufffd', true],
  ['\u0000', false],
  ['\ud800', false],
  ['a\udc00b', false],
])('isStorable(%j) is %p', (text, expected) => {
  expect(isStorable(text)).toBe(expected)
})
