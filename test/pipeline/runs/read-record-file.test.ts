import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { User } from 'shardyard/entities'
import { readRecordFile } from 'shardyard/src/pipeline/runs/read-record-file'
import { dataFile } from '../../commands/mixed-records'
import { tempFolder } from '../../helpers/temp'

async function read(content: string) {
  return readRecordFile(await dataFile(await tempFolder('records'), content), [User])
}

describe('a record file', () => {
  test('is known by the SHA-256 of its bytes and told by its name', async () => {
    const file = await dataFile(await tempFolder('records'), '[ {"entity": "User"} ]')
    const source = await readRecordFile(file, [User])
    const sha = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
    expect(source).toMatchObject({ identity: `sha256:${sha}`, title: 'records.json (1 records)' })
  })

  test('that is spelled otherwise is another source', async () => {
    expect((await read('[{"entity":"User"}]')).identity).not.toBe((await read('[{"entity":"User" }]')).identity)
  })

  test('may nest its values 50 levels deep, and no deeper', async () => {
    const nested = (levels: number) => `[{"entity":"User","name":${'['.repeat(levels)}${']'.repeat(levels)}}]`
    expect((await read(nested(50))).count(User)).toBe(1)
    await expect(read(nested(51))).rejects.toMatchObject({ code: 'SY_INPUT_INVALID' })
  })

  test.each(['__proto__', 'constructor', 'prototype'])(
    'with a key %s is refused whole, and nothing is polluted',
    async (key) => {
      await expect(read(`[{"entity":"User","a":{"${key}":{"polluted":true}}}]`)).rejects.toMatchObject({
        code: 'SY_INPUT_INVALID',
      })
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    },
  )

  test('that is broken is not quoted', async () => {
    await expect(read('[{"secret": "hunter2" "x"}]')).rejects.toMatchObject({
      message: expect.not.stringContaining('hunter2'),
    })
  })

  test('keeps the last of two values of one key', async () => {
    const source = await read('[{"entity":"User","id":1,"id":2}]')
    expect(source.at(User, 0).record).toEqual({ id: 2 })
  })
})
