/** What hostile or broken input does to an ingestion: it is refused by name, and everything else goes on. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { IngestOptions, IngestSource } from 'shardyard/src/pipeline/ingest/ingest-options'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { freshDepot, type OpenDepot } from './depot'
import { endState, linesOf } from './end-state'
import { afterChunks } from './failing'
import { shardyard } from './exporting'

const [sqlite] = ENGINES as readonly [TestEngine]
const HEADER = 'code,title,price\n'
const UNREADABLE = { code: 'SY_SOURCE_UNREADABLE' }

const fresh = () => freshDepot(sqlite, 'threat')

/** Ingests; answers the codes of each refused record. */
async function codesOf(depot: OpenDepot, sources: readonly IngestSource[], options: Partial<IngestOptions> = {}) {
  const { id } = await depot.ingest(sources, options)
  const rejected = (await linesOf(depot, id)).filter(({ outcome }) => outcome === 'rejected')
  return rejected.map(({ reasons }) => reasons.map(({ code }) => code))
}

describe('a source that is no file of records', () => {
  test.each(['/dev/zero', '/dev/random', '/tmp'])('(%s) is refused at once', async (path) => {
    const depot = await fresh()
    await expect(depot.ingest([path])).rejects.toMatchObject(UNREADABLE)
  })

  test('(a socket) is refused at once', async () => {
    const depot = await fresh()
    const path = join(depot.folder, 'socket')
    const server = createServer().listen(path)
    removeAtEnd(() => new Promise((resolve) => server.close(() => resolve())))
    await expect(depot.ingest([path])).rejects.toMatchObject(UNREADABLE)
  })

  test.each(['/proc/self/status', '/proc/self/mem'])('(%s) ends at once and stores nothing', async (path) => {
    const depot = await fresh()
    await depot.ingest([path]).catch((error: unknown) => expect(error).toMatchObject(UNREADABLE))
    expect(await depot.ask('north', 'SELECT * FROM items')).toEqual([])
  })

  test('(a pipe that nobody writes to) is waited for until the call is stopped', async () => {
    const depot = await fresh()
    const path = join(depot.folder, 'pipe')
    execFileSync('mkfifo', [path])
    const ended = depot.ingest([path], { signal: AbortSignal.timeout(300) })
    await expect(ended).rejects.toThrow()
  })

  test.each([
    'http://127.0.0.1:1/a.csv',
    'file:///etc/hostname',
    'ftp://example.com/a',
    'gs://bucket/a',
    '\\\\host\\a',
    'a\0b',
  ])('(%j) is a path like any other, of a file that is not there', async (path) => {
    const depot = await fresh()
    await expect(depot.ingest([path])).rejects.toMatchObject(UNREADABLE)
  })
})

describe('a file that changes while it is read', () => {
  const CHANGES: readonly [title: string, change: (file: string) => void][] = [
    ['grows', (file) => appendFileSync(file, 'late,Lamp,1\n')],
    ['shrinks', (file) => truncateSync(file, 300)],
    ['is written anew', (file) => writeFileSync(file, `${HEADER}${'z9,Desk,1\n'.repeat(100)}`)],
    ['is touched', (file) => utimesSync(file, new Date(), new Date(Date.now() + 5_000))],
  ]
  test.each(CHANGES)('(it %s) does not count as read', async (_, change) => {
    const depot = await fresh()
    const rows = Array.from({ length: 100 }, (__, at) => `a${at},Lamp,1\n`).join('')
    const file = await depot.write('a.csv', HEADER + rows)
    const ended = depot.ingest([file], { chunkBytes: 100, onEvent: afterChunks(2, () => change(file)) })
    await expect(ended).rejects.toMatchObject(UNREADABLE)
    const [run] = await depot.ask('control', 'SELECT state FROM shardyard_runs')
    expect(run).toEqual({ state: 'incomplete' })
  })
})

