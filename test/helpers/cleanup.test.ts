import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { removeAtEnd } from './cleanup'

const ROOT = join(__dirname, '../..')

test('what beforeAll makes is kept also when the tests before it are left out', () => {
  const jest = [require.resolve('jest/bin/jest'), __filename, '-t', 'what beforeAll makes is there']
  expect(() => execFileSync(process.execPath, jest, { cwd: ROOT, stdio: 'pipe' })).not.toThrow()
})

describe('what beforeAll makes', () => {
  let isThere = false

  beforeAll(() => {
    isThere = true
    removeAtEnd(async () => {
      isThere = false
    })
  })

  test.each(['first', 'second'])('is there in the %s test', () => {
    expect(isThere).toBe(true)
  })
})
