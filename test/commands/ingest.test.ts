import { once } from 'node:events'
import { appendFile, readdir } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { runCommand, startCommand, type CommandResult } from '../helpers/command'
import { ENGINES, sqliteAnd, type TestEngine } from '../helpers/engines'
import { freshDepot, makeDepot, type Depot, type OpenDepot } from '../pipeline/ingest/depot'
import { endState } from '../pipeline/ingest/end-state'
import { countsOf, expectedOf, madeFiles, type MadeFile } from '../pipeline/ingest/made-file'
import { ask } from './shop'

const [sqlite] = ENGINES as readonly [TestEngine]
const FILES = madeFiles(2)
const CSV = FILES[0] as MadeFile
const COUNTS = countsOf(expectedOf(CSV, { codes: new Set(), bytes: new Set() }))
const HEADER = 'code,title,price\n'

const argsOf = (own: Depot, args: readonly string[]) => [
  'shardyard',
  'ingest',
  ...args,
  '--into',
  'Item',
  '--config',
  own.config,
]

function run(own: Depot, args: readonly string[], input = ''): Promise<CommandResult> {
  return runCommand(argsOf(own, args), { cwd: own.folder, input })
}

async function runJson(own: Depot, args: readonly string[], input = '') {
  const { code, stdout, stderr } = await run(own, [...args, '--json'], input)
  expect([code, stderr.replaceAll(/^(?:Migrated .*|Run \w+ was not finished; it is resumed\.)\n/gm, '')]).toEqual([
    0,
    '',
  ])
  return JSON.parse(stdout) as { run: string; state: string; counts: Record<string, number>; files: object[] }
}

/** So many files of 5,000 items each, which take a while. */
async function manyFiles(depot: OpenDepot, count: number): Promise<string[]> {
  const records = (file: number) =>
    Array.from({ length: 5_000 }, (_, index) => `k${file}-${index},Lamp ${index},1.50\n`).join('')
  const contents = Array.from({ length: count }, (_, file) => HEADER + records(file))
  return Promise.all(contents.map((content, file) => depot.write(`${file}.csv`, content)))
}

/** Waits until the first rows are stored. */
async function untilAtWork(depot: OpenDepot): Promise<void> {
  const stored = () => ask(depot.engine, depot.urls['north'] ?? '', 'SELECT id FROM items LIMIT 1')
  while ((await stored()).length === 0) await sleep(5)
}

describe.each(sqliteAnd('mysql'))('shardyard ingest on $name', (engine) => {
  test('makes its tables, ingests, and prints an account that balances', async () => {
    const depot = await freshDepot(engine, 'printed')
    const empty = await makeDepot(engine, 'not migrated')
    const file = await depot.write(CSV.name, CSV.content)
    const { code, stdout, stderr } = await run(empty, [file])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Migrated "north"')
    const { accepted = 0, rejected = 0, duplicate = 0, blank = 0, header = 0 } = COUNTS
    const read = accepted + rejected + duplicate + blank + header
    expect(stdout).toContain(
      `read ${read} = accepted ${accepted} + rejected ${rejected} + duplicate ${duplicate} + blank ${blank} + header ${header}`,
    )
    expect(stdout).toMatch(/Run \w+: Item, complete/)
    expect(stdout).toMatch(/REFUSED_BY_DATABASE/)
    expect(await ask(engine, empty.urls['north'] ?? '', 'SELECT id FROM items')).toHaveLength(accepted)
  })

  test('that is killed is resumed by the same command, and ends undisturbed', async () => {
    const depot = await freshDepot(engine, 'killed command')
    const files = await Promise.all(FILES.slice(0, 4).map(({ name, content }) => depot.write(name, content)))
    const faults = { SHARDYARD_FAULTS: 'before-commit=kill@4' }
    const args = argsOf(depot, [...files, '--threads', '1'])
    expect((await runCommand(args, { cwd: depot.folder, env: faults })).signal).toBe('SIGKILL')
    const { code, stdout } = await runCommand(args, { cwd: depot.folder })
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Run \w+ was not finished; it is resumed\.\n/)])
    const alone = await freshDepot(engine, 'not killed')
    await alone.ingest(files)
    expect(await endState(depot)).toEqual(await endState(alone))
  })
})