describe('packed files', () => {
  test('that unpack to a thousand times their size are refused before anything is stored', async () => {
    const depot = await fresh()
    const file = await depot.write('bomb.csv.gz', gzipSync(Buffer.from(`${HEADER}${'a1,Lamp,1\n'.repeat(3_000_000)}`)))
    await expect(depot.ingest([file])).rejects.toMatchObject(UNREADABLE)
    expect(await depot.ask('control', 'SELECT * FROM shardyard_runs')).toEqual([])
  })

  test('within packed files are refused', async () => {
    const depot = await fresh()
    const file = await depot.write('a.csv.gz', gzipSync(gzipSync(`${HEADER}a1,Lamp,1\n`)))
    await expect(depot.ingest([file])).rejects.toMatchObject({
      ...UNREADABLE,
      message: expect.stringContaining('gzip inside gzip'),
    })
  })

  test('that are cut off are refused', async () => {
    const depot = await fresh()
    const file = await depot.write('a.csv.gz', gzipSync(`${HEADER}a1,Lamp,1\n`).subarray(0, -4))
    await expect(depot.ingest([file])).rejects.toMatchObject(UNREADABLE)
  })
})

test.each([
  ['digits', '9'.repeat(50_000)],
  ['separators', `1${',000'.repeat(20_000)}x`],
  ['spaces', `${' '.repeat(100_000)}x${' '.repeat(100_000)}!`],
  ['signs', '-'.repeat(50_000)],
  ['dates', '1.'.repeat(40_000)],
  ['apostrophes', `${"'".repeat(100_000)}=`],
  ['letters', `${'aA_ -'.repeat(20_000)}@`],
])(
  'A value of very many %s is judged fast',
  async (_, text) => {
    const depot = await fresh()
    const startedAt = performance.now()
    const records = [{ code: text, title: text, price: text, day: text, [text]: 1 }]
    expect(await codesOf(depot, [records])).toHaveLength(1)
    await shardyard(depot, ['rejects', 'latest'])
    expect(performance.now() - startedAt).toBeLessThan(15_000)
  },
  30_000,
)

describe('names that would reach a prototype', () => {
  afterEach(() => expect(Object.keys(Object.prototype)).toEqual([]))

  test.each(['__proto__', 'constructor', 'prototype'])('(%s) are refused as columns', async (name) => {
    const depot = await fresh()
    const file = await depot.write('a.csv', `code,title,price,${name}\na1,Lamp,1,x\n`)
    await expect(depot.ingest([file])).rejects.toMatchObject(UNREADABLE)
  })

  test.each(['__proto__', 'constructor', 'prototype'])('(%s) cost a JSON record, also deep inside it', async (name) => {
    const depot = await fresh()
    const records = [
      `{"code":"a1","title":"Lamp","price":"1","${name}":{"name":"x"}}`,
      `{"code":"a2","deep":[{"${name}":1}]}`,
    ]
    const file = await depot.write('a.ndjson', `${records.join('\n')}\n{"code":"a3","title":"Lamp","price":"1"}\n`)
    expect(await codesOf(depot, [file])).toEqual([['FORBIDDEN_KEY'], ['FORBIDDEN_KEY']])
    expect(await depot.ask('north', 'SELECT code FROM items')).toEqual([{ code: 'a3' }])
  })

  test.each([
    '__proto__=name',
    'title=__proto__',
    'constructor=name',
    'title=constructor',
    'title=toString',
    '/__proto__/x=name',
  ])(
    '(--map %s) end the command with 2, or feed nothing',
    async (map) => {
      const depot = await fresh()
      const file = await depot.write('a.csv', `${HEADER}a1,Lamp,1\n`)
      const { code, stderr } = await shardyard(depot, ['ingest', file, '--into', 'Item', '--map', map])
      expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, lines: 1 })
    },
    30_000,
  )
})

describe('JSON that is made to hurt', () => {
  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  const keys = (count: number) => Array.from({ length: count }, (_, at) => `"k${at}":1`).join(',')
  const BOMBS: readonly [title: string, record: string, code: string][] = [
    ['nested a hundred thousand times', `{"code":"a1","x":${deep(100_000)}}`, 'TOO_DEEP'],
    ['of fifty thousand keys', `{${keys(50_000)}}`, 'TOO_MANY_KEYS'],
    ['with a number of a thousand digits', `{"code":"a1","price":${'9'.repeat(1_000)}}`, 'VALUE_TOO_LONG'],
    ['with a number beyond all doubles', '{"code":"a1","price":1e999}', 'INEXACT_NUMBER'],
    ['with a key twice', '{"code":"a1","price":"1","price":"2"}', 'DUPLICATE_KEY'],
    ['with a key twice in other letters', '{"code":"a1","price":"1","\\u0070rice":"2"}', 'DUPLICATE_KEY'],
    ['longer than a record may be', `{"code":"${'x'.repeat(2 ** 20)}"}`, 'LINE_TOO_LONG'],
  ]
  test.each(BOMBS)('(%s) costs its own record', async (_, record, code) => {
    const depot = await fresh()
    const good = (name: string) => `{"code":"${name}","title":"Lamp","price":"1"}`
    const file = await depot.write('a.ndjson', `${good('a1')}\n${record}\n${good('a2')}\n`)
    expect(await codesOf(depot, [file], { format: 'ndjson' })).toEqual([[code]])
    expect(await depot.ask('north', 'SELECT code FROM items ORDER BY code')).toEqual([{ code: 'a1' }, { code: 'a2' }])
  })
})

