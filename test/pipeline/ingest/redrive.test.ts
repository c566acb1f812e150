import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { redriveFile, redriveRun } from 'shardyard/src/pipeline/ingest/redrive'
import { traceLine } from 'shardyard/src/pipeline/ingest/trace'
import { ENGINES, sqliteAnd, type TestEngine } from '../../helpers/engines'
import { freshDepot, type OpenDepot } from './depot'
import { endState } from './end-state'
import { csvRows, csvText, exported, runOf, shardyard } from './exporting'

const [sqlite] = ENGINES as readonly [TestEngine]

const CSV = 'code,title,price,day\na1,Lamp,1,\na2,Desk,12 apples,31.12.2024\na3,"Big\nbed",none,\na4,Sofa\n'

/** Ingests a file with three rejects; answers them as rows of an export. */
async function rejecting(engine: TestEngine = sqlite) {
  const depot = await freshDepot(engine, 'redrive')
  const { id } = await depot.ingest([await depot.write('a.csv', CSV)])
  const rows = csvRows(await exported(depot, id, { format: 'csv' }))
  expect(rows).toHaveLength(3)
  return { depot, id, rows }
}

const CORRECTED = [{ price: '12' }, { price: '5.50' }, { reject_raw: 'a4,Sofa,7,' }]
const correct = (rows: readonly Record<string, string>[]) => rows.map((row, at) => ({ ...row, ...CORRECTED[at] }))

const pricesOf = async (depot: OpenDepot) =>
  (await depot.ask('north', 'SELECT code, price FROM items ORDER BY code')).map(
    ({ code, price }) => `${String(code)} ${Number(price)}`,
  )

describe.each(sqliteAnd('postgres'))('rejects of $name', (engine) => {
  test('are loaded from a corrected CSV, and twice is no more than once', async () => {
    const { depot, rows } = await rejecting(engine)
    const file = await depot.write('rejects.csv', csvText(correct(rows)))
    const account = await redriveFile(depot.cluster, file)
    expect(account.counts).toMatchObject({ accepted: 3, rejected: 0, duplicate: 0 })
    expect(await pricesOf(depot)).toEqual(['a1 1', 'a2 12', 'a3 5.5', 'a4 7'])
    const again = await redriveFile(depot.cluster, file)
    expect(again.counts).toMatchObject({ accepted: 0, rejected: 0, duplicate: 3 })
    expect(await pricesOf(depot)).toHaveLength(4)
  })

  test('are loaded from a corrected NDJSON', async () => {
    const { depot, id } = await rejecting(engine)
    const lines = (await exported(depot, id, { format: 'ndjson' })).trimEnd().split('\n')
    const corrected = lines.map((line, at) => {
      const reject = JSON.parse(line) as { record?: object }
      return JSON.stringify(
        at === 2
          ? { ...reject, raw: CORRECTED[2]?.reject_raw }
          : { ...reject, record: { ...reject.record, ...CORRECTED[at] } },
      )
    })
    const account = await redriveFile(depot.cluster, await depot.write('rejects.ndjson', corrected.join('\n')))
    expect(account.counts).toMatchObject({ accepted: 3, rejected: 0 })
    expect(await pricesOf(depot)).toEqual(['a1 1', 'a2 12', 'a3 5.5', 'a4 7'])
  })

  test('are loaded once the map is right', async () => {
    const depot = await freshDepot(engine, 'map')
    const file = await depot.write('a.csv', 'code,title,a,b\na1,Lamp,x,1\na2,Desk,y,2\n')
    const { id, counts } = await depot.ingest([file], { map: { a: 'price' } })
    expect(counts).toMatchObject({ accepted: 0, rejected: 2 })
    const account = await redriveRun(depot.cluster, await runOf(depot, id), { map: { b: 'price' } })
    expect(account.counts).toMatchObject({ accepted: 2, rejected: 0, header: 0 })
    expect(await pricesOf(depot)).toEqual(['a1 1', 'a2 2'])
    const again = await redriveRun(depot.cluster, await runOf(depot, id), { map: { b: 'price' } })
    expect(again.counts).toMatchObject({ accepted: 0, rejected: 0, duplicate: 2 })
  })

  test('that the fixed file brings again are duplicates of their corrections', async () => {
    const { depot, rows } = await rejecting(engine)
    await redriveFile(depot.cluster, await depot.write('rejects.csv', csvText(correct(rows))))
    const fixed = CSV.replace('12 apples', '12').replace('none', '5.50').replace('a4,Sofa', 'a4,Sofa,7,')
    const account = await depot.ingest([await depot.write('fixed.csv', fixed)])
    expect(account.counts).toMatchObject({ accepted: 0, rejected: 0, duplicate: 4 })
  })
})

