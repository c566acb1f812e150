import type { IngestOptions } from 'shardyard/src/pipeline/ingest/ingest-options'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { freshDepot } from './depot'
import { linesOf, type Line } from './end-state'
import { madeFiles } from './made-file'

const [sqlite] = ENGINES as readonly [TestEngine]
const FILES = madeFiles(2)
const MIXED = 'code,title,price,day\na1, Lamp ,"$1,234.50",01.02.2024\na1,Lamp,1,\na2,x,abc,\n\na3,Two,1,5,6\n'

const outcomes = (lines: readonly Line[]) => lines.map(({ outcome }) => outcome)

describe.each(ENGINES)('the ledger on $name', (engine) => {
  test('has of every record the bytes that stand at its place in the file', async () => {
    const depot = await freshDepot(engine, 'bytes')
    const paths = await Promise.all(FILES.map(({ name, content }) => depot.write(name, content)))
    for (const [index, file] of FILES.entries()) {
      const account = await depot.ingest([paths[index] ?? ''], { ...file.options, chunkBytes: 700 })
      const lines = await linesOf(depot, account.id)
      expect(lines).toHaveLength(file.records.length)
      for (const { position, length, raw } of lines) {
        expect(raw).toEqual(file.bytes.subarray(position, position + length))
      }
    }
  })

  test('leads from each accepted record to its row, and from no other', async () => {
    const depot = await freshDepot(engine, 'rows')
    const [csv] = FILES
    const path = await depot.write('a.csv', csv?.content ?? '')
    await depot.ingest([path], { threads: 2, chunkBytes: 300 })
    const rows = new Map((await depot.ask('north', 'SELECT * FROM items')).map((row) => [String(row['id']), row]))
    const lines = await linesOf(depot)
    for (const { outcome, rowId, raw } of lines) {
      const [code] = raw.toString().replaceAll('"', '').split(',')
      if (outcome === 'accepted') expect(rows.get(rowId ?? '')?.['code']).toBe(code)
      else expect(rowId).toBeNull()
    }
    expect(new Set(lines.flatMap(({ rowId }) => rowId ?? [])).size).toBe(rows.size)
  })

  test('keeps what was changed, and all reasons with their place in the record and what would mend it', async () => {
    const depot = await freshDepot(engine, 'reasons')
    await depot.ingest([await depot.write('a.csv', MIXED)])
    const [header, first, taken, wrong, blank, long] = await linesOf(depot)
    expect(outcomes([header, first, taken, wrong, blank, long] as Line[])).toEqual([
      'header',
      'accepted',
      'rejected',
      'rejected',
      'blank',
      'rejected',
    ])
    expect(first?.changes.map(({ field, from, to, why }) => [field, from, to, why])).toEqual([
      ['name', ' Lamp ', 'Lamp', 'TRIMMED'],
      ['price', '$1,234.50', '1234.50', 'CURRENCY_SIGN'],
      ['price', '$1,234.50', '1234.50', 'THOUSANDS'],
      ['day', '01.02.2024', '2024-02-01T00:00:00.000Z', 'DATE_FORMAT'],
      ['day', '01.02.2024', '2024-02-01T00:00:00.000Z', 'ZONE'],
    ])
    expect(taken?.reasons).toMatchObject([{ code: 'NOT_UNIQUE', field: 'code', message: 'Code already used: a1' }])
    expect(wrong?.reasons).toEqual([
      expect.objectContaining({
        code: 'NOT_A_NUMBER',
        field: 'price',
        pointer: '/price',
        fix: expect.stringMatching(/./),
      }),
      expect.objectContaining({ code: 'TOO_SHORT', field: 'name', pointer: '/title' }),
    ])
    expect(long?.reasons).toEqual([
      expect.objectContaining({ code: 'TOO_MANY_FIELDS', field: '', pointer: '', fix: expect.stringMatching(/./) }),
    ])
    expect([header, first, taken, wrong, blank, long].map((line) => line?.line)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('keeps a hash of every record that could be read, the same for the same bytes', async () => {
    const depot = await freshDepot(engine, 'hashes')
    await depot.ingest([await depot.write('a.csv', 'code,title,price\na1,Lamp,1\na1,Lamp,1\na2,x,1\n,,\nz\n')])
    const lines = await depot.ask('north', 'SELECT hash1, hash2, outcome FROM shardyard_lines ORDER BY position')
    const hash = ({ hash1, hash2 }: (typeof lines)[number]) => `${String(hash1)} ${String(hash2)}`
    expect(lines.map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate', 'rejected'])
    expect(new Set(lines.map(hash)).size).toBe(2)
    expect((await depot.ask('north', 'SELECT hash1, hash2 FROM shardyard_hashes')).map(hash)).toEqual([
      hash(lines[0] ?? {}),
    ])
    expect((await linesOf(depot)).filter(({ isHashed }) => !isHashed).map(({ outcome }) => outcome)).toEqual([
      'header',
      'blank',
      'rejected',
    ])
  })

  test('keeps a record that is too long to be read by its beginning', async () => {
    const depot = await freshDepot(engine, 'too long')
    const long = `a1,${'x'.repeat(1_100_000)},1`
    const account = await depot.ingest([
      await depot.write('a.csv', `code,title,price\na0,Lamp,1\n${long}\na2,Desk,1\n`),
    ])
    expect(account.counts).toMatchObject({ accepted: 2, rejected: 1 })
    const line = (await linesOf(depot)).find(({ outcome }) => outcome === 'rejected')
    expect(line).toMatchObject({ length: expect.any(Number), reasons: [{ code: 'LINE_TOO_LONG' }] })
    expect(line?.raw.toString()).toBe(long.slice(0, 64 * 1024))
  })
})

describe('a run keeps of its records', () => {
  const all = ['header', 'accepted', 'rejected', 'rejected', 'blank', 'rejected']

  test.each([
    ['full', all],
    ['rejects', ['rejected', 'rejected', 'rejected']],
    ['counts', []],
  ] as const)('with the ledger "%s" what that says, and the same account', async (ledger, kept) => {
    const depot = await freshDepot(sqlite, 'mode')
    const account = await depot.ingest([await depot.write('a.csv', MIXED)], { ledger })
    expect(account).toMatchObject({ ledger, counts: { accepted: 1, rejected: 3, duplicate: 0, blank: 1, header: 1 } })
    expect(outcomes(await linesOf(depot))).toEqual(kept)
  })

  test.each(['full', 'rejects', 'counts'] as const)(
    'with the ledger "%s" enough to know them again',
    async (ledger: NonNullable<IngestOptions['ledger']>) => {
      const depot = await freshDepot(sqlite, 'again')
      const file = await depot.write('a.csv', 'code,title,price\na1,Lamp,1\na2,Desk,1\n')
      await depot.ingest([file], { ledger })
      expect((await depot.ingest([file], { ledger })).counts).toMatchObject({ accepted: 0, duplicate: 2 })
    },
  )
})
