/** Reports that are too long for the suite that runs each time. */
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCommand, startCommand } from '../helpers/command'
import { tempFolder } from '../helpers/temp'
import { partsOf } from '../pipeline/reports/zip-parts'

const FIXTURE = join(__dirname, '../fixtures/reports/kiosk.cjs')
const PEAK_MEMORY = join(__dirname, '../../bench/peak-memory.cjs')
const ROWS = 1_100_000
const MEMORY_MAX_MB = 200

async function makeFolder(): Promise<string> {
  const folder = await tempFolder('long report')
  await writeFile(join(folder, 'config.cjs'), `module.exports = require('${FIXTURE}').kiosk('sqlite:shop.db')\n`)
  return folder
}

function args(report: string, output: string, ...more: readonly string[]): string[] {
  return ['shardyard', 'report', report, '--output', output, '--config', 'config.cjs', ...more]
}

test.each(['csv', 'json', 'ndjson', 'xlsx'])(
  'a million rows become %s in bounded memory',
  async (format) => {
    const cwd = await makeFolder()
    const env = { NODE_OPTIONS: `--require ${PEAK_MEMORY}` }
    const { code, stdout } = await runCommand(args('counted', `a.${format}`, '--rows', String(ROWS)), {
      cwd,
      env,
      timeoutMs: 120_000,
    })
    expect({ code, said: stdout.includes('1,100,000 rows') }).toEqual({ code: 0, said: true })
    expect(Number(await readFile(join(cwd, 'peak-memory'), 'utf8'))).toBeLessThanOrEqual(MEMORY_MAX_MB)
  },
  150_000,
)

test('rows beyond those of a sheet stand in another one', async () => {
  const cwd = await makeFolder()
  await runCommand(args('counted', 'a.xlsx', '--rows', String(ROWS)), { cwd, timeoutMs: 120_000 })
  const parts = partsOf(await readFile(join(cwd, 'a.xlsx')), (name) => !name.endsWith('sheet2.xml'))
  expect(parts.get('xl/workbook.xml')).toContain('<sheet name="rows (2)" sheetId="3" r:id="rId3"/>')
  const second = parts.get('xl/worksheets/sheet3.xml') ?? ''
  expect([second.match(/<row /g)?.length, second.includes('<v>1048576</v>')]).toEqual([ROWS - 1_048_575 + 1, true])
  expect(parts.get('xl/worksheets/sheet1.xml')).toContain('<v>1048575</v>')
}, 150_000)

test('a report that is killed at any moment leaves what was there before', async () => {
  const cwd = await makeFolder()
  for (let times = 0; times < 12; times++) {
    await writeFile(join(cwd, 'a.csv'), 'before')
    const child = startCommand(args('endless', 'a.csv', '--where', 'rows'), { cwd })
    while (!(await readdir(cwd)).some((name) => name.endsWith('.tmp'))) await sleep(5)
    await sleep(times * 25)
    const ended = once(child, 'close')
    child.kill('SIGKILL')
    await ended
    expect(await readFile(join(cwd, 'a.csv'), 'utf8')).toBe('before')
    for (const name of await readdir(cwd)) if (name.endsWith('.tmp')) await rm(join(cwd, name))
  }
}, 120_000)

test('a part that takes all memory fails the report, and the command goes on to say so', async () => {
  const cwd = await makeFolder()
  await runCommand(['shardyard', 'migrate', '--config', 'config.cjs'], { cwd })
  const { code, stderr } = await runCommand(args('parted', 'a.csv', '--trouble', 'memory', '--threads', '2'), {
    cwd,
    timeoutMs: 60_000,
  })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^A thread died at part 3 of 5 of the report "parted": .*memory limit/)
}, 90_000)

test('a part that never gives way is ended by Ctrl-C all the same', async () => {
  const cwd = await makeFolder()
  await runCommand(['shardyard', 'migrate', '--config', 'config.cjs'], { cwd })
  const child = startCommand(args('parted', 'a.csv', '--trouble', 'spin', '--threads', '2'), { cwd })
  await sleep(3_000)
  const ended = once(child, 'close')
  child.kill('SIGINT')
  expect((await ended)[0]).toBe(130)
  expect(await readdir(cwd)).not.toContain('a.csv')
}, 90_000)
