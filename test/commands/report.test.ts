import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { runCommand, startCommand } from '../helpers/command'
import { tempFolder } from '../helpers/temp'

const FIXTURE = join(__dirname, '../fixtures/reports/kiosk.cjs')
const BIN = join(__dirname, '../../dist/commands/bin/shardyard.js')
const CONFIG = 'config.cjs'

/** A folder with the config of the fixture's cluster. */
async function makeFolder(url = 'sqlite:shop.db'): Promise<string> {
  const folder = await tempFolder('report')
  await writeFile(join(folder, CONFIG), `module.exports = require(${JSON.stringify(FIXTURE)}).kiosk('${url}')\n`)
  return folder
}

async function report(args: string, { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {}) {
  const folder = cwd ?? (await makeFolder())
  const words = args.split(' ').filter((word) => word !== '')
  const result = await runCommand(['shardyard', 'report', ...words, '--config', CONFIG], { cwd: folder, env })
  const files = (await readdir(folder)).filter((name) => name !== CONFIG && !name.startsWith('shop.db'))
  return { ...result, files, folder }
}

describe('shardyard report', () => {
  test('writes the format that the ending says, and tells the file, its rows, size and SHA-256', async () => {
    const { code, stdout, stderr, files, folder } = await report('counted --rows 3 --output few.csv')
    const bytes = await readFile(join(folder, 'few.csv'))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect({ code, stdout, stderr, files }).toEqual({
      code: 0,
      stdout: `The report counted is in few.csv: 3 rows, 35 bytes. SHA-256: ${sha256}\n`,
      stderr: '',
      files: ['few.csv'],
    })
    expect(bytes.toString()).toBe('id,name\n1,name 1\n2,name 2\n3,name 3\n')
    const again = await report('counted --rows 3 --output few.csv --format ndjson --json', { cwd: folder })
    expect(JSON.parse(again.stdout)).toMatchObject({ report: 'counted', format: 'ndjson', file: 'few.csv', rows: 3 })
  })

  test('without --output names the file after the report and its format', async () => {
    const { stdout, files } = await report('--format json everything')
    expect(files).toEqual(['everything.json'])
    expect(stdout).toContain('The report everything is in everything.json: 3 rows')
  })

  test('to standard output has the report there, and what is told of it on standard error', async () => {
    const { code, stdout, stderr, files } = await report('counted --rows 2 --format ndjson --output -')
    expect({ code, stdout, files }).toEqual({
      code: 0,
      stdout: '{"id":1,"name":"name 1"}\n{"id":2,"name":"name 2"}\n',
      files: [],
    })
    expect(stderr).toMatch(/^The report counted is in standard output: 2 rows, 50 bytes\. SHA-256: [\da-f]{64}\n$/)
  })

  test('takes the options of the report as flags, a table, and texts as they are', async () => {
    const asked = await report(
      'asked --from-day 2025-01-31 --top-count 4 --is-brief --by month --format csv --output -',
    )
    expect(asked.stdout).toBe('name,value\nname,\ntopCount,4\nisBrief,true\nfromDay,2025-01-31\nuntil,\nby,month\n')
    const raw = await report('everything --raw --table figures --format csv --output -')
    expect(raw.stdout).toContain('\nbest,=1+1\n')
  })

  test('makes a report in threads that open the databases by the same config', async () => {
    const cwd = await makeFolder()
    await runCommand(['shardyard', 'migrate', '--config', CONFIG], { cwd })
    const { stdout, stderr } = await report('parted --threads 3 --table figures --format csv --output -', { cwd })
    expect([stdout, stderr.split(':')[0]]).toEqual([
      'name,value\nthreads,3\n',
      'The report parted is in standard output',
    ])
  })

  test('has the same bytes in every time zone', async () => {
    const shas = await Promise.all(
      ['Pacific/Auckland', 'America/Chicago'].map(async (zone) => {
        const { stdout } = await report('everything --output a.xlsx', { env: { TZ: zone } })
        return stdout.split('SHA-256: ')[1]
      }),
    )
    expect(shas[0]).toMatch(/^[\da-f]{64}\n$/)
    expect(shas[1]).toBe(shas[0])
  })

  test('lists the reports and shows the flags of one while its databases are down', async () => {
    const cwd = await makeFolder('postgres://nobody@127.0.0.1:1/none')
    const [list, json, help] = await Promise.all(
      ['--list', '--list --json', 'asked --help'].map((args) => report(args, { cwd })),
    )
    expect(list?.stdout).toMatch(/\nasked +prints its options +--name --top-count --is-brief --from-day --until --by\n/)
    expect(JSON.parse(json?.stdout ?? '')).toContainEqual(
      expect.objectContaining({ name: 'endless', describe: 'never ends' }) as unknown,
    )
    for (const says of [
      'prints its options',
      /--top-count +how many \(1 to 10\)/,
      /--from-day +the first day \(as in 2025-12-31; must be given\)/,
      /--by +what makes a group \(day, month\)/,
      'report asked --from-day 2025-12-31',
      'Exit codes: 0 written',
    ])
      expect(help?.stdout).toMatch(says)
  })
})

describe('shardyard report that goes wrong', () => {
  test.each([
    ['', /^Name a report; "shardyard report --list" shows them\./],
    ['sales', /^There is no report "sales"\. There are: everything, hostile/],
    ['counted --output a.csv --nope 3', /^Unknown argument: nope/],
    ['counted --format docx', /^--format must be one of .*csv, json/],
    ['counted --output a.xls', /^--format must be one of .*; the ending of "a\.xls" is none of them\.$/m],
    [
      'asked --format csv --top-count 11 --until now',
      /--top-count must be a whole number from 1 to 10, not "11"; --from-day must be given.*--until must be a moment/,
    ],
    ['everything --output a.json --raw', /^--raw makes no difference to json; leave it out\./],
    ['everything --output none/a.csv', /Its folder does not exist/],
  ])('because of "%s" ends with 2 and a sentence, and makes nothing', async (args, says) => {
    const { code, stdout, stderr, files } = await report(args)
    expect({ code, stdout, files }).toEqual({ code: 2, stdout: '', files: [] })
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/\n\s+at |SY_/)
  })

  test('because a part fails ends with 1 and makes nothing', async () => {
    const { code, stderr, files } = await report('parted --output a.csv --threads 2')
    expect({ code, files }).toEqual({ code: 1, files: [] })
    expect(stderr).toMatch(/^Part \d of 5 of the report "parted" has failed: .*no such table/)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('because of %s ends with 130 and leaves no file', async (signal) => {
    const cwd = await makeFolder()
    const args = ['shardyard', 'report', 'endless', '--where', 'rows', '--output', 'a.csv', '--config', CONFIG]
    const child = startCommand(args, { cwd })
    const told = text(child.stderr)
    while (!(await readdir(cwd)).some((name) => name.endsWith('.tmp'))) await delay(20)
    await delay(100)
    child.kill(signal)
    const [code] = (await once(child, 'close')) as [number]
    expect({ code, stderr: await told, files: await readdir(cwd) }).toEqual({
      code: 130,
      stderr: 'Interrupted; nothing was written. The same command makes the report.\n',
      files: [CONFIG],
    })
  })

  test('because the reader of standard output goes away ends with 0 and says nothing', async () => {
    const args = [
      'shardyard',
      'report',
      'endless',
      '--where',
      'rows',
      '--format',
      'csv',
      '--output',
      '-',
      '--config',
      CONFIG,
    ]
    const child = startCommand(args, { cwd: await makeFolder() })
    child.stdout.once('data', () => child.stdout.destroy())
    const [[code], stderr] = await Promise.all([once(child, 'close'), text(child.stderr)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  const onFull = existsSync('/dev/full') ? test : test.skip
  onFull('because standard output is full (/dev/full) ends with 1 and a sentence', async () => {
    const full = openSync('/dev/full', 'w')
    const args = [BIN, 'report', 'counted', '--format', 'csv', '--output', '-', '--config', CONFIG]
    const child = spawn(process.execPath, args, { stdio: ['ignore', full, 'pipe'], cwd: await makeFolder() })
    closeSync(full)
    const [[code], stderr] = await Promise.all([once(child, 'close'), text(child.stderr as Readable)])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'Standard output cannot be written: ENOSPC: no space left on device, write. The command has stopped.\n',
    })
  })
})
