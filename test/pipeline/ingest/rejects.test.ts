import { ENGINES, type TestEngine } from '../../helpers/engines'
import { freshDepot, type OpenDepot } from './depot'
import { csvRows, exported, shardyard } from './exporting'

const [sqlite] = ENGINES as readonly [TestEngine]

interface RejectJson {
  readonly reject_id: string
  readonly file: string
  readonly line: number
  readonly position: number
  readonly reasons: readonly { code: string; field: string; pointer: string; message: string; fix: string }[]
  readonly record?: Readonly<Record<string, unknown>>
  readonly raw?: string
}

const CSV = [
  'code,title,price,day',
  'a1,Lamp,1,',
  'a2,L,12 apples,31.12.2024',
  'a3,"Two\nlines, ""quoted""",-5,',
  'a4,Desk',
  'a5,Forbidden,1,',
  'a6,Şamdan,1,yesterday',
  '',
].join('\n')

async function rejecting(engine: TestEngine): Promise<{ depot: OpenDepot; run: string }> {
  const depot = await freshDepot(engine, 'rejects')
  const account = await depot.ingest([await depot.write('a.csv', CSV)])
  expect(account.counts).toMatchObject({ accepted: 1, rejected: 5 })
  return { depot, run: account.id }
}

/** Of each reject its line, and of each reason all that it says. */
const told = (rejects: readonly RejectJson[]) =>
  rejects.map(({ line, reasons }) => [line, ...reasons.map(({ code, pointer }) => `${code} ${pointer}`).toSorted()])

const TOLD = [
  [3, 'NOT_A_NUMBER /price', 'TOO_SHORT /title'],
  [4, 'TOO_LOW /price'],
  [6, 'TOO_FEW_FIELDS '],
  [7, 'REFUSED_BY_DATABASE '],
  [8, 'NOT_A_DATE /day'],
]

const sorted = (codes: string | undefined) => codes?.split(' ').toSorted().join(' ')

describe.each(ENGINES)('rejects on $name', (engine) => {
  test('are written as NDJSON and JSON with every reason: where, what, and what would mend it', async () => {
    const { depot, run } = await rejecting(engine)
    const lines = (await exported(depot, run, { format: 'ndjson' })).trimEnd().split('\n')
    const rejects = lines.map((line) => JSON.parse(line) as RejectJson)
    expect(JSON.parse(await exported(depot, run, { format: 'json' }))).toEqual(rejects)
    expect(told(rejects)).toEqual(TOLD)
    for (const { reasons } of rejects)
      for (const reason of reasons) expect(reason).toMatchObject({ message: expect.stringMatching(/\S/) })
    expect(rejects[0]?.reasons.find(({ code }) => code === 'NOT_A_NUMBER')?.fix).not.toBe('')
    expect(rejects.map(({ record }) => record)).toEqual([
      { code: 'a2', title: 'L', price: '12 apples', day: '31.12.2024' },
      { code: 'a3', title: 'Two\nlines, "quoted"', price: '-5', day: '' },
      undefined,
      { code: 'a5', title: 'Forbidden', price: '1', day: '' },
      { code: 'a6', title: 'Şamdan', price: '1', day: 'yesterday' },
    ])
    expect(rejects[2]?.raw).toBe('a4,Desk')
  })

  test('are written as CSV that another reader takes, the record in columns of its own', async () => {
    const { depot, run } = await rejecting(engine)
    const rows = csvRows(await exported(depot, run, { format: 'csv' }))
    expect(
      rows.map((row) => [row['reject_line'], sorted(row['reject_codes']), row['title'], row['reject_raw']]),
    ).toEqual([
      ['3', 'NOT_A_NUMBER TOO_SHORT', 'L', ''],
      ['4', 'TOO_LOW', 'Two\nlines, "quoted"', ''],
      ['6', 'TOO_FEW_FIELDS', '', 'a4,Desk'],
      ['7', 'REFUSED_BY_DATABASE', 'Forbidden', ''],
      ['8', 'NOT_A_DATE', 'Şamdan', ''],
    ])
    expect(new Set(rows.map(({ reject_id: id }) => id)).size).toBe(5)
    expect(rows.every((row) => row['reject_file']?.endsWith('a.csv') === true && row['reject_reasons'] !== '')).toBe(
      true,
    )
  })

  test('of one code are those that have it among their reasons', async () => {
    const { depot, run } = await rejecting(engine)
    const text = await exported(depot, run, { format: 'json', code: 'TOO_SHORT' })
    expect(told(JSON.parse(text) as RejectJson[])).toEqual(TOLD.slice(0, 1))
    expect(JSON.parse(await exported(depot, run, { format: 'json', code: 'NO_SUCH' }))).toEqual([])
  })
})