describe('rejects that are loaded again', () => {
  test('and refused again are told by the new run, and the account of the old one stays', async () => {
    const { depot, id } = await rejecting()
    const run = await runOf(depot, id)
    const account = await redriveRun(depot.cluster, run)
    expect(account.id).not.toBe(id)
    expect(account.counts).toMatchObject({ accepted: 0, rejected: 3 })
    expect((await runOf(depot, id)).finishedAt).toEqual(run.finishedAt)
    const [second] = csvRows(await exported(depot, account.id, { format: 'csv' })).slice(1)
    expect(second).toMatchObject({ code: 'a3', title: 'Big\nbed', price: 'none' })
  })

  test('can be corrected in the export of the second run as well', async () => {
    const { depot, id } = await rejecting()
    const { id: second } = await redriveRun(depot.cluster, await runOf(depot, id))
    const rows = csvRows(await exported(depot, second, { format: 'csv' }))
    const account = await redriveFile(depot.cluster, await depot.write('rejects.csv', csvText(correct(rows))))
    expect(account.counts).toMatchObject({ accepted: 3, rejected: 0 })
  })

  test('show the reject they come from', async () => {
    const { depot, id, rows } = await rejecting()
    const file = await depot.write('rejects.csv', csvText(correct(rows)))
    await redriveFile(depot.cluster, file)
    const [north] = await depot.ask('north', `SELECT id FROM items WHERE code = 'a3'`)
    const { stdout } = await shardyard(depot, ['trace', 'Item', String(north?.['id'])])
    expect(stdout).toContain(`redriven reject ${rows[1]?.['reject_id']}, line 4 of its file`)
    expect(rows[1]?.['reject_id']).toMatch(new RegExp(`^${id}:0:\\d+$`))
    const [trace] = await traceLine(depot.cluster, join(depot.folder, 'a.csv'), 5)
    expect(trace).toMatchObject({ run: id, outcome: 'rejected' })
  })

  test('from several files of several shapes each keep theirs', async () => {
    const depot = await freshDepot(sqlite, 'shapes')
    const files = [
      await depot.write('a.csv', 'code;title;price\nc1;Lamp;x\n'),
      await depot.write('b.ndjson', '{"code":"n1","title":"Desk","price":"x"}\n'),
      await depot.write(
        'c.json',
        '[{"code":"j1","title":"Sofa","price":"x"},\n{"code":"j2","title":"Bed","price":[1]}]',
      ),
      await depot.write('d.csv', Buffer.from('\ufeffcode,title,price\nu1,Şam,x\nu2,Şam', 'utf16le')),
    ]
    const { id, counts } = await depot.ingest(files)
    expect(counts).toMatchObject({ accepted: 0, rejected: 6 })
    const untouched = await redriveRun(depot.cluster, await runOf(depot, id))
    expect(untouched.counts).toMatchObject({ accepted: 0, rejected: 6 })
    const rows = csvRows(await exported(depot, id, { format: 'csv' })).map((row) =>
      row['reject_raw'] === '' ? { ...row, price: '3' } : { ...row, reject_raw: 'u2,Şam,3' },
    )
    const account = await redriveFile(depot.cluster, await depot.write('rejects.csv', csvText(rows)))
    expect(account.counts).toMatchObject({ accepted: 6, rejected: 0 })
    const [turkish] = await depot.ask('north', `SELECT name FROM items WHERE code = 'u2'`)
    expect(turkish).toEqual({ name: 'Şam' })
  })

  const BROKEN: readonly [file: string, text: string, rejected: number][] = [
    ['a.csv', 'code,title,price\n"a1,Lamp,1\na2,x,1\na3,"La"mp,1\na4,y,1\n"a5,Lamp,1', 5],
    ['a.ndjson', '{"code":"a2","title":"x"}\n{"code":"a1"\n}}\n[1]\n{"code":"a3","title":"y"}\n', 5],
    ['a.json', '[{"code":"a2","title":"x"},\n{"code":"a3",,"title":"y"},\n{"code":"a4","title":"z"},7]', 4],
  ]
  test.each(BROKEN)('and cannot be read (%s) do no harm to those beside them', async (name, text, rejected) => {
    const format = name.slice(2) as 'csv' | 'json' | 'ndjson'
    const depot = await freshDepot(sqlite, 'broken')
    const { id, counts } = await depot.ingest([await depot.write(name, text)], { format })
    expect(counts).toMatchObject({ accepted: 0, rejected })
    const account = await redriveRun(depot.cluster, await runOf(depot, id))
    expect(account.counts).toMatchObject({ accepted: 0, rejected, blank: 0, header: 0 })
    const codesOf = (rows: readonly Record<string, string>[]) =>
      rows.map((row) => [row['reject_codes'], row['reject_raw']])
    const before = csvRows(await exported(depot, id, { format: 'csv' }))
    expect(codesOf(csvRows(await exported(depot, account.id, { format: 'csv' })))).toEqual(codesOf(before))
  })
})

