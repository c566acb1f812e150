import { validateSync } from 'class-validator'
import { getMetadataArgsStorage } from 'typeorm'
import { Instant } from 'shardyard'

class Visit {
  @Instant()
  startedAt!: unknown

  @Instant({ isNullable: true, isPast: true })
  endedAt!: unknown
}

const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000)
const messagesOf = (values: object): string[] =>
  validateSync(Object.assign(new Visit(), { startedAt: new Date() }, values)).flatMap((error) =>
    Object.values(error.constraints ?? {}),
  )

describe('@Instant', () => {
  test.each([
    [{}, []],
    [{ startedAt: minutesFromNow(9000) }, []],
    [{ startedAt: null }, ['Started at cannot be None']],
    [{ startedAt: 'now' }, ['Started at must be a date']],
    [{ endedAt: null }, []],
    [{ endedAt: undefined }, []],
    [{ endedAt: minutesFromNow(-1) }, []],
    [{ endedAt: minutesFromNow(60) }, ['Ended at cannot be in the future']],
    [{ endedAt: 'tomorrow' }, ['Ended at must be a date']],
    [{ endedAt: new Date('never') }, ['Ended at must be a date']],
  ])('judges %p', (values, messages) => {
    expect(messagesOf(values)).toEqual(messages)
  })

  test('lets the column be null only where it says so', () => {
    const columns = getMetadataArgsStorage().filterColumns(Visit)
    expect(columns.map(({ options }) => [options.type, options.nullable])).toEqual([
      ['datetime', false],
      ['datetime', true],
    ])
  })
})
