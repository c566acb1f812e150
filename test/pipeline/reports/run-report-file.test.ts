import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LedgerLine } from '../../../dist/src/pipeline/reports/run-account'
import { tempFolder } from '../../helpers/temp'
import { REASON, line, lines, objectsOf, pagesOf, runOf, write, writeRun } from './sample-run'

async function* broken(): AsyncGenerator<LedgerLine> {
  yield* lines(200)
  throw new Error('the ledger is gone')
}

describe('the file', () => {
  test('is a tagged PDF 1.7 with title and language, and has no link, action or attachment', async () => {
    const objects = objectsOf(await write(runOf([line('Product', { url: 'https://example.com', js: 'app.alert(1)' })])))
    expect(objects.startsWith('%PDF-1.7')).toBe(true)
    for (const part of [
      '/Marked true',
      '/Lang (en)',
      '/DisplayDocTitle true',
      '/S /TH',
      '/S /H2',
      '/S /Figure',
      '/Alt ',
    ]) {
      expect(objects).toContain(part)
    }
    expect(objects).not.toMatch(/\/(URI|JavaScript|Launch|EmbeddedFiles|Annots|OpenAction)\b/)
  })

  test('has the same bytes for the same run', async () => {
    const rows = [...lines(60), ...lines(3, { outcome: 'rejected', reasons: [REASON] })]
    const [first, second] = [await write(runOf(rows)), await write(runOf(rows))]
    expect((await readFile(first)).equals(await readFile(second))).toBe(true)
  })

  test('takes its dates from the run', async () => {
    const objects = objectsOf(await write(runOf([], { finishedAt: undefined, state: 'incomplete' })))
    expect(objects.match(/\(D:\d+Z\)/g)).toEqual(['(D:20250820235322Z)', '(D:20250820235322Z)'])
  })

  test('says how many pages and bytes it has', async () => {
    const file = join(await tempFolder('report'), 'report.pdf')
    const run = runOf(lines(200))
    const written = await writeRun(run, file)
    expect(written).toMatchObject({ pages: pagesOf(file).length, sizeBytes: (await readFile(file)).length })
  })
})

describe('a report that fails', () => {
  test('in the middle of the rows leaves nothing, and what was there stays', async () => {
    const folder = await tempFolder('report')
    const file = join(folder, 'report.pdf')
    await writeFile(file, 'before')
    const { account } = runOf(lines(3))
    await expect(writeRun({ account, readLines: broken }, file)).rejects.toThrow('the ledger is gone')
    expect(await readdir(folder)).toEqual(['report.pdf'])
    expect(await readFile(file, 'utf8')).toBe('before')
  })

  test('because its folder is missing says so and names the file', async () => {
    const file = join(await tempFolder('report'), 'missing', 'report.pdf')
    await expect(writeRun(runOf([]), file)).rejects.toMatchObject({
      code: 'SY_OUTPUT_FAILED',
      message: expect.stringContaining('create the folder'),
      details: { file },
    })
  })

  test('because the file is a folder leaves that folder alone', async () => {
    const folder = await tempFolder('report')
    await mkdir(join(folder, 'report.pdf'))
    const written = writeRun(runOf([]), join(folder, 'report.pdf'))
    await expect(written).rejects.toMatchObject({ code: 'SY_OUTPUT_FAILED' })
    expect(await readdir(folder)).toEqual(['report.pdf'])
  })

  test('because the caller aborts it closes the reader and leaves nothing', async () => {
    const folder = await tempFolder('report')
    const { account } = runOf(lines(3))
    const abort = new AbortController()
    let isClosed = false
    async function* endless(): AsyncGenerator<LedgerLine> {
      try {
        for (let position = 0; ; position += 1) {
          if (position === 500) abort.abort(new Error('enough'))
          yield line('Product', { position })
        }
      } finally {
        isClosed = true
      }
    }
    const run = { account, readLines: endless }
    const written = writeRun(run, join(folder, 'r.pdf'), { rowsMax: 1e9, signal: abort.signal })
    await expect(written).rejects.toThrow('enough')
    expect(isClosed).toBe(true)
    expect(await readdir(folder)).toEqual([])
  })
})