describe('a corrected export', () => {
  const TEXTS = [
    '=1+1',
    ' =1',
    "' =1",
    '@x',
    '-1',
    '+1',
    '\t=1',
    '＝1',
    "'=1",
    "''=1",
    "'tis",
    ' spaced ',
    '"quoted"',
    'a,b;c',
    'ü😀',
  ]

  test.each(TEXTS)('gives %j back exactly, guarded or raw', async (text) => {
    for (const isRaw of [false, true]) {
      const depot = await freshDepot(sqlite, 'exact')
      const record = { code: 'a1', title: `${text}x`, price: 'none', note: text }
      const { id } = await depot.ingest([[record]])
      const rows = csvRows(await exported(depot, id, { format: 'csv', isRaw }))
      const fixed = rows.map((row) => ({ ...row, price: '1' }))
      await redriveFile(depot.cluster, await depot.write('rejects.csv', csvText(fixed)))
      const [line] = await depot.ask('north', `SELECT raw FROM shardyard_lines WHERE outcome = 'accepted'`)
      expect(JSON.parse(String(line?.['raw']))).toEqual({ ...record, price: '1' })
    }
  })

  test('keeps the kinds of JSON values: numbers, truths, lists and objects', async () => {
    const depot = await freshDepot(sqlite, 'kinds')
    const record = {
      code: 'a1',
      data: { title: 'Lamp', price: 'x' },
      n: 1.5,
      list: [1, 'two'],
      yes: true,
      none: null,
      e: '',
      s: '12',
    }
    const options = { map: { '/data/title': 'name', '/data/price': 'price' } }
    const { id, counts } = await depot.ingest([[record]], options)
    expect(counts).toMatchObject({ rejected: 1 })
    const [row] = csvRows(await exported(depot, id, { format: 'csv' }))
    const fixed = { ...row, data: '{"title":"Lamp","price":"7"}', n: '2.5' }
    const account = await redriveFile(depot.cluster, await depot.write('rejects.csv', csvText([fixed])))
    expect(account.counts).toMatchObject({ accepted: 1 })
    const [line] = await depot.ask('north', `SELECT raw FROM shardyard_lines WHERE outcome = 'accepted'`)
    expect(JSON.parse(String(line?.['raw']))).toEqual({ ...record, data: { title: 'Lamp', price: '7' }, n: 2.5 })
    expect(await pricesOf(depot)).toEqual(['a1 7'])
  })

  test('keeps columns that have the names of its own', async () => {
    const depot = await freshDepot(sqlite, 'own names')
    const file = await depot.write('a.csv', 'code,reject_raw,reject_line\na1,Lamp,none\n')
    const { id } = await depot.ingest([file], { map: { reject_raw: 'name', reject_line: 'price' } })
    const rows = csvRows(await exported(depot, id, { format: 'csv' })).map((row) => ({
      ...row,
      'record.reject_line': '4',
    }))
    const account = await redriveFile(depot.cluster, await depot.write('rejects.csv', csvText(rows)))
    expect(account.counts).toMatchObject({ accepted: 1 })
    expect(await pricesOf(depot)).toEqual(['a1 4'])
  })

  test('may have other columns and other delimiters, as a spreadsheet saves it', async () => {
    const { depot, rows } = await rejecting()
    const file = await depot.write(
      'rejects.csv',
      `\ufeffprice;day;title;code;reject_id;comment\r\n12;31.12.2024;Desk;a2;${rows[0]?.['reject_id']};mended by Ann\r\n`,
    )
    const account = await redriveFile(depot.cluster, file)
    expect(account.counts).toMatchObject({ accepted: 1, rejected: 0 })
  })
})

