import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { traceLine, traceRow } from 'shardyard/src/pipeline/ingest/trace'
import { ENGINES, sqliteAnd, type TestEngine } from '../../helpers/engines'
import { freshDepot } from './depot'
import { shardyard } from './exporting'

const [sqlite] = ENGINES as readonly [TestEngine]

/** Line 2 is accepted, 3 to 4 too, 5 is rejected, 6 repeats 2, 7 is blank. */
const CSV = 'code,title,price\na1, Lamp ,1\na2,"Big\nbed",2\na3,x,none\na1, Lamp ,1\n\nz1,Desk,3\n'
/** What no terminal may get: escapes in 7 and 8 bits, and what turns text around. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

async function traced(engine: TestEngine) {
  const depot = await freshDepot(engine, 'trace', { databases: ['north', 'south', 'control'] })
  const file = await depot.write('a.csv', CSV)
  const { id } = await depot.ingest([file], { chunkBytes: 20 })
  return { depot, file, id }
}

describe.each(sqliteAnd('mysql'))('a trace on $name', (engine) => {
  test('of a line tells what became of the record there, and where', async () => {
    const { depot, file, id } = await traced(engine)
    const [accepted, ...others] = await traceLine(depot.cluster, file, 2)
    expect(others).toEqual([])
    expect(accepted).toMatchObject({ run: id, entity: 'Item', line: 2, outcome: 'accepted', text: 'a1, Lamp ,1' })
    expect(accepted?.row).toMatchObject({ code: 'a1', name: 'Lamp', price: '1.00' })
    expect(accepted?.changes).toContainEqual(expect.objectContaining({ field: 'name', from: ' Lamp ', to: 'Lamp' }))
    const [rejected] = await traceLine(depot.cluster, file, 5)
    expect(rejected).toMatchObject({ outcome: 'rejected', row: undefined, rowId: undefined })
    expect(rejected?.reasons.map(({ code }) => code).toSorted()).toEqual(['NOT_A_NUMBER', 'TOO_SHORT'])
    const [duplicate] = await traceLine(depot.cluster, file, 6)
    expect(duplicate).toMatchObject({ outcome: 'duplicate', duplicateOf: { run: id, file, line: 2 } })
    expect((await traceLine(depot.cluster, file, 7))[0]).toMatchObject({ outcome: 'blank' })
    expect((await traceLine(depot.cluster, file, 1))[0]).toMatchObject({ outcome: 'header', database: 'control' })
    expect((await traceLine(depot.cluster, file, 8))[0]).toMatchObject({ outcome: 'accepted', database: 'south' })
    expect(await traceLine(depot.cluster, file, 9)).toEqual([])
  })

  test('of any line of a record is that of the record', async () => {
    const { depot, file } = await traced(engine)
    for (const line of [3, 4]) {
      const [trace, ...others] = await traceLine(depot.cluster, file, line)
      expect(others).toEqual([])
      expect(trace).toMatchObject({ line: 3, outcome: 'accepted', row: { code: 'a2', name: 'Big\nbed' } })
    }
  })

  test('of a row leads back to its line', async () => {
    const { depot, file, id } = await traced(engine)
    const [trace] = await traceLine(depot.cluster, file, 3)
    const traces = await traceRow(depot.cluster, 'item', trace?.rowId ?? '')
    expect(traces.find(({ database }) => database === 'north')).toMatchObject({ run: id, line: 3, fileTitle: file })
    expect(await traceRow(depot.cluster, 'Item', '999999')).toEqual([])
  })
})

describe('a trace', () => {
  test('knows a file by its content when it was renamed, and by its name when it is gone', async () => {
    const { depot, file, id } = await traced(sqlite)
    const other = join(depot.folder, 'renamed.csv')
    await rename(file, other)
    expect(await traceLine(depot.cluster, other, 5)).toMatchObject([{ run: id, outcome: 'rejected' }])
    expect(await traceLine(depot.cluster, file, 5)).toMatchObject([{ run: id, outcome: 'rejected' }])
    await rm(other)
    expect(await traceLine(depot.cluster, other, 5)).toEqual([])
    await writeFile(file, 'code,title,price\nb1,Other,1\n')
    expect(await traceLine(depot.cluster, file, 2)).toEqual([])
  })

  test('tells of every run that has read the file, newest first', async () => {
    const { depot, file, id } = await traced(sqlite)
    const again = await depot.ingest([file])
    const traces = await traceLine(depot.cluster, file, 2)
    expect(traces.map(({ run, outcome }) => [run, outcome])).toEqual([
      [again.id, 'duplicate'],
      [id, 'accepted'],
    ])
    expect(traces[0]?.duplicateOf).toEqual({ run: id, file, line: 2 })
  })

  test('tells of every record on a line', async () => {
    const depot = await freshDepot(sqlite, 'one line')
    const records = ['a1', 'a2', 'a3'].map((code) => `{"code":"${code}","title":"Lamp","price":"1"}`)
    const file = await depot.write('a.json', `[${records[0]},${records[1]},{"code":"b1",\n"title":"x"},${records[2]}]`)
    await depot.ingest([file])
    const onLine = async (line: number) => (await traceLine(depot.cluster, file, line)).map(({ text }) => text)
    expect(await onLine(1)).toEqual([records[0], records[1], '{"code":"b1",\n"title":"x"}'])
    expect(await onLine(2)).toEqual(['{"code":"b1",\n"title":"x"}', records[2]])
  })

  test.each([
    ['utf-16le', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['utf-16be', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ] as const)('shows a record in %s as what it means', async (_, bytesOf) => {
    const depot = await freshDepot(sqlite, 'utf-16')
    const file = await depot.write('a.csv', bytesOf('code,title,price\na1,ĊoĊ,1\na2,Lamp,2\n'))
    await depot.ingest([file])
    expect(await traceLine(depot.cluster, file, 2)).toMatchObject([{ text: 'a1,ĊoĊ,1', line: 2 }])
    expect(await traceLine(depot.cluster, file, 3)).toMatchObject([{ text: 'a2,Lamp,2', line: 3 }])
  })

  test('of a run with fewer lines tells of what it has kept', async () => {
    const depot = await freshDepot(sqlite, 'fewer')
    const file = await depot.write('a.csv', CSV)
    await depot.ingest([file], { ledger: 'rejects' })
    expect(await traceLine(depot.cluster, file, 5)).toMatchObject([{ outcome: 'rejected' }])
    for (const line of [2, 6, 7]) expect(await traceLine(depot.cluster, file, line)).toEqual([])
  })

  test('of a row that was deleted says so', async () => {
    const { depot, file } = await traced(sqlite)
    await depot.ask('north', 'DELETE FROM items')
    expect(await traceLine(depot.cluster, file, 2)).toMatchObject([{ outcome: 'accepted', row: undefined }])
    const { stdout } = await shardyard(depot, ['trace', `${file}:2`])
    expect(stdout).toContain('which is not there any more')
  })
})

describe('the command "trace"', () => {
  test('prints what became of a line, and as JSON all that is known', async () => {
    const { depot, file, id } = await traced(sqlite)
    const { code, stdout, stderr } = await shardyard(depot, ['trace', `${file}:5`])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const part of [`Run ${id}`, 'line 5, byte', 'a3,x,none', 'rejected', 'TOO_SHORT at /title']) {
      expect(stdout).toContain(part)
    }
    const json = JSON.parse((await shardyard(depot, ['trace', `${file}:6`, '--json'])).stdout) as object[]
    expect(json).toMatchObject([{ run: id, outcome: 'duplicate', raw: 'a1, Lamp ,1', duplicateOf: { line: 2 } }])
    const [accepted] = await traceLine(depot.cluster, file, 2)
    expect((await shardyard(depot, ['trace', 'Item', accepted?.rowId ?? ''])).stdout).toContain('line 2, byte 17')
  }, 60_000)

  test('says in a sentence what it does not know', async () => {
    const { depot, file } = await traced(sqlite)
    expect((await shardyard(depot, ['trace', `${file}:99`])).stdout).toContain('No ingestion')
    expect((await shardyard(depot, ['trace', 'nothing'])).code).toBe(2)
    expect((await shardyard(depot, ['trace', 'Nothing', '1'])).code).toBe(2)
  }, 60_000)

  test('and a dry run pass nothing on that a terminal would obey, from data, names of columns or files', async () => {
    const depot = await freshDepot(sqlite, 'escapes')
    const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egnp.exe\u2066'
    const name = `a${evil.replaceAll('/', '')}.csv`
    const file = await depot.write(name, `code,title,price,"x${evil}"\na1,"Lamp${evil}",1${evil},y\n"b${evil}",x\n`)
    const dry = await shardyard(depot, ['ingest', file, '--into', 'Item', '--dry-run'])
    const load = await shardyard(depot, ['ingest', file, '--into', 'Item'])
    const first = await shardyard(depot, ['trace', `${file}:2`])
    const second = await shardyard(depot, ['trace', `${file}:3`])
    const redriven = await shardyard(depot, ['redrive', 'latest'])
    const gone = await shardyard(depot, ['ingest', `${file}x`, '--into', 'Item'])
    for (const { code } of [dry, load, first, second, redriven]) expect(code).toBe(0)
    expect(gone.code).toBe(2)
    for (const { stdout, stderr } of [dry, load, first, second, redriven, gone]) {
      expect(UNSAFE.exec(stdout + stderr)).toBeNull()
    }
    expect(first.stdout).toContain('Lamp')
  }, 120_000)
})