describe('records are the same', () => {
  const outcome = async (dedupe: 'raw' | 'canonical', records: readonly string[]) => {
    const depot = await fresh()
    const file = await depot.write('a.ndjson', `${records.join('\n')}\n`)
    const { counts } = await depot.ingest([file], { into: 'Note', dedupe })
    return `${counts.accepted} accepted, ${counts.duplicate} duplicate, ${counts.rejected} rejected`
  }
  const PAIRS: readonly [title: string, records: readonly string[], raw: string, canonical: string][] = [
    ['1.0 and 1', ['{"text":"x","n":1.0}', '{"text":"x","n":1}'], '2 accepted, 0', '1 accepted, 1'],
    ['other order', ['{"text":"x","n":1}', '{"n":1,"text":"x"}'], '2 accepted, 0', '1 accepted, 1'],
    ['number and text', ['{"text":"x","n":1}', '{"text":"x","n":"1"}'], '2 accepted, 0', '2 accepted, 0'],
    ['é as one sign and as two', ['{"text":"\u00e9"}', '{"text":"e\u0301"}'], '2 accepted, 0', '2 accepted, 0'],
    ['null and missing', ['{"text":"x","n":null}', '{"text":"x"}'], '2 accepted, 0', '2 accepted, 0'],
    ['framing', ['{"text":"a","b":"c"}', '{"text":"a\\",\\"b\\":\\"c"}'], '2 accepted, 0', '2 accepted, 0'],
  ]
  test.each(PAIRS)('by their bytes or by what they say (%s)', async (_, records, raw, canonical) => {
    expect(await outcome('raw', records)).toBe(`${raw} duplicate, 0 rejected`)
    expect(await outcome('canonical', records)).toBe(`${canonical} duplicate, 0 rejected`)
  })

  test('never because a double cannot tell two integers apart', async () => {
    const records = ['{"text":"x","n":9007199254740992}', '{"text":"x","n":9007199254740993}']
    for (const dedupe of ['raw', 'canonical'] as const) {
      expect(await outcome(dedupe, records)).toBe('0 accepted, 0 duplicate, 2 rejected')
    }
  })

  test.each(['raw', 'canonical'] as const)('only under the same names of columns (%s)', async (dedupe) => {
    const depot = await fresh()
    const files = [await depot.write('a.csv', 'text,other\nx,y\n'), await depot.write('b.csv', 'other,text\nx,y\n')]
    const { counts } = await depot.ingest(files, { into: 'Note', dedupe })
    expect(counts).toMatchObject({ accepted: 2, duplicate: 0 })
  })
})

describe.each(ENGINES)('SQL in the input of $name', (engine) => {
  const SQL = [
    `'); DROP TABLE items; --`,
    `"; DROP TABLE items; --`,
    '`; DROP TABLE items; --',
    `\\'; DROP TABLE x; --`,
    '$1 ? :a @b %s',
  ]

  test('is stored as it stands when it is a value, and means nothing as a name', async () => {
    const depot = await freshDepot(engine, 'sql')
    const records = SQL.map((title, at) => ({ code: `a${at}`, title, price: '1', [title]: title }))
    const { counts } = await depot.ingest([records])
    expect(counts).toMatchObject({ accepted: SQL.length, rejected: 0 })
    const rows = await depot.ask('north', 'SELECT name FROM items ORDER BY code')
    expect(rows.map(({ name }) => name)).toEqual(SQL)
    const header = `code,title,price,${SQL.map((name) => `"${name.replaceAll('"', '""')}"`).join(',')}`
    const csv = await depot.write('a.csv', `${header}\nb1,Lamp,1,,,,,\n`)
    expect((await depot.ingest([csv])).counts).toMatchObject({ accepted: 1 })
  })

  test('names no entity and no property', async () => {
    const depot = await freshDepot(engine, 'sql names')
    const sources = [[{ code: 'a1' }]]
    await expect(depot.ingest(sources, { into: 'items; DROP TABLE items' })).rejects.toMatchObject({
      code: 'SY_ENTITY_UNKNOWN',
    })
    for (const to of ['name"; DROP TABLE items; --', 'toString', 'id']) {
      await expect(depot.ingest(sources, { map: { code: to } })).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
    }
  })
})

