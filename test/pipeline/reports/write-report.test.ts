import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { type ReportProgress, type ReportRequest, writeReport } from 'shardyard'
import { fillKiosk, type Kiosk, openKiosk } from './kiosk'

const FORMATS = ['csv', 'json', 'ndjson', 'xlsx'] as const
const OTHERS = ['config.cjs']

/** Where the fixture notes that the rows of `counted` were left. */
const globals = globalThis as { countedWasLeft?: boolean }

/** What a report has left in the folder. */
async function leftIn({ folder }: Kiosk): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !OTHERS.includes(name) && !name.startsWith('shop.db')).toSorted()
}

function ask(kiosk: Kiosk, request: Partial<ReportRequest> & { report: string }, control = {}) {
  const output = join(kiosk.folder, 'out')
  return writeReport(kiosk.cluster, { format: 'csv', output, ...request }, control)
}

describe.each(FORMATS)('a report as %s', (format) => {
  test('is told with its size, rows and SHA-256, and has the same bytes again', async () => {
    const kiosk = await openKiosk()
    const { bytes, ...first } = await kiosk.write('counted', { format, options: { rows: 3_000 } })
    expect(first).toEqual({
      file: join(kiosk.folder, `out.${format}`),
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      rows: 3_000,
    })
    expect(await kiosk.write('counted', { format, options: { rows: '3000' } })).toEqual({ bytes, ...first })
    expect(await leftIn(kiosk)).toEqual([`out.${format}`])
  })

  test('whose rows fail leaves what was there before', async () => {
    const kiosk = await openKiosk()
    await writeFile(join(kiosk.folder, 'out'), 'before')
    const work = ask(kiosk, { report: 'counted', format, options: { rows: 50_000, failAt: 40_000 } })
    await expect(work).rejects.toThrow('the data is gone')
    expect(await leftIn(kiosk)).toEqual(['out'])
    expect(await readFile(join(kiosk.folder, 'out'), 'utf8')).toBe('before')
  })

  test('that is stopped in the middle leaves its rows and no file', async () => {
    const kiosk = await openKiosk()
    const stop = new AbortController()
    const onProgress = ({ done }: ReportProgress) => done >= 20_000 && stop.abort(new Error('enough'))
    const request = { report: 'counted', format, options: { rows: 10_000_000 } }
    globals.countedWasLeft = false
    await expect(ask(kiosk, request, { signal: stop.signal, onProgress })).rejects.toThrow('enough')
    expect(await leftIn(kiosk)).toEqual([])
    await delay(50)
    expect(globals.countedWasLeft).toBe(true)
  })

  test('to a stream is the same as to a file, and the stream stays open', async () => {
    const kiosk = await openKiosk()
    const { bytes, file: _, ...told } = await kiosk.write('counted', { format, options: { rows: 20_000 } })
    const stream = new PassThrough()
    const received = buffer(stream)
    const result = await ask(kiosk, { report: 'counted', format, output: stream, options: { rows: 20_000 } })
    expect([result, stream.writableEnded]).toEqual([told, false])
    stream.end()
    expect((await received).equals(bytes)).toBe(true)
  })
})

describe('a stream', () => {
  test('that takes bytes slowly is never given more than it takes', async () => {
    const kiosk = await openKiosk()
    let [waiting, most, total] = [0, 0, 0]
    const slow = new Writable({
      write(chunk: Buffer, _encoding, done) {
        total += chunk.length
        waiting = slow.writableLength
        most = Math.max(most, waiting)
        setTimeout(done, 1)
      },
    })
    const { sizeBytes } = await ask(kiosk, { report: 'counted', output: slow, options: { rows: 100_000 } })
    expect(total).toBe(sizeBytes)
    expect(sizeBytes).toBeGreaterThan(1_000_000)
    expect(most).toBeLessThan(200_000)
  })

  test('that fails ends the report with its error', async () => {
    const kiosk = await openKiosk()
    const cause = new Error('the line is cut')
    const failing = new Writable({ write: (_chunk, _encoding, done) => done(cause) })
    const work = ask(kiosk, { report: 'counted', output: failing, options: { rows: 100_000 } })
    await expect(work).rejects.toMatchObject({ code: 'SY_OUTPUT_FAILED', cause })
    await delay(10)
  })

  test('that is closed early ends the report', async () => {
    const kiosk = await openKiosk()
    const stream = new PassThrough()
    stream.once('data', () => stream.destroy())
    const work = ask(kiosk, { report: 'counted', output: stream, options: { rows: 1_000_000 } })
    await expect(work).rejects.toMatchObject({ code: 'SY_OUTPUT_FAILED' })
  })
})

