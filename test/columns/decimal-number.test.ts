import { validateSync } from 'class-validator'
import { getMetadataArgsStorage } from 'typeorm'
import { DecimalNumber } from 'shardyard'
import { fieldsOf } from 'shardyard/src/columns/field-registry'

class Reading {
  @DecimalNumber()
  value!: unknown

  @DecimalNumber({ min: -0.5, max: 99.5, label: 'Share' })
  percent!: unknown
}

const messagesOf = (values: object): string[] =>
  validateSync(Object.assign(new Reading(), { value: 1, percent: 1 }, values)).flatMap((error) =>
    Object.values(error.constraints ?? {}),
  )

describe('@DecimalNumber', () => {
  test.each([
    [{ value: 0.1 }, []],
    [{ value: -Number.MAX_VALUE }, []],
    [{ value: Number.MIN_VALUE }, []],
    [{ percent: -0.5 }, []],
    [{ percent: 99.5 }, []],
    [{ percent: -0.51 }, ['Share must be at least -0.5: -0.51']],
    [{ percent: 99.6 }, ['Share too high: 99.6']],
    [{ value: Number.NaN }, ['Value must be a finite number']],
    [{ value: Number.POSITIVE_INFINITY }, ['Value must be a finite number']],
    [{ value: Number.NEGATIVE_INFINITY }, ['Value must be a finite number']],
    [{ value: '5' }, ['Value must be a number']],
    [{ value: 5n }, ['Value must be a number']],
    [{ value: true }, ['Value must be a number']],
    [{ value: null }, ['Value cannot be None']],
    [{ value: undefined }, ['Value cannot be None']],
  ])('judges %p', (values, messages) => {
    expect(messagesOf(values)).toEqual(messages)
  })

  test('is a double on every engine, and keeps what is not finite out by SQL', () => {
    expect(
      getMetadataArgsStorage()
        .filterColumns(Reading)
        .map(({ options }) => options.type),
    ).toEqual(['double precision', 'double precision'])
    const rules = fieldsOf(Reading).get('value')?.rules ?? []
    expect(rules.map(({ sql }) => sql?.('value', { isNumber: () => '1 = 1' } as never))).toEqual([
      undefined,
      '1 = 1',
      'value >= -1.7976931348623157e+308',
      'value <= 1.7976931348623157e+308',
    ])
  })

  test.each([[{ min: Number.NaN }], [{ max: Number.POSITIVE_INFINITY }], [{ min: 2, max: 1 }]])(
    'refuses the limits %p',
    (limits) => {
      expect(() => DecimalNumber(limits)).toThrow(/expected min and max to be finite and in order/)
    },
  )
})
