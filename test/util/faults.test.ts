import { mysqlDriver } from 'shardyard/src/drivers/mysql'
import { postgresDriver } from 'shardyard/src/drivers/postgres'
import { sqliteDriver } from 'shardyard/src/drivers/sqlite'
import { faultPoints } from 'shardyard/src/util/faults'

/** How often out of 1,000 a point fires, and at which times. */
function times(text: string, seed?: string): number[] {
  const before = process.env['SHARDYARD_FAULTS_SEED']
  if (seed !== undefined) process.env['SHARDYARD_FAULTS_SEED'] = seed
  let fault: ReturnType<typeof faultPoints>
  try {
    fault = faultPoints(text)
  } finally {
    if (before === undefined) delete process.env['SHARDYARD_FAULTS_SEED']
    else process.env['SHARDYARD_FAULTS_SEED'] = before
  }
  const [point = ''] = text.split('=')
  return Array.from({ length: 1_000 }, (_, at) => at + 1).filter(() => {
    try {
      fault(point)
      return false
    } catch {
      return true
    }
  })
}

describe('fault points', () => {
  test('do nothing unless they are asked for', () => {
    expect(() => faultPoints('')('write', 1)).not.toThrow()
    expect(() => faultPoints('write:2=throw')('commit', 2)).not.toThrow()
    expect(() => faultPoints('write:2=throw')('write', 3)).not.toThrow()
  })

  test('fire at a position, up to an attempt', () => {
    const fault = faultPoints('write:2=throw*1')
    expect(() => fault('write', 2)).toThrow('A fault that was asked for.')
    expect(() => fault('write', 2, 2)).not.toThrow()
    expect(() => faultPoints('write:2=throw')('write', 2, 9)).toThrow()
  })

  test('fire from the n-th time on', () => {
    const fault = faultPoints('commit=throw@3')
    for (const isLate of [false, false, true, true]) {
      if (isLate) expect(() => fault('commit')).toThrow()
      else expect(() => fault('commit')).not.toThrow()
    }
  })

  test('fire at some times alone', () => {
    expect(times('commit=throw@3-5')).toEqual([3, 4, 5])
    expect(times('commit=throw@7-7')).toEqual([7])
  })

  test('fire by a share that a seed decides, the same each time and another for another point', () => {
    const some = times('commit=throw%25')
    expect(some.length).toBeGreaterThan(200)
    expect(some.length).toBeLessThan(300)
    expect(times('commit=throw%25')).toEqual(some)
    expect(times('commit=throw%25', '1')).toEqual(some)
    expect(times('commit=throw%25', '2')).not.toEqual(some)
    expect(times('begin=throw%25')).not.toEqual(some)
    expect(times('commit=throw%25@501')).toEqual(some.filter((time) => time > 500))
    expect(times('commit=throw%0')).toEqual([])
    expect(times('commit=throw%100')).toHaveLength(1_000)
  })

  test.each(['x', '-1', '1.5', ''])('refuse the seed %j', (seed) => {
    expect(() => times('a=throw', seed)).toThrow('SHARDYARD_FAULTS_SEED: expected a whole number')
  })

  test.each([
    ['SQLite', sqliteDriver],
    ['PostgreSQL', postgresDriver],
    ['MySQL', mysqlDriver],
  ] as const)('named "unavailable" are an outage to the driver of %s', (_, driver) => {
    let thrown: unknown
    try {
      faultPoints('a=unavailable')('a')
    } catch (error) {
      thrown = error
    }
    expect(driver.faultOf(thrown)).toEqual({ kind: 'unavailable' })
  })

  test('may be several', () => {
    const fault = faultPoints('a=throw,b:1=throw*2')
    expect(() => fault('a')).toThrow()
    expect(() => fault('b', 1, 2)).toThrow()
    expect(() => fault('b', 1, 3)).not.toThrow()
  })

  test.each([
    'write',
    'write:x=exit',
    'write=exit@',
    '=exit',
    'write=exit*1@2',
    'write=exit%',
    'write=exit%101',
    'write=exit@2-',
    'write=exit, b=exit',
  ])('that cannot be read (%s) are refused', (text) => {
    expect(() => faultPoints(text)).toThrow(/SHARDYARD_FAULTS: ".*" cannot be read/)
  })

  test('of an action that does not exist say so', () => {
    expect(() => faultPoints('a=explode')('a')).toThrow('there is no action "explode"')
  })

  test('are refused in production', () => {
    const before = process.env['NODE_ENV']
    process.env['NODE_ENV'] = 'production'
    try {
      expect(() => faultPoints('a=exit')).toThrow('refused when NODE_ENV is production')
      expect(() => faultPoints('')).not.toThrow()
    } finally {
      process.env['NODE_ENV'] = before
    }
  })
})