describe('what a command prints', () => {
  test('holds nothing of the records, whatever becomes of them', async () => {
    const depot = await fresh()
    const rows = ['a1,Secret-A,1', 'a2,Secret-B,none', 'a1,Secret-A,1', 'Secret-C', 'a3,Forbidden,1', 'a1,Secret-D,7']
    const file = await depot.write('a.csv', `${HEADER}${rows.join('\n')}\n`)
    const { code, stdout, stderr } = await shardyard(depot, ['ingest', file, '--into', 'Item'])
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain('Secret')
    const json = await shardyard(depot, ['ingest', file, '--into', 'Item', '--json'])
    expect(json.stdout + json.stderr).not.toContain('Secret')
  }, 30_000)

  test('of a run that fails holds nothing of the records', async () => {
    const depot = await fresh()
    await depot.ask('north', 'ALTER TABLE items RENAME COLUMN price TO cost')
    const file = await depot.write('a.csv', `${HEADER}a1,Secret-A,1\n`)
    const { code, stdout, stderr } = await shardyard(depot, ['ingest', file, '--into', 'Item', '--wait', '1'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Run \w+ has stopped before its end\. [^\n]*price[^\n]* resumes the run\.\n$/)
    expect(stdout + stderr).not.toContain('Secret')
  }, 30_000)
})

describe('text in disguise', () => {
  test.each([
    ['a Cyrillic letter', 'с\u043ede'],
    ['a character of no width', 'co\u200bde'],
    ['a character that turns text around', '\u202ecode'],
    ['full-width letters', '\uff43\uff4f\uff44\uff45'],
    ['a soft hyphen', 'co\u00adde'],
  ])('(%s in the name of a column) feeds nothing', async (_, name) => {
    const depot = await fresh()
    const file = await depot.write('a.csv', `${name},title,price\na1,Lamp,1\n`)
    const [codes] = await codesOf(depot, [file])
    expect(codes).toHaveLength(1)
    expect(await depot.ask('north', 'SELECT * FROM items')).toEqual([])
  })

  const TEXT = `${HEADER}a1,Şamdan,1\n`
  test.each([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${TEXT}`)],
    ['UTF-16LE with a mark', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
    ['UTF-16BE with a mark', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16()],
  ])('(%s) is read as what it says', async (_, bytes) => {
    const depot = await fresh()
    await depot.ingest([await depot.write('a.csv', bytes)])
    expect(await depot.ask('north', 'SELECT code, name FROM items')).toEqual([{ code: 'a1', name: 'Şamdan' }])
  })

  test('(bytes that are not UTF-8) costs its own record', async () => {
    const depot = await fresh()
    const bytes = Buffer.concat([Buffer.from(`${HEADER}a1,L`), Buffer.of(0xfe), Buffer.from('mp,1\na2,Lamp,1\n')])
    expect(await codesOf(depot, [await depot.write('a.csv', bytes)])).toEqual([['INVALID_ENCODING']])
    expect(await depot.ask('north', 'SELECT code FROM items')).toEqual([{ code: 'a2' }])
  })

  test('(a NUL or an invalid header) ends the call before anything is stored', async () => {
    const depot = await fresh()
    const before = await endState(depot)
    for (const header of [
      Buffer.from('co\0de,title\n'),
      Buffer.concat([Buffer.from('code,t'), Buffer.of(0xfe), Buffer.from('\n')]),
    ]) {
      await expect(depot.ingest([await depot.write('a.csv', header)])).rejects.toMatchObject(UNREADABLE)
    }
    expect(await endState(depot)).toEqual(before)
  })
})