describe('what is no corrected export', () => {
  type Change = (rows: readonly Record<string, string>[]) => readonly Record<string, string>[]
  const id = (row: Record<string, string> | undefined) => row?.['reject_id'] ?? ''
  const WRONG: readonly [title: string, change: Change, message: RegExp][] = [
    [
      'an id that no reject has',
      (rows) => rows.map((row) => ({ ...row, reject_id: id(row).replace(/\d+$/, '99999') })),
      /:99999"/,
    ],
    [
      'an id of a run that does not exist',
      (rows) => rows.map((row) => ({ ...row, reject_id: '00000000000000:0:10' })),
      /000000:0:10"/,
    ],
    ['a changed id', (rows) => rows.map((row) => ({ ...row, reject_id: `${id(row)}x` })), /is no reject id/],
    [
      'the id of an accepted record',
      (rows) => rows.map((row) => ({ ...row, reject_id: id(row).replace(/\d+$/, '21') })),
      /:21"|twice/,
    ],
    ['no id', (rows) => rows.map(({ reject_id: _id, ...row }) => row), /is no reject id/],
    ['an id that stands there twice', (rows) => [...rows, ...rows.slice(0, 1)], /stands there twice/],
    ['a record of which nothing is left', (rows) => rows.map((row) => ({ reject_id: id(row) })), /nothing is left/],
  ]

  test.each(WRONG)(
    '(%s) is refused with 2 and in a sentence, and nothing is written',
    async (_, change, message) => {
      const { depot, rows } = await rejecting()
      const before = await endState(depot)
      const file = await depot.write('rejects.csv', csvText(change(correct(rows))))
      const { code, stdout, stderr } = await shardyard(depot, ['redrive', file])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(message)
      expect(stderr.trim().split('\n')).toHaveLength(1)
      expect(await endState(depot)).toEqual(before)
    },
    60_000,
  )

  test('(rejects of two runs) is refused with 2, and nothing is written', async () => {
    const { depot, rows } = await rejecting()
    const other = await depot.ingest([await depot.write('b.csv', CSV.replaceAll('\na', '\nb'))])
    const more = csvRows(await exported(depot, other.id, { format: 'csv' }))
    const before = await endState(depot)
    const file = await depot.write('rejects.csv', csvText(correct([...rows, ...more])))
    const { code, stderr } = await shardyard(depot, ['redrive', file])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('rejects of several runs') })
    expect(await endState(depot)).toEqual(before)
  }, 60_000)

  test('(an empty one, a run without rejects) is refused with 2', async () => {
    const depot = await freshDepot(sqlite, 'nothing')
    await depot.ingest([[{ code: 'a1', title: 'Lamp', price: '1' }]])
    const file = await depot.write('rejects.csv', 'reject_id,code\n')
    for (const what of [file, 'latest', 'nosuchrun']) {
      expect((await shardyard(depot, ['redrive', what])).code).toBe(2)
    }
  }, 60_000)
})

test('The command "redrive" takes a corrected export and a run, on worker threads, with another map', async () => {
  const { depot, rows } = await rejecting()
  const { stdout: text } = await shardyard(depot, ['rejects', 'latest'])
  expect(csvRows(text)).toEqual(rows)
  const file = join(depot.folder, 'rejects.csv')
  await writeFile(file, csvText(correct(rows).slice(0, 2)))
  const redriven = await shardyard(depot, ['redrive', file, '--json', '--threads', '2'])
  expect({ code: redriven.code, stderr: redriven.stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(redriven.stdout)).toMatchObject({ state: 'complete', counts: { accepted: 2, rejected: 0 } })
  expect(await readFile(file, 'utf8')).toBe(csvText(correct(rows).slice(0, 2)))
  const first = await shardyard(depot, [
    'redrive',
    rows[0]?.['reject_id']?.split(':')[0] ?? '',
    '--map',
    'day=price,price=day',
  ])
  expect(first.stdout).toMatch(/rejected 3/)
}, 60_000)