describe('a report that cannot be made', () => {
  test('because its name is unknown says which there are', async () => {
    const kiosk = await openKiosk()
    await expect(ask(kiosk, { report: 'sales' })).rejects.toMatchObject({
      code: 'SY_REPORT_UNKNOWN',
      message: 'There is no report "sales". There are: everything, hostile, counted, parted, asked, endless, broken.',
    })
  })

  const WRONG: readonly [about: string, request: object, says: string][] = [
    ['its options', { report: 'asked', options: { by: 'week' } }, '`fromDay` must be given'],
    ['its format', { report: 'everything', format: 'docx' }, 'Expected `format` to be one of'],
    ['its workers', { report: 'parted', workers: 0 }, 'Expected `workers` to be an integer from 1 to 64'],
    ['its threads without a module', { report: 'parted', workers: 2 }, '`workers` need `config`'],
    ['a table of JSON', { report: 'everything', format: 'json', table: 'none' }, 'no use for `table`'],
    ['a raw NDJSON', { report: 'everything', format: 'ndjson', isRaw: true }, 'no use for `isRaw`'],
  ]
  test.each(WRONG)('because of %s says so before it begins', async (_, request, says) => {
    const kiosk = await openKiosk()
    const work = ask(kiosk, request as ReportRequest)
    await expect(work).rejects.toMatchObject({ code: 'SY_OPTION_INVALID', message: expect.stringContaining(says) })
  })

  const FAILED: readonly [how: string, says: string, code: string | undefined][] = [
    [
      'names',
      '`asOf` is no date; two tables are named "a"; two columns of the table "a" are named "id"',
      'SY_REPORT_FAILED',
    ],
    ['row', 'Row 2 of the table "a" has 2 cells for 1 columns', 'SY_REPORT_FAILED'],
    ['throws', 'the query is bad', undefined],
  ]
  test.each(FAILED)('because of its own code (%s) says what is wrong with it', async (how, says, code) => {
    const kiosk = await openKiosk()
    const work = ask(kiosk, { report: 'broken', options: { how } })
    await expect(work).rejects.toMatchObject({ message: expect.stringContaining(says), ...(code && { code }) })
    expect(await leftIn(kiosk)).toEqual([])
  })

  test('because its folder is missing says so before it is made', async () => {
    const kiosk = await openKiosk()
    const work = ask(kiosk, { report: 'endless', output: join(kiosk.folder, 'none', 'out.csv') })
    await expect(work).rejects.toMatchObject({
      code: 'SY_OUTPUT_FAILED',
      message: expect.stringContaining('create the folder'),
    })
  })

  test('because its place is a folder leaves that folder alone', async () => {
    const kiosk = await openKiosk()
    await mkdir(join(kiosk.folder, 'out'))
    await expect(ask(kiosk, { report: 'everything' })).rejects.toMatchObject({ code: 'SY_OUTPUT_FAILED' })
    expect(await leftIn(kiosk)).toEqual(['out'])
  })

  test('because the place of a workbook takes no more ends with the reason', async () => {
    const kiosk = await openKiosk()
    const full = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
      },
    })
    const work = ask(kiosk, { report: 'counted', format: 'xlsx', output: full, options: { rows: 100_000 } })
    await expect(work).rejects.toMatchObject({ code: 'SY_OUTPUT_FAILED', cause: { code: 'ENOSPC' } })
  })
})

