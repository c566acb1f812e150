import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ERROR_CODES, ShardyardError } from 'shardyard'

describe('docs/errors.md', () => {
  const text = readFileSync(join(__dirname, '../docs/errors.md'), 'utf8')
  const rows = [...text.matchAll(/^\|\s*`(SY_[A-Z_]+)`\s*\|(.*)\|(.*)\|\s*$/gm)]

  test('has one row for each code, in the same order', () => {
    expect(rows.map(([, code]) => code)).toEqual(Object.keys(ERROR_CODES))
  })

  test.each(rows.map(([, code, meaning, advice]) => [code, meaning, advice]))(
    'says what %s means and what to do',
    (_, meaning, advice) => {
      expect(meaning?.trim()).toMatch(/^[A-Z].{10,}/)
      expect(advice?.trim()).toMatch(/^[A-Z`].{10,}/)
    },
  )
})

describe('an error', () => {
  test('carries its code, plain details and its cause', () => {
    const cause = new Error('below')
    const error = new ShardyardError('SY_DATABASE_DOWN', 'It is down.', { cause, details: { database: 'users' } })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'ShardyardError',
      code: 'SY_DATABASE_DOWN',
      details: { database: 'users' },
      cause,
    })
    expect(structuredClone(error.details)).toEqual(error.details)
  })

  test('without details and cause has empty details and no cause', () => {
    const error = new ShardyardError('SY_RUN_UNKNOWN', 'Which?')
    expect(error.details).toEqual({})
    expect('cause' in error).toBe(false)
  })

  test.each(Object.entries(ERROR_CODES))('of the code %s is explained in one sentence', (code, meaning) => {
    expect(code).toMatch(/^SY_[A-Z]+(_[A-Z]+)*$/)
    expect(meaning).toMatch(/^[A-Z`].*\.$/)
  })
})
