import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cluster, defineCluster, migrate } from 'shardyard'
import { EmbeddedQueue } from 'shardyard/src/pipeline/jobs/embedded-queue'
import { JobFiles, jobFileOf } from 'shardyard/src/pipeline/jobs/job-files'
import { JobRunner, type JobEvent, type JobHandler } from 'shardyard/src/pipeline/jobs/job-runner'
import { reportHandlers, reportJob } from 'shardyard/src/pipeline/jobs/report-job'
import { defineReport } from 'shardyard/src/pipeline/reports/define-report'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'
import { jobOf } from './queues'

const [sqlite] = ENGINES
const model = (title: string) => ({ title, asOf: new Date(0), blocks: [] })
let failingParts: number[] = []
let computed: number[] = []

const plain = defineReport({
  name: 'plain',
  describe: 'Made in one go.',
  options: { title: { type: 'string', describe: 'What it says.', required: true } },
  run: ({ options }) => Promise.resolve(model(`It says ${options.title}`)),
})

const parted = defineReport({
  name: 'parted',
  describe: 'Made of parts.',
  options: { upTo: { type: 'integer', describe: 'Parts.', default: 3 } },
  partitions: {
    split: ({ options }) => Promise.resolve(Array.from({ length: options.upTo }, (_, index) => index + 1)),
    compute(_context, part: number) {
      computed.push(part)
      if (failingParts.includes(part)) return Promise.reject(new Error(`part ${part} is broken`))
      return Promise.resolve(part * 10)
    },
  },
  run: (_context, results: readonly number[]) => Promise.resolve(model(`Parts ${results.join(' + ')}`)),
})

async function openOffice() {
  const { url } = await (sqlite as NonNullable<typeof sqlite>).createDatabase('office')
  const definition = defineCluster({ databases: { control: url }, placement: [], reports: [plain, parted] })
  const cluster = await Cluster.open(definition)
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  const [queue, files] = [new EmbeddedQueue(cluster, { leaseMs: 2_000 }), new JobFiles(await tempFolder())]
  const handlers = reportHandlers(files)
  const runAll = async (beforeReport?: () => Promise<void>) => {
    const events: JobEvent[] = []
    const options = {
      pollMs: 10,
      isUntilIdle: true,
      concurrency: 2,
      onEvent: (event: JobEvent) => void events.push(event),
    }
    const report: JobHandler = async (context) => {
      await beforeReport?.()
      return handlers.report(context)
    }
    await new JobRunner(queue, { ...handlers, report }, cluster, options).run()
    return events
  }
  const textOf = async (id: string) => {
    const file = jobFileOf((await jobOf(queue, id)).result)
    return file === undefined ? undefined : readFile(await files.verify(file), 'utf8')
  }
  return { cluster, queue, files, runAll, textOf }
}

beforeEach(() => {
  failingParts = []
  computed = []
})

test('a report job leaves a file, which its result names', async () => {
  const { cluster, queue, files, runAll, textOf } = await openOffice()
  const id = await queue.enqueue(reportJob(cluster, { report: 'plain', options: { title: 'hello' }, format: 'json' }))
  await runAll()
  expect(await jobOf(queue, id)).toMatchObject({ state: 'complete', result: { job: id, name: '1-plain.json' } })
  expect(await textOf(id)).toContain('It says hello')
  expect(await files.prune(queue)).toBe(0)
})

test('a report of parts is made by a child job for each, and put together in their order', async () => {
  const { cluster, queue, runAll, textOf } = await openOffice()
  const id = await queue.enqueue(reportJob(cluster, { report: 'parted', options: { upTo: 4 }, format: 'json' }))
  await runAll()
  expect(computed.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4])
  expect((await queue.children(id)).map(({ kind, state }) => [kind, state])).toEqual(
    Array.from({ length: 4 }, () => ['report-part', 'complete']),
  )
  expect(await textOf(id)).toContain('Parts 10 + 20 + 30 + 40')
})

test('a part that fails for good fails the report; a retry makes what is missing alone', async () => {
  const { cluster, queue, runAll, textOf } = await openOffice()
  const { kind, data } = reportJob(cluster, { report: 'parted', options: { upTo: 3 }, format: 'json' })
  failingParts = [2]
  const id = await queue.enqueue({ kind, data })
  const running = runAll()
  // Its attempts rest for a second and longer; the test does not.
  const resting = setInterval(() => void cluster.database('control').query('UPDATE shardyard_jobs SET "dueAt" = 0'), 20)
  await running
  clearInterval(resting)
  expect(await jobOf(queue, id)).toMatchObject({ state: 'failed', error: { code: 'JOB_CHILD_FAILED' } })
  failingParts = []
  computed = []
  await queue.retry(id)
  await runAll()
  expect(computed).toEqual([2])
  expect(await textOf(id)).toContain('Parts 10 + 20 + 30')
})

test('a part whose file was damaged is made again', async () => {
  const { cluster, queue, files, runAll, textOf } = await openOffice()
  const id = await queue.enqueue(reportJob(cluster, { report: 'parted', options: { upTo: 3 }, format: 'json' }))
  await runAll(async () => {
    const [first] = await queue.children(id)
    if (first !== undefined) await writeFile(join(files.folder, first.id, `${first.fence}-part.json`), '999')
  })
  expect(computed.filter((part) => part === 1)).toHaveLength(2)
  expect(await textOf(id)).toContain('Parts 10 + 20 + 30')
})

test('a request that cannot be made is refused before it is stored, and by the worker for good', async () => {
  const { cluster, queue, runAll } = await openOffice()
  expect(() => reportJob(cluster, { report: 'no-such', format: 'json' })).toThrow(/no-such/)
  expect(() => reportJob(cluster, { report: 'plain', options: { title: 'x' }, format: 'doc' as never })).toThrow(
    /format/,
  )
  const hostile = [{ report: '../etc', format: 'json' }, { report: 'plain', format: 'json', options: [] }, 'text', null]
  const ids = await queue.enqueueMany(hostile.map((data) => ({ kind: 'report', data: data as never })))
  await runAll()
  for (const id of ids) {
    expect(await jobOf(queue, id)).toMatchObject({ state: 'failed', failures: 1, error: { code: 'SY_OPTION_INVALID' } })
  }
})