describe('an export of rejects', () => {
  const FORMULAS: readonly [text: string, cell: string][] = [
    ['=1+1', "'=1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['\t=1', "'\t=1"],
    ['\r=1', "'\r=1"],
    ['＝1+1', "'＝1+1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠x', "'＠x"],
    [' =1', "' =1"],
    ['\u00a0\n+1', "'\u00a0\n+1"],
    ["' -1", "'' -1"],
    ["'=1", "''=1"],
    ["''@x", "'''@x"],
    ["'tis", "'tis"],
    ['a=1', 'a=1'],
  ]

  test.each(FORMULAS)('writes %j so that no spreadsheet runs it, and as it is on request', async (text, cell) => {
    const depot = await freshDepot(sqlite, 'formulas')
    const { id } = await depot.ingest([[{ code: 'a1', title: text, price: 'none' }]])
    expect(csvRows(await exported(depot, id, { format: 'csv' }))[0]?.['title']).toBe(cell)
    expect(csvRows(await exported(depot, id, { format: 'csv', isRaw: true }))[0]?.['title']).toBe(text)
    const [reject] = JSON.parse(await exported(depot, id, { format: 'json' })) as RejectJson[]
    expect(reject?.record?.['title']).toBe(text)
  })

  test('guards the names of columns and the raw text of records too', async () => {
    const depot = await freshDepot(sqlite, 'formula names')
    const file = await depot.write('a.csv', 'code,title,price,=cmd|x\na1,Lamp,none,1\n=a2,Lamp\n')
    const { id } = await depot.ingest([file])
    const [first, second] = csvRows(await exported(depot, id, { format: 'csv' }))
    expect(Object.keys(first ?? {})).toContain("'=cmd|x")
    expect(second?.['reject_raw']).toBe("'=a2,Lamp")
  })

  test('keeps columns of the record apart from those that tell about it', async () => {
    const depot = await freshDepot(sqlite, 'same names')
    const file = await depot.write('a.csv', 'code,title,price,reject_line,reject_raw,record.x\na1,Lamp,none,7,rare,9\n')
    const { id } = await depot.ingest([file])
    const [row] = csvRows(await exported(depot, id, { format: 'csv' }))
    const own = { 'record.reject_line': '7', 'record.reject_raw': 'rare', 'record.record.x': '9' }
    expect(row).toMatchObject({ reject_line: '2', reject_raw: '' })
    for (const [name, value] of Object.entries(own)) expect([name, row?.[name]]).toEqual([name, value])
  })

  test.each([
    ['utf-16le', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'), {}],
    ['utf-16be', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), {}],
    [
      'windows-1254',
      (text: string) => Buffer.from(text.replaceAll('Ş', '\xde'), 'latin1'),
      { encoding: 'windows-1254' },
    ],
  ] as const)('shows %s as what it means, also where a record could not be read', async (_, bytesOf, options) => {
    const depot = await freshDepot(sqlite, 'encodings')
    const file = await depot.write('a.csv', bytesOf('code,title,price\na1,Şamdan,none\na2,Şam\n'))
    const { id } = await depot.ingest([file], options)
    const rejects = JSON.parse(await exported(depot, id, { format: 'json' })) as RejectJson[]
    expect(rejects.map(({ record, raw }) => [record?.['title'], raw])).toEqual([
      ['Şamdan', undefined],
      [undefined, 'a2,Şam'],
    ])
  })

  test('of a run without rejects is empty in every format', async () => {
    const depot = await freshDepot(sqlite, 'none')
    const { id } = await depot.ingest([[{ code: 'a1', title: 'Lamp', price: '1' }]])
    expect(JSON.parse(await exported(depot, id, { format: 'json' }))).toEqual([])
    expect(await exported(depot, id, { format: 'ndjson' })).toBe('')
    expect(csvRows(await exported(depot, id, { format: 'csv' }))).toEqual([])
  })

  test('of a run that kept counts alone says how to keep more', async () => {
    const depot = await freshDepot(sqlite, 'counts')
    const { id } = await depot.ingest([[{ code: 'a1', title: 'L', price: '1' }]], { ledger: 'counts' })
    await expect(exported(depot, id, { format: 'csv' })).rejects.toMatchObject({
      code: 'SY_INPUT_INVALID',
      message: expect.stringContaining('--ledger rejects'),
    })
  })

  test('pages through thousands of rejects of several files, each of them once and in order', async () => {
    const depot = await freshDepot(sqlite, 'many', { databases: ['north', 'south', 'control'] })
    const lines = (count: number) => Array.from({ length: count }, (_, at) => `${'az'[at % 2]}${at},x,1\n`).join('')
    const files = [
      await depot.write('a.csv', `code,title,price\n${lines(1_201)}`),
      await depot.write('b.csv', `code,title,price\nshort\n${lines(501)}`),
    ]
    const { id } = await depot.ingest(files, { chunkBytes: 700 })
    const rejects = JSON.parse(await exported(depot, id, { format: 'json' })) as RejectJson[]
    const wanted = [1_201, 502].flatMap((count) => Array.from({ length: count }, (_, at) => at + 2))
    expect(rejects.map(({ line }) => line)).toEqual(wanted)
  })
})

describe('the command "rejects"', () => {
  test('prints what the library exports, for a run or the latest one', async () => {
    const { depot, run } = await rejecting(sqlite)
    for (const format of ['csv', 'json', 'ndjson'] as const) {
      const { code, stdout, stderr } = await shardyard(depot, ['rejects', 'latest', '--format', format])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toBe(await exported(depot, run, { format }))
    }
    const { stdout } = await shardyard(depot, ['rejects', run, '--code', 'TOO_SHORT', '--raw'])
    expect(csvRows(stdout)).toHaveLength(1)
  }, 60_000)

  test('ends with 2 for a run that does not exist', async () => {
    const { depot } = await rejecting(sqlite)
    const { code, stdout, stderr } = await shardyard(depot, ['rejects', '0000000000000000'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('shardyard runs')
  })
})