describe('a report that is stopped', () => {
  test.each(['run', 'rows'])('ends at once, also when its own code (%s) does not look at the signal', async (where) => {
    const kiosk = await openKiosk()
    const work = ask(kiosk, { report: 'endless', options: { where } }, { signal: AbortSignal.timeout(100) })
    await expect(work).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await leftIn(kiosk)).toEqual([])
  })

  test('before it begins does not begin', async () => {
    const kiosk = await openKiosk()
    await expect(ask(kiosk, { report: 'nope' }, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
  })

  test('in the middle of a part leaves no thread behind', async () => {
    const kiosk = await openKiosk()
    await fillKiosk(kiosk)
    const stop = new AbortController()
    const onProgress = ({ done }: ReportProgress) => done === 3 && stop.abort(new Error('enough'))
    const request = { report: 'parted', options: { parts: 4, trouble: 'hang' }, workers: 2, config: kiosk.config }
    await expect(ask(kiosk, request, { signal: stop.signal, onProgress })).rejects.toThrow('enough')
    expect(await leftIn(kiosk)).toEqual([])
  })
})

describe('a report that is made in parts', () => {
  test('is the same whoever makes them, and each thread opens the databases itself', async () => {
    const kiosk = await openKiosk()
    await fillKiosk(kiosk)
    const alone = await kiosk.write('parted', { options: { parts: 7 } })
    const three = await kiosk.write('parted', { options: { parts: 7 }, workers: 3, config: kiosk.config })
    expect(alone.bytes.toString()).toContain('from,users,at\n0,3,string 2025-03-30T01:02:03.000Z\n10,3,')
    expect(three).toEqual(alone)
    const figures = { table: 'figures', options: { parts: 7 }, workers: 3, config: kiosk.config }
    expect((await kiosk.write('parted', figures)).bytes.toString()).toBe('name,value\nthreads,3\n')
  })

  test('takes results that were made elsewhere, and makes none', async () => {
    const kiosk = await openKiosk()
    const { bytes } = await kiosk.write('parted', { results: [{ from: 5, users: 6, at: 'now', thread: 1 }] })
    expect(bytes.toString()).toBe('from,users,at\n5,6,string now\n')
  })

  test('without any part is made all the same', async () => {
    const kiosk = await openKiosk()
    const { bytes } = await kiosk.write('parted', { options: { parts: 0 }, workers: 2, config: kiosk.config })
    expect(bytes.toString()).toBe('from,users,at\n')
  })

  test('tells how many parts and rows are done', async () => {
    const kiosk = await openKiosk()
    await fillKiosk(kiosk)
    const told: ReportProgress[] = []
    const control = { onProgress: (progress: ReportProgress) => void told.push(progress) }
    await ask(kiosk, { report: 'parted', options: { parts: 2 } }, control)
    await ask(kiosk, { report: 'counted', options: { rows: 1_500, isKnown: true } }, control)
    expect(told.map(({ phase, done, total }) => `${phase} ${done}/${total}`)).toEqual([
      'parts 0/2',
      'parts 1/2',
      'parts 2/2',
      'model 0/undefined',
      'rows 2/undefined',
      'model 0/undefined',
      'rows 1000/1500',
      'rows 1500/1500',
    ])
  })

  const TROUBLE: readonly [trouble: string, workers: number, error: object][] = [
    [
      'throw',
      1,
      { code: 'SY_REPORT_FAILED', message: 'Part 3 of 4 of the report "parted" has failed: the part is bad' },
    ],
    [
      'throw',
      2,
      { code: 'SY_REPORT_FAILED', message: 'Part 3 of 4 of the report "parted" has failed: the part is bad' },
    ],
    ['known', 1, { code: 'SY_DATABASE_UNKNOWN' }],
    ['known', 2, { code: 'SY_DATABASE_UNKNOWN', details: { known: ['shop'] } }],
    ['exit', 2, { code: 'SY_REPORT_FAILED', message: expect.stringMatching(/died at part 3 of 4.*with code 7/) }],
  ]
  test.each(TROUBLE)('fails with the part that fails (%s, workers: %d)', async (trouble, workers, error) => {
    const kiosk = await openKiosk()
    await fillKiosk(kiosk)
    const work = ask(kiosk, { report: 'parted', options: { parts: 4, trouble }, workers, config: kiosk.config })
    await expect(work).rejects.toMatchObject(error)
    expect(await leftIn(kiosk)).toEqual([])
  })
})
