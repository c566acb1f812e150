import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cluster, defineCluster } from 'shardyard'
import { openJobQueue } from 'shardyard/src/pipeline/jobs/open-queue'
import type { NewJob } from 'shardyard/src/pipeline/jobs/job-queue'
import { runCommand, startCommand, type CommandResult } from '../helpers/command'
import { ENGINES } from '../helpers/engines'
import { tempFolder } from '../helpers/temp'
import { redisUrl } from '../pipeline/jobs/queues'

const [sqlite] = ENGINES
const DIST = JSON.stringify(join(__dirname, '../../dist/src'))

/** A report that is quick, and one that never ends by itself. */
const CONFIG = (url: string) => `
const { defineCluster } = require(${DIST} + '/index.js')
const { defineReport } = require(${DIST} + '/pipeline/reports/define-report.js')
const model = { title: 'A quick one', asOf: new Date(0), blocks: [] }
const quick = defineReport({ name: 'quick', describe: 'Quick.', options: {}, run: async () => model })
const broken = defineReport({ name: 'broken', describe: 'Broken.', options: {}, run: async () => { throw new Error('no data') } })
const endless = defineReport({
  name: 'endless',
  describe: 'Endless.',
  options: {},
  run: ({ signal }) => new Promise((_, reject) => {
    const alive = setInterval(() => {}, 1000)
    signal.addEventListener('abort', () => { clearInterval(alive); reject(signal.reason) })
  }),
})
module.exports = defineCluster({ databases: { control: ${JSON.stringify(url)} }, placement: [], reports: [quick, broken, endless] })
`

async function openOffice(env: Readonly<Record<string, string>> = {}) {
  const folder = await tempFolder('office')
  const config = join(folder, 'config.cjs')
  const { url } = await (sqlite as NonNullable<typeof sqlite>).createDatabase('office')
  await writeFile(config, CONFIG(url))
  const run = (args: readonly string[]): Promise<CommandResult> =>
    runCommand(['shardyard', ...args, '--config', config], { cwd: folder, env })
  /** The queue's tables are made by the first command. */
  const enqueue = async (...jobs: NewJob[]) => {
    const cluster = await Cluster.open(defineCluster({ databases: { control: url }, placement: [] }))
    const queue = await openJobQueue(cluster, { url: env['SHARDYARD_QUEUE_URL'] ?? '' })
    const ids = await queue.enqueueMany(jobs)
    await queue.close()
    await cluster.close()
    return ids
  }
  const start = (args: readonly string[]) =>
    startCommand(['shardyard', ...args, '--config', config], { cwd: folder, env })
  return { folder, run, enqueue, start }
}

const report = (name: string, attempts = 1): NewJob => ({
  kind: 'report',
  data: { report: name, format: 'json' },
  attempts,
})

test('report --background stores a job, which work makes a file of', async () => {
  const { folder, run } = await openOffice()
  const stored = await run(['report', 'quick', '--format', 'html', '--background', '--json'])
  expect([stored.code, stored.stderr.replaceAll(/^Migrated .*\n/gm, '')]).toEqual([0, ''])
  const { job } = JSON.parse(stored.stdout) as { job: string }
  expect((await run(['work', '--until-idle'])).code).toBe(0)
  const shown = JSON.parse((await run(['jobs', 'show', job, '--json'])).stdout) as { result: { name: string } }
  const files = await readdir(join(folder, 'data/files'), { recursive: true })
  const file = files.find((name) => name.endsWith(shown.result.name)) ?? ''
  expect(await readFile(join(folder, 'data/files', file), 'utf8')).toContain('A quick one')
  const useless = await run(['report', 'quick', '--background', '--output', 'x.html'])
  expect([useless.code, useless.stderr]).toEqual([2, expect.stringContaining('leave --output')])
})

test('work --until-idle runs what is stored, and jobs tells of it', async () => {
  const { folder, run, enqueue } = await openOffice()
  expect(await run(['jobs'])).toMatchObject({ code: 0, stdout: 'No job is kept.\n' })
  const [quick = '', broken = ''] = await enqueue(report('quick'), report('broken'))
  const work = await run(['work', '--until-idle'])
  expect([work.code, work.stderr]).toEqual([1, ''])
  expect(work.stdout).toContain(`${quick} report complete`)
  expect(work.stdout).toContain(`${broken} report failed: no data`)
  const list = JSON.parse((await run(['jobs', '--json'])).stdout) as { jobs: { id: string; state: string }[] }
  expect(list.jobs.map(({ id, state }) => [id, state])).toEqual([
    [broken, 'failed'],
    [quick, 'complete'],
  ])
  const shown = await run(['jobs', 'show', quick])
  expect(shown.stdout).toContain(join(folder, 'data/files', quick, '1-quick.json'))
})

test('jobs retry and cancel change a job, or say why not', async () => {
  const { run, enqueue } = await openOffice()
  await run(['jobs'])
  const [id = ''] = await enqueue(report('quick'))
  expect(await run(['jobs', 'cancel', id])).toMatchObject({ code: 0, stdout: `Job ${id} is cancelled.\n` })
  expect(await run(['jobs', 'cancel', id])).toMatchObject({ code: 2, stderr: expect.stringContaining('is cancelled') })
  expect(await run(['jobs', 'retry', id])).toMatchObject({ code: 0, stdout: `Job ${id} is pending again.\n` })
})

test('work hears of a cancel, and ends on SIGTERM', async () => {
  const { run, enqueue, start } = await openOffice({ SHARDYARD_FILES: 'elsewhere' })
  await run(['jobs'])
  const [id = ''] = await enqueue(report('endless'))
  const worker = start(['work'])
  let told = ''
  const isTold = (words: string) =>
    new Promise<void>((resolve) => {
      worker.stdout.on('data', (text) => (told += String(text)).includes(words) && resolve())
    })
  const [started, cancelled] = [isTold(`${id} report started`), isTold(`${id} report cancelled`)]
  await started
  expect((await run(['jobs', 'cancel', id])).stdout).toContain('is asked to stop')
  await cancelled
  worker.kill('SIGTERM')
  expect(await new Promise((resolve) => worker.once('exit', resolve))).toBe(0)
})

test('the jobs of SHARDYARD_QUEUE_URL are those of Redis', async () => {
  const { run, enqueue } = await openOffice({ SHARDYARD_QUEUE_URL: `${redisUrl()}/9` })
  const [id = ''] = await enqueue({ ...report('quick'), key: String(Math.random()) })
  const work = await run(['work', '--until-idle'])
  expect([work.stderr, work.stdout]).toEqual(['', expect.stringContaining(`${id} report complete`)])
  expect((await run(['jobs', 'show', id])).stdout).toContain('1-quick.json')
})

test.each([
  [['jobs', 'show'], {}, 'Name the job: jobs show ID.'],
  [['jobs'], { SHARDYARD_QUEUE_URL: 'http://a:secret@b' }, 'http://a:***@b'],
])('%j (%j) is refused with exit code 2', async (args, env, sentence) => {
  const { run } = await openOffice(env)
  const { code, stderr } = await run(args)
  expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
})

test('a Redis that is not there is said, with exit code 1', async () => {
  const { run } = await openOffice({ SHARDYARD_QUEUE_URL: 'redis://127.0.0.1:1' })
  expect(await run(['jobs'])).toMatchObject({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') })
})