describe('shardyard ingest', () => {
  test('reads several files and patterns in one run, each file once', async () => {
    const depot = await freshDepot(sqlite, 'patterns')
    for (const name of ['b', 'a', 'c']) await depot.write(`${name}.csv`, `${HEADER}${name},Lamp,1\n`)
    const account = await runJson(depot, ['*.csv', 'a.csv', '--threads', '1'])
    expect(account.files).toMatchObject(['a.csv', 'b.csv', 'c.csv'].map((title) => ({ title, records: 2 })))
    expect(account.counts).toMatchObject({ accepted: 3 })
  })

  test('reads standard input and gzip', async () => {
    const depot = await freshDepot(sqlite, 'input')
    const piped = await runJson(depot, ['-'], `${HEADER}a1,Lamp,1\n`)
    expect(piped).toMatchObject({ counts: { accepted: 1 }, files: [{ title: 'standard input' }] })
    await depot.write('a.csv.gz', gzipSync(`${HEADER}a1,Lamp,1\na2,Desk,1\n`))
    expect((await runJson(depot, ['a.csv.gz'])).counts).toMatchObject({ accepted: 1, duplicate: 1 })
  })

  test.each([
    ['--map', 'sku=code,label=name', 'sku,label,price\na1,Lamp,1\n'],
    ['--header', 'code,name,price', 'a1,Lamp,1\n'],
    ['--delimiter', ';', 'code;name;price\na1;"Lamp, new";1\n'],
    ['--encoding', 'windows-1254', Buffer.from('code,name,price\na1,I\xfe\xfdk,1\n', 'latin1')],
    ['--format', 'ndjson', '{"code":"a1","name":"Lamp","price":1}'],
    ['--path', 'items', '{"more":[{}],"items":[{"code":"a1","name":"Lamp","price":1}]}'],
  ])('reads a file as %s %s says', async (flag, value, content) => {
    const depot = await freshDepot(sqlite, 'flag')
    await depot.write('file', content)
    expect((await runJson(depot, ['file', flag, value])).counts).toMatchObject({ accepted: 1, rejected: 0 })
  })

  test.each([
    ['a file that is not there', ['nowhere.csv'], /"nowhere\.csv" cannot be read/],
    ['a pattern that nothing fits', ['*.nothing'], /No file fits "\*\.nothing"/],
    ['a folder', ['.'], /is a folder/],
    ['an entity that is not placed', ['a.csv', '--into', 'Nobody'], /No entity is named "Nobody"/],
    ['an encoding that is unknown', ['a.csv', '--encoding', 'nonsense'], /The encoding "nonsense" cannot be read/],
    ['a limit that is none', ['a.csv', '--max-rejects', 'some'], /`maxRejects`/],
    ['too many threads', ['a.csv', '--threads', '65'], /--threads must be a whole number from 1 to 64/],
    ['a map that is none', ['a.csv', '--map', 'a=b=c'], /--map: expected name=property/],
  ])('refuses %s with 2 and a sentence', async (_what, args, says) => {
    const own = await makeDepot(sqlite, 'refused')
    await runCommand(['shardyard', 'migrate', '--config', own.config], { cwd: own.folder })
    await appendFile(`${own.folder}/a.csv`, `${HEADER}a1,Lamp,1\n`)
    const into = args.includes('--into') ? [] : ['--into', 'Item']
    const all = ['shardyard', 'ingest', ...args, ...into, '--config', own.config]
    const { code, stdout, stderr } = await runCommand(all, { cwd: own.folder })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(says)
  })

  test('stops with 3 when more are rejected than allowed, and goes on with a higher limit', async () => {
    const depot = await freshDepot(sqlite, 'limit')
    await depot.write('a.csv', `${HEADER}a1,Lamp,1\na2,x,1\na3,y,1\n`)
    const { code, stderr } = await run(depot, ['a.csv', '--max-rejects', '25%'])
    const [, id] = /^Run (\w+) was stopped: 2 of its 4 records are rejected by now/.exec(stderr) ?? []
    expect([code, typeof id]).toEqual([3, 'string'])
    expect(await runJson(depot, ['a.csv', '--max-rejects', '50%'])).toMatchObject({ run: id, state: 'complete' })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'ends with 130 and a sentence at %s, and the same command ends undisturbed',
    async (signal) => {
      const depot = await freshDepot(sqlite, 'interrupted')
      const files = await manyFiles(depot, 12)
      const child = startCommand(argsOf(depot, [...files, '--threads', '1']), { cwd: depot.folder })
      const [end, stdout, stderr] = [once(child, 'close'), text(child.stdout), text(child.stderr)]
      await untilAtWork(depot)
      child.kill(signal)
      expect(await end).toEqual([130, null])
      expect(await stderr).toMatch(/^Run \w+ was interrupted\. The same command resumes it\.\n$/)
      expect(await stdout).not.toContain('Accepted')
      const account = await runJson(depot, [...files, '--threads', '2'])
      expect(account.counts).toMatchObject({ accepted: 60_000, rejected: 0, duplicate: 0, header: 12 })
      expect(await depot.ask('control', 'SELECT state FROM shardyard_runs')).toEqual([{ state: 'complete' }])
    },
  )

  test('ends with 2 and says so when a file is changed while it is read', async () => {
    const depot = await freshDepot(sqlite, 'changed')
    const files = await manyFiles(depot, 8)
    const child = startCommand(argsOf(depot, [...files, '--threads', '1']), { cwd: depot.folder })
    const [end, stderr] = [once(child, 'close'), text(child.stderr)]
    child.stdout.resume()
    await untilAtWork(depot)
    await appendFile(files.at(-1) ?? '', 'late,Lamp,1\n')
    expect(await end).toEqual([2, null])
    expect(await stderr).toMatch(
      /7\.csv" was changed while it was read\. Wait until it is complete, then start again\./,
    )
  })

  test('takes the entities of the shipped config, and leaves nothing else in its folder', async () => {
    const own = await makeDepot(sqlite, 'shipped', { databases: ['events', 'control'] })
    const env = { SHARDYARD_EVENTS_URL: own.urls['events'] ?? '', SHARDYARD_CONTROL_URL: own.urls['control'] ?? '' }
    const before = await readdir(own.folder)
    const input = '{"source":"shop","payload":{"metric":"sold","value":"1,200.50"},"ts":1700000000}\n{"metric":"x"}\n'
    const args = ['shardyard', 'ingest', '-', '--into', 'event', '--format', 'ndjson', '--json']
    const { code, stdout } = await runCommand(args, { cwd: own.folder, env, input })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ entity: 'Event', counts: { accepted: 1, rejected: 1 } })
    const rows = await ask(sqlite, env.SHARDYARD_EVENTS_URL, 'SELECT client, metric, amount FROM events')
    expect(rows).toEqual([{ client: 'shop', metric: 'sold', amount: 1200.5 }])
    expect(await readdir(own.folder)).toEqual(before)
  })
})
