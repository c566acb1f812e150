import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { JobFiles, type JobFile } from 'shardyard/src/pipeline/jobs/job-files'
import type { Job } from 'shardyard/src/pipeline/jobs/job'
import { tempFolder } from '../../helpers/temp'
import { claimOne, LEASE_MS, QUEUES } from './queues'

const ID = `j${'0a'.repeat(12)}`
const job = (fence: number, id = ID) => ({ id, fence }) as Job
const bytes = (text: string) => [Buffer.from(text.slice(0, 3)), Buffer.from(text.slice(3))]

async function readAll(files: JobFiles, file: JobFile): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of files.read(file)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

describe('the file of a job', () => {
  test('is read as it was written, and its record says what it is', async () => {
    const files = new JobFiles(join(await tempFolder(), 'made', 'later'))
    const file = await files.write(job(1), 'report.csv', bytes('a,b\n1,2\n'))
    expect(file).toEqual({
      job: ID,
      name: '1-report.csv',
      sizeBytes: 8,
      sha256: '492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470',
    })
    expect(await readAll(files, file)).toBe('a,b\n1,2\n')
    expect(await readFile(await files.verify(file), 'utf8')).toBe('a,b\n1,2\n')
  })

  test('is not there at all when its writing failed half way', async () => {
    const files = new JobFiles(await tempFolder())
    async function* broken() {
      yield Buffer.from('half')
      throw new Error('no more')
    }
    await expect(files.write(job(1), 'report.csv', broken())).rejects.toThrow('no more')
    expect(await readdir(join(files.folder, ID))).toEqual([])
  })

  test.each([
    ['cut short', (path: string) => writeFile(path, 'a,b')],
    ['changed', (path: string) => writeFile(path, 'a,b\n1,3\n')],
    ['removed', (path: string) => rm(path)],
  ])('is not handed out as whole when it was %s', async (_, damage) => {
    const files = new JobFiles(await tempFolder())
    const file = await files.write(job(1), 'report.csv', bytes('a,b\n1,2\n'))
    await damage(await files.verify(file))
    await expect(files.verify(file)).rejects.toMatchObject({ code: 'SY_FILE_DAMAGED' })
    await expect(readAll(files, file)).rejects.toMatchObject({ code: 'SY_FILE_DAMAGED' })
  })

  test('that a killed claim has left, whole or half, is removed by the next one', async () => {
    const files = new JobFiles(await tempFolder())
    await files.write(job(9), 'report.csv', bytes('whole'))
    await writeFile(join(files.folder, ID, '9-report.csv.0a.tmp'), 'half')
    const file = await files.write(job(10), 'report.csv', bytes('again'))
    expect(await readdir(join(files.folder, ID))).toEqual(['10-report.csv'])
    expect(await readAll(files, file)).toBe('again')
  })

  test('of a later claim is left alone by a late worker', async () => {
    const files = new JobFiles(await tempFolder())
    const newer = await files.write(job(2), 'report.csv', bytes('newer'))
    await files.write(job(1), 'report.csv', bytes('older'))
    expect(await readAll(files, newer)).toBe('newer')
  })

  test.each(['../secret', '..', '1-../../x', '/etc/passwd', '1-a/b', 'report.csv'])(
    'is not looked for under the name %s',
    async (name) => {
      const files = new JobFiles(await tempFolder())
      const wrong = { code: 'SY_INPUT_INVALID' }
      await expect(files.verify({ job: ID, name, sizeBytes: 1, sha256: '' })).rejects.toMatchObject(wrong)
      await expect(files.verify({ job: '..', name: '1-a', sizeBytes: 1, sha256: '' })).rejects.toMatchObject(wrong)
    },
  )
})

test.each(QUEUES)('files on $name go with the jobs that are not kept any more', async (engine) => {
  const home = await engine.makeHome('files')
  const [queue, files] = [await home.open({ keepMs: 0, leaseMs: LEASE_MS * 10 }), new JobFiles(await tempFolder())]
  await queue.enqueueMany([1, 2].map((data) => ({ kind: 'work', data })))
  const [gone, kept] = [await claimOne(queue), await claimOne(queue)]
  for (const { job: owner } of [gone, kept]) {
    await files.write(owner, 'a.txt', bytes('text'))
    await utimes(join(files.folder, owner.id), 0, 0)
  }
  await files.write(job(1), 'a.txt', bytes('text'))
  await queue.complete(gone, null)
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect([await queue.prune(), await files.prune(queue)]).toEqual([1, 1])
  expect((await readdir(files.folder)).toSorted()).toEqual([ID, kept.job.id].toSorted())
  await queue.close()
  await home.close()
})
